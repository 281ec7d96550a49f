import { ask, signed } from "../../../../web/session.js";
import { Refused, type Problem } from "../../../../web/request.js";

/** A message's own part, as Meta has it: `{type: "text", text: {body}}`. */
export type Content = { type: string; context?: { id?: string; message_id?: string } } & Record<string, unknown>;

/** What the phone holds of one message; "sending" and "unsent" are the page's own. */
export interface Row {
  id: string;
  direction: "inbound" | "outbound";
  at: number;
  message: Content;
  state: "sending" | "unsent" | "sent" | "delivered" | "read" | "failed";
  error: string;
}

export interface Phone {
  address: string;
  number: string;
  name: string;
  at: number;
}

export interface Directory {
  phones: Phone[];
  numbers: { id: string; phone: string; name: string }[];
  tenant: { title: string; languages: string[]; region: string };
  staff: boolean; // on a machine of one's own the page is open to nobody in particular
}

/** How the last turn went, as the event log has it. */
export interface Turn {
  at: string;
  language: string;
  responder: string;
  answered: boolean | null;
  confidence: number | null;
  intents: [string, number][];
  entities: string[];
  scores: Record<string, number>;
  passages: [string, number, number][];
  refused: string | null;
  held: string | null;
  handoff: { reason: string } | null;
  flags: string[];
  stages: [string, number][];
}

/** What one phone shows; times are the server's, in seconds. */
export interface Screen {
  messages: Row[];
  more: boolean;
  window: { until: number; open: boolean; now: number };
  opted_out: boolean;
  conversation: string;
  turn: Turn | null;
}

export interface Uploaded {
  id: string;
  media_type: string;
  name: string;
  size: number;
}

export type Reported = "delivered" | "read" | "failed";

/** The requests of the page. */
export class Api {
  readonly #at = "/whatsapp/simulator";

  constructor(readonly base: string) {}

  get events(): string {
    return `${this.base}${this.#at}/events`;
  }

  directory = () => ask<Directory>(this.base, "GET", `${this.#at}/phones`);

  screen(phone: Phone, before?: number): Promise<Screen> {
    const query = new URLSearchParams({ sender: phone.address, number: phone.number, ...(before ? { before: String(before) } : {}) });
    return ask<Screen>(this.base, "GET", `${this.#at}/phone?${query}`);
  }

  send(phone: Phone, id: string, message: Content): Promise<unknown> {
    const { address, number, name } = phone;
    return ask(this.base, "POST", `${this.#at}/messages`, { sender: address, number, name, id, message });
  }

  report = (ids: readonly string[], state: Reported) => ask(this.base, "POST", `${this.#at}/statuses`, { ids, state });
  pass = (phone: Phone, hours: number) => ask(this.base, "POST", `${this.#at}/clock`, { sender: phone.address, hours });

  async upload(file: Blob, name: string): Promise<Uploaded> {
    const type = "application/octet-stream";
    const path = `${this.#at}/media?${new URLSearchParams({ name })}`;
    const answer = await signed(this.base, path, { method: "POST", body: file, headers: { "Content-Type": type } });
    const told: unknown = await answer.json().catch(() => null);
    if (answer.ok) return told as Uploaded;
    throw new Refused((told ?? { title: `HTTP ${answer.status}` }) as Problem, answer.status);
  }

  file(id: string, name = ""): string {
    return `${this.base}${this.#at}/media/${encodeURIComponent(id)}${name ? `?${new URLSearchParams({ name })}` : ""}`;
  }
}
