import { Refused, request } from "../../../../web/request.js";
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

const PAGE = 500;

/** The tenant's documents, as an admin may change them; `key` is "" where the server asks for none. */
export class Library {
  readonly #url: string;
  #key: string;
  #asked = 0;

  constructor(base: string, key: string) {
    this.#url = `${base}/rag/documents`;
    this.#key = key;
  }

  /** All of them; null where they were asked for again meanwhile: that answer knows more. */
  async list(): Promise<Entry[] | null> {
    const asked = ++this.#asked;
    const all: Entry[] = [];
    for (let after = ""; ; ) {
      const url = `${this.#url}?limit=${PAGE}&after=${encodeURIComponent(after)}`;
      const page = await request<{ documents: Entry[]; next?: string | null }>(window, url, { headers: this.#headers() });
      if (asked !== this.#asked) return null;
      all.push(...page.documents);
      if (!page.next || !page.documents.length) return all;
      after = page.next;
    }
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
      call.onload = () => {
        const problem = problemOf(call);
        if (problem) reject(new Refused(problem, call.status, undefined));
        else resolve();
      };
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

/** Why an upload was refused, if it was: a problem, or the one file's error in an answer that is none. */
function problemOf(call: XMLHttpRequest): Problem | null {
  try {
    const answer = JSON.parse(call.responseText) as Partial<Problem> & { failed?: { error: string }[] };
    if (answer.failed?.[0]) return { title: answer.failed[0].error };
    if (call.status >= 300 && answer.title) return answer as Problem;
  } catch {
    // Not ours: a proxy's page. The status says what there is to say.
  }
  return call.status >= 300 ? { title: `HTTP ${call.status}` } : null;
}
