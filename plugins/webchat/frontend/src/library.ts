import { Refused, request } from "./connection.js";
import type { Problem } from "./protocol.js";

export interface Entry {
  id: string;
  title: string;
  status: "queued" | "embedding" | "live" | "failed";
  error?: string | null;
  chunks?: number;
  version?: number;
  updated_at?: number;
}

/** The tenant's documents, as an admin may change them; `key` is "" where the server asks for none. */
export class Library {
  readonly #url: string;
  #key: string;

  constructor(base: string, key: string) {
    this.#url = `${base}/rag/documents`;
    this.#key = key;
  }

  async list(): Promise<Entry[]> {
    const { documents } = await request<{ documents: Entry[] }>(window, this.#url, { headers: this.#headers() });
    return documents;
  }

  async remove(id: string): Promise<void> {
    await request(window, `${this.#url}/${encodeURIComponent(id)}`, { method: "DELETE", headers: this.#headers() });
  }

  /** Upload one file; `progress` gets 0..1. (fetch can't tell how far an upload is.) */
  upload(file: File, progress: (part: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = new XMLHttpRequest();
      call.open("POST", this.#url);
      for (const [name, value] of Object.entries(this.#headers())) call.setRequestHeader(name, value);
      call.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0);
      call.onload = () => (call.status < 300 ? resolve() : reject(new Refused(problemOf(call), call.status, undefined)));
      call.onerror = () => reject(new TypeError("The server can't be reached."));
      const form = new FormData();
      form.append("file", file, file.name);
      call.send(form);
    });
  }

  #headers(): Record<string, string> {
    return { Accept: "application/json", ...(this.#key ? { "X-API-Key": this.#key } : {}) };
  }
}

function problemOf(call: XMLHttpRequest): Problem {
  try {
    const problem = JSON.parse(call.responseText) as Problem;
    if (problem.title) return problem;
  } catch {
    // Not ours: a proxy's page. The status says what there is to say.
  }
  return { title: `HTTP ${call.status}` };
}
