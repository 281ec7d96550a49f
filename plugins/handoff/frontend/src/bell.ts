import type { Keep } from "./keep.js";
import { nameOf } from "./names.js";
import type { Handoff, Item } from "./protocol.js";
import type { Notice } from "./tools.js";
import { fill, type Words } from "./words.js";

const QUIET_MS = 3_000; // between two tones; notifications need none, as a conversation's next takes the place of its last

/** Tells people who look elsewhere: a notification and a soft tone, each only where they asked for it. */
export class Bell {
  keep: Keep | null = null;
  talk: Words | null = null;
  me = "";
  open: (id: string) => void = () => undefined;
  #sound: AudioContext | undefined;
  #rang = 0;

  message(item: Item | undefined, preview: string, looking: boolean): void {
    if (this.talk && !looking && item?.handoff && item.handoff.agent === this.me && this.me) this.#tell(nameOf(item.contact, item.conversation, this.talk), preview, item.conversation.id);
  }

  moved(kind: string, handoff: Handoff, before: Item | undefined, by: string, me: string): void {
    if (!this.talk || by === me) return;
    const name = before ? nameOf(before.contact, before.conversation, this.talk) : this.talk.channel(handoff.channel);
    if (handoff.agent === me && (kind === "handoff.claimed" || kind === "handoff.transferred")) this.#tell(fill(this.talk.bellYours, name), handoff.summary || handoff.reason, handoff.conversation);
    else if (kind === "handoff.requested" || kind === "handoff.queued") this.#tell(this.talk.bellWaiting, handoff.summary || handoff.reason, handoff.conversation);
  }

  notice(notice: Notice): void {
    this.#tell(this.talk?.notice(notice.kind, notice.by_name) ?? "", notice.text, notice.conversation);
  }

  /** Two soft sine tones, made here: no file to fetch. */
  ring(): void {
    this.#sound ??= new AudioContext();
    const { currentTime: now, destination } = this.#sound;
    for (const [at, pitch] of [
      [0, 659],
      [0.11, 880],
    ] as const) {
      const tone = this.#sound.createOscillator();
      const gain = this.#sound.createGain();
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0, now + at);
      gain.gain.linearRampToValueAtTime(0.05, now + at + 0.015);
      gain.gain.exponentialRampToValueAtTime(0.0001, now + at + 0.35);
      tone.connect(gain).connect(destination);
      tone.start(now + at);
      tone.stop(now + at + 0.4);
    }
  }

  #tell(title: string, body: string, conversation: string): void {
    const { sound, notify } = this.keep?.choices() ?? { sound: false, notify: false };
    const now = Date.now();
    if (sound && now - this.#rang >= QUIET_MS) {
      this.#rang = now;
      this.ring();
    }
    if (!notify || !("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
    const shown = new Notification(title, { body: body.slice(0, 140), tag: conversation });
    shown.onclick = () => {
      window.focus();
      this.open(conversation);
      shown.close();
    };
  }
}
