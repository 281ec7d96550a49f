/** Opus first: the server reads it with nothing else installed. */
const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];
const BITS = 32_000; // a second: speech needs no more, and phones are on slow networks

/** Why nothing can be recorded; "" where it can. */
export function obstacle(): "" | "unsupported" | "insecure" {
  if (!window.isSecureContext) return "insecure";
  return typeof MediaRecorder === "undefined" || !navigator.mediaDevices?.getUserMedia ? "unsupported" : "";
}

/** Why a recording did not begin, from what `Recording.begin` raised. */
export function refusal(error: unknown): "notAllowed" | "noMicrophone" | "broken" {
  const name = error instanceof DOMException ? error.name : "";
  return name === "NotAllowedError" ? "notAllowed" : name === "NotFoundError" ? "noMicrophone" : "broken";
}

/** Minutes and seconds, as `0:07`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** One recording, from the moment that the microphone is on. */
export class Recording {
  readonly #chunks: Blob[] = [];
  readonly #begun = performance.now();
  readonly #recorder: MediaRecorder;
  #ended = 0;
  #meter: { context: AudioContext; analyser: AnalyserNode; samples: Float32Array<ArrayBuffer> } | null = null;

  private constructor(readonly stream: MediaStream) {
    const mimeType = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    this.#recorder = new MediaRecorder(stream, { audioBitsPerSecond: BITS, ...(mimeType ? { mimeType } : {}) });
    this.#recorder.ondataavailable = (event) => void this.#chunks.push(event.data);
    this.#recorder.start(1000);
  }

  /** Begin; raises what the browser does where there is no microphone, or where it may not be used. */
  static async begin(): Promise<Recording> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    try {
      return new Recording(stream);
    } catch (error) {
      for (const track of stream.getTracks()) track.stop();
      throw error;
    }
  }

  /** How long it is so far. */
  get seconds(): number {
    return ((this.#ended || performance.now()) - this.#begun) / 1000;
  }

  /** How loud it is just now: 0 for silence, 1 for as loud as it gets. */
  get level(): number {
    if (this.#ended) return 0;
    this.#meter ??= this.#measure();
    const { analyser, samples } = this.#meter;
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
    return Math.min(1, Math.max(0, 1 + Math.log10(power + 1e-9) / 5)); // 50 dB below full scale is the floor
  }

  /** End, switch the microphone off, and give what was recorded. */
  end(): Promise<Blob> {
    return new Promise((done) => {
      const finish = () => {
        this.#ended ||= performance.now();
        for (const track of this.stream.getTracks()) track.stop();
        void this.#meter?.context.close().catch(() => undefined);
        this.#meter = null;
        done(new Blob(this.#chunks, { type: this.#recorder.mimeType }));
      };
      if (this.#recorder.state === "inactive") return finish();
      this.#recorder.onstop = finish;
      this.#recorder.stop();
    });
  }

  #measure() {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(this.stream).connect(analyser);
    return { context, analyser, samples: new Float32Array(analyser.fftSize) };
  }
}
