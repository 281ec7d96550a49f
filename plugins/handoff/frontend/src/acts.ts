import { primary } from "../../../../web/direction.js";
import type { Desk } from "./desk.js";
import { focused } from "./focus.js";
import type { Words } from "./words.js";

/** Where an act happens, and what of the page it may move. */
export interface Scene {
  desk: Desk;
  talk: Words;
  language: string;
  /** The conversation that it is about. */
  id: string;
  compose(): void;
  /** Begin to write a tag, beside the conversation. */
  tag(): Promise<void>;
}

/** Do it in the conversation that is open; what the server says against it is told. */
export async function act(what: string, scene: Scene): Promise<void> {
  const { desk } = scene;
  try {
    await done(what, scene);
  } catch (error) {
    desk.notify(error instanceof Error ? error.message : String(error), { bad: true });
  }
}

async function done(what: string, { desk, talk, language, id, compose, tag }: Scene): Promise<unknown> {
  switch (what) {
    case "take": {
      const handoff = desk.inbox.items.get(id)?.handoff ?? desk.current?.thread?.handoff;
      const before = focused();
      const other = handoff?.state === "claimed" && handoff.agent !== desk.me?.agent.id;
      await desk.act(id, "claim", { force: !!other && desk.can.supervise });
      // The answer took a while: whoever went elsewhere meanwhile stays there.
      return focused() === before ? compose() : undefined;
    }
    case "resolve":
      await desk.act(id, "resolve");
      return desk.notify(talk.resolvedNow, { undo: () => void desk.act(id, "reopen").catch((error: Error) => desk.notify(error.message, { bad: true })) });
    case "tags":
      return tag();
    case "translate":
      return desk.current?.translate(primary(language));
    case "listen":
      await desk.api.listen(id);
      return desk.notify(talk.listening);
    default:
      if (what.startsWith("priority:")) return desk.act(id, "priority", { priority: Number(what.slice(9)) });
      return desk.act(id, what);
  }
}
