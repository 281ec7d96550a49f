/** What a player tells of one sound. */
export interface Played {
  state: "" | "loading" | "playing" | "paused" | "failed";
  /** Seconds; `whole` is 0 as long as it is not known. */
  at: number;
  whole: number;
}

interface Loaded {
  buffer: AudioBuffer;
  at: number;
}

const KEPT = 8;
const LOOK_MS = 250;
const NOTHING: Played = { state: "", at: 0, whole: 0 };

/**
 * Plays one sound at a time. By Web Audio and not by an audio element: a page that the chat is embedded in may forbid
 * media, and sound comes by requests that say who asks.
 */
export class Player {
  #context: AudioContext | undefined;
  #source: AudioBufferSourceNode | undefined;
  #begun = 0;
  #now = "";
  #clock: number | undefined;
  readonly #loaded = new Map<string, Loaded>();
  readonly #states = new Map<string, "loading" | "failed">();

  constructor(readonly changed: () => void) {}

  of(key: string): Played {
    const known = this.#loaded.get(key);
    const state = this.#states.get(key);
    if (state) return { ...NOTHING, state };
    if (!known) return NOTHING;
    const playing = this.#now === key && this.#context;
    const at = playing ? Math.min(known.buffer.duration, known.at + playing.currentTime - this.#begun) : known.at;
    return { state: playing ? "playing" : at ? "paused" : "", at, whole: known.buffer.duration };
  }

  /** Play it, go on with it, or pause it; `load` brings the sound. */
  async toggle(key: string, load: () => Promise<Blob>): Promise<void> {
    if (this.#states.get(key) === "loading") return;
    const goOn = this.#now !== key;
    this.pause();
    if (!goOn) return;
    const context = (this.#context ??= new AudioContext());
    void context.resume();
    try {
      if (!this.#loaded.has(key)) await this.#load(key, context, load);
    } catch {
      this.#states.set(key, "failed");
      this.changed();
      return;
    }
    this.#start(key, context);
  }

  pause(): void {
    const known = this.#loaded.get(this.#now);
    if (known && this.#context) known.at = this.of(this.#now).at;
    this.#stop();
  }

  close(): void {
    this.#stop();
    void this.#context?.close().catch(() => undefined);
    this.#context = undefined;
  }

  async #load(key: string, context: AudioContext, load: () => Promise<Blob>): Promise<void> {
    this.#states.set(key, "loading");
    this.changed();
    const buffer = await context.decodeAudioData(await (await load()).arrayBuffer());
    this.#states.delete(key);
    this.#loaded.set(key, { buffer, at: 0 });
    const oldest = [...this.#loaded.keys()].find((one) => one !== key);
    if (oldest && this.#loaded.size > KEPT) this.#loaded.delete(oldest);
  }

  #start(key: string, context: AudioContext): void {
    const known = this.#loaded.get(key);
    if (!known) return;
    this.#stop();
    const source = context.createBufferSource();
    source.buffer = known.buffer;
    source.connect(context.destination);
    source.onended = () => {
      if (source !== this.#source) return;
      known.at = 0;
      this.#stop();
    };
    source.start(0, known.at);
    this.#source = source;
    this.#begun = context.currentTime;
    this.#now = key;
    this.#clock = window.setInterval(this.changed, LOOK_MS);
    this.changed();
  }

  #stop(): void {
    window.clearInterval(this.#clock);
    const source = this.#source;
    this.#source = undefined;
    this.#now = "";
    source?.stop();
    this.changed();
  }
}
