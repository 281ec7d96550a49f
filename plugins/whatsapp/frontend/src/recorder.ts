import { toOgg } from "./ogg.js";

const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];

/** Why nothing can be recorded; "" where it can. */
export function obstacle(): "" | "unsupported" | "insecure" {
  if (!window.isSecureContext) return "insecure";
  return typeof MediaRecorder === "undefined" || !navigator.mediaDevices?.getUserMedia ? "unsupported" : "";
}

/** One voice note being recorded. */
export class Recording {
  readonly #chunks: Blob[] = [];
  readonly #begun = performance.now();

  private constructor(
    readonly recorder: MediaRecorder,
    readonly stream: MediaStream,
  ) {
    recorder.ondataavailable = (event) => void this.#chunks.push(event.data);
    recorder.start(1000);
  }

  /** Begin; raises what the browser does where there is no microphone or it may not be used. */
  static async begin(): Promise<Recording> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    try {
      const mimeType = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
      return new Recording(new MediaRecorder(stream, mimeType ? { mimeType } : {}), stream);
    } catch (error) {
      for (const track of stream.getTracks()) track.stop(); // nobody else would switch the microphone off
      throw error;
    }
  }

  get seconds(): number {
    return Math.floor((performance.now() - this.#begun) / 1000);
  }

  /** End, and give what was said as a phone sends it: Ogg with Opus, where the browser's own can be made that. */
  async end(): Promise<{ sound: Blob; name: string }> {
    const type = await this.#stop();
    const whole = new Blob(this.#chunks, { type });
    const ogg = type.includes("webm") ? toOgg(new Uint8Array(await whole.arrayBuffer())) : null;
    if (ogg) return { sound: new Blob([ogg], { type: "audio/ogg" }), name: "voice.ogg" };
    return { sound: whole, name: type.includes("ogg") ? "voice.ogg" : type.includes("mp4") ? "voice.m4a" : "voice.webm" };
  }

  /** End, and forget it. */
  async drop(): Promise<void> {
    await this.#stop();
    this.#chunks.length = 0;
  }

  #stop(): Promise<string> {
    return new Promise((done) => {
      const finish = () => {
        for (const track of this.stream.getTracks()) track.stop();
        done(this.recorder.mimeType);
      };
      if (this.recorder.state === "inactive") return finish();
      this.recorder.onstop = finish;
      this.recorder.stop();
    });
  }
}
