/** What the server says about documents, and the requests that ask for it. */

import { Refused } from "../../../../web/request.js";
import { OWN, signed, SignedOut } from "../../../../web/session.js";

export { Refused };

export interface Entry {
  id: string;
  title: string;
  source: string;
  namespace: string;
  version: number;
  newest: number;
  status: "queued" | "embedding" | "live" | "failed" | "stale";
  error: string;
  updated_at: number;
  tags: string[];
  owner: string;
  origin: string;
  valid_from: number | null;
  valid_until: number | null;
  valid: boolean;
  progress: { done: number; total: number };
  chunks?: number;
}

export interface Version {
  version: number;
  created_at: number;
  made_by: string;
  restored_from: number | null;
  chars: number;
  live: boolean;
}

export interface Chunk {
  n: number;
  kind: string;
  start: number;
  end: number;
  heading: string;
}

export interface Shown extends Omit<Entry, "chunks"> {
  shown: number;
  text: string;
  versions: Version[];
  chunks: Chunk[];
}

export interface Run {
  id: string;
  kind: string;
  state: "running" | "done" | "failed" | "cancelled";
  done: number;
  total: number;
  error: string;
  told: { failed?: string[]; url?: string };
}

export interface Hit {
  document: string;
  version: number;
  n: number;
  title: string;
  heading: string;
  text: string;
  answer: string;
  score: number;
  dense: number | null;
  lexical: number | null;
  dense_rank: number | null;
  lexical_rank: number | null;
  confidence: number;
}

export interface Why {
  language: string;
  dense_weight: number;
  min_confidence: number;
  ms: Record<string, number>;
  passages: Hit[];
  answer: { text: string; answered: boolean; confidence: number } | null;
}


const PAGE = 200;

/** The requests of the page: with an API key, or else as whoever is signed in. */
export class Api {
  constructor(
    readonly base: string,
    readonly key: string,
  ) {}

  list(filter: Record<string, string>, after = ""): Promise<{ documents: Entry[]; next: string | null }> {
    const query = new URLSearchParams({ ...filter, after, limit: String(PAGE) });
    return this.#ask("GET", `/rag/documents?${query}`);
  }

  show(id: string, version?: number): Promise<Shown> {
    return this.#ask("GET", `/rag/documents/${encodeURIComponent(id)}${version ? `?version=${version}` : ""}`);
  }

  change(id: string, about: Record<string, unknown>): Promise<Entry> {
    return this.#ask("PATCH", `/rag/documents/${encodeURIComponent(id)}`, about);
  }

  async remove(id: string): Promise<void> {
    await this.#ask("DELETE", `/rag/documents/${encodeURIComponent(id)}`);
  }

  restore(id: string, version: number): Promise<unknown> {
    return this.#ask("POST", `/rag/documents/${encodeURIComponent(id)}/restore`, { version });
  }

  cancel(id: string): Promise<unknown> {
    return this.#ask("POST", `/rag/documents/${encodeURIComponent(id)}/cancel`, {});
  }

  search(text: string): Promise<Why> {
    return this.#ask("POST", "/rag/search", { text });
  }

  async runs(): Promise<Run[]> {
    return (await this.#ask<{ runs: Run[] }>("GET", "/rag/runs")).runs;
  }

  page(url: string): Promise<Run> {
    return this.#ask("POST", "/rag/runs", { url });
  }

  stop(run: string): Promise<Run> {
    return this.#ask("POST", `/rag/runs/${encodeURIComponent(run)}/cancel`, {});
  }

  refresh(): Promise<{ refreshed: number }> {
    return this.#ask("POST", "/rag/refresh", {});
  }

  /** Upload one file; `progress` gets 0..1. (fetch can't tell how far an upload is.) */
  upload(file: File, tags: string, progress: (part: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = new XMLHttpRequest();
      call.open("POST", `${this.base}/rag/documents`);
      for (const [name, value] of Object.entries(this.#headers())) call.setRequestHeader(name, value);
      call.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0);
      call.onload = () => {
        const told = parsed(call.responseText) as { failed?: { error: string }[]; detail?: string; title?: string };
        const why = told.failed?.[0]?.error ?? (call.status >= 300 ? (told.detail ?? told.title ?? `HTTP ${call.status}`) : "");
        if (why) reject(new Refused({ title: why }, call.status));
        else resolve();
      };
      call.onerror = () => reject(new TypeError("network"));
      const form = new FormData();
      form.append("wait", "0");
      if (tags) form.append("tags", tags);
      form.append("file", file, file.name);
      call.send(form);
    });
  }

  /** What happens, as it happens, until `stop` says so; ends when the connection does.  `open`: from now on. */
  async follow(stop: AbortSignal, open: () => void, seen: (kind: string, data: Record<string, unknown>) => void): Promise<void> {
    const headers = { ...this.#headers(), Accept: "text/event-stream" };
    const answer = await this.#fetch("/rag/events", { headers, signal: stop });
    if (!answer.ok || !answer.body) throw new Refused({ title: `HTTP ${answer.status}` }, answer.status);
    open();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ; ) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const found = /^event: (.*)\ndata: (.*)$/.exec(part);
        if (found?.[1] && found[2]) seen(found[1], parsed(found[2]) as Record<string, unknown>);
      }
    }
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = this.#headers();
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await this.#fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const told = parsed(await answer.text()) as T & { detail?: string; title?: string };
    if (!answer.ok) throw new Refused({ title: told.title ?? `HTTP ${answer.status}`, ...(told.detail ? { detail: told.detail } : {}) }, answer.status);
    return told;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    if (this.key) return fetch(this.base + path, init);
    try {
      return await signed(this.base, path, init);
    } catch (error) {
      if (error instanceof SignedOut) throw new Refused({ title: error.message }, 401);
      throw error;
    }
  }

  #headers(): Record<string, string> {
    return { Accept: "application/json", ...(this.key ? { "X-API-Key": this.key } : OWN) };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return {}; // Not ours: a proxy's page. The status says what there is to say.
  }
}
