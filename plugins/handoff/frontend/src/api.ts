import { Refused } from "../../../../web/request.js";
import { ask, OWN, renew } from "../../../../web/session.js";
import type * as P from "./protocol.js";
import type * as T from "./tools.js";

/** The requests of the console. A session is in cookies that this page can't read. */
export class Api {
  constructor(readonly base: string) {}

  me = () => this.#ask<P.Me>("GET", "/me");
  inbox = (query: Record<string, string>) => this.#ask<P.InboxPage>("GET", `/inbox?${new URLSearchParams(query)}`);
  counts = () => this.#ask<Record<string, number>>("GET", "/counts");
  thread = (id: string, limit: number) => this.#ask<P.Thread>("GET", `${of(id)}?limit=${limit}`);
  messages = (id: string, query: string) => this.#ask<{ messages: P.Message[]; last_seq: number }>("GET", `${of(id)}/messages?${query}`);
  past = (id: string, cursor: string, limit: number) =>
    this.#ask<{ messages: P.Message[]; next: string }>("GET", `${of(id)}/past?cursor=${encodeURIComponent(cursor)}&limit=${limit}`);
  steps = async (id: string) => (await this.#ask<{ steps: P.Step[] }>("GET", `${of(id)}/steps`)).steps;
  notes = async (id: string) => (await this.#ask<{ notes: T.Note[] }>("GET", `${of(id)}/notes`)).notes;
  panels = async (id: string) => (await this.#ask<{ panels: P.Panel[] }>("GET", `${of(id)}/panels`)).panels;
  agents = async () => (await this.#ask<{ agents: P.Agent[] }>("GET", "/agents")).agents;
  teams = async () => (await this.#ask<{ teams: P.Team[] }>("GET", "/teams")).teams;
  availability = (availability: P.Availability) => this.#ask<P.Me>("PUT", "/me", { availability });

  /** One of the transitions: claim, transfer, snooze, wake, return, resolve, reopen, priority. */
  act = (id: string, what: string, body: object = {}) => this.#ask<P.Item>("POST", `${of(id)}/${what}`, body);
  reply = (id: string, body: object) => this.#ask<P.Sent>("POST", `${of(id)}/reply`, body);
  note = (id: string, body: { text: string; mentions: string[]; client_id: string }) => this.#ask<T.Note>("POST", `${of(id)}/notes`, body);
  forgetNote = (id: string) => this.#ask<unknown>("DELETE", `/notes/${encodeURIComponent(id)}`);
  tags = async () => (await this.#ask<{ tags: { tag: string; count: number }[] }>("GET", "/tags")).tags;
  tag = async (id: string, tags: string[]) => (await this.#ask<{ tags: string[] }>("PUT", `${of(id)}/tags`, { tags })).tags;

  canned = async (q: string, conversation: string) =>
    (await this.#ask<{ canned: T.Canned[] }>("GET", `/canned?${new URLSearchParams({ q, conversation, limit: "8" })}`)).canned;
  used = (id: string, conversation: string) => this.#ask<T.Canned>("POST", `/canned/${encodeURIComponent(id)}/use`, { conversation });
  cannedPage = (q: string, conversation: string) =>
    this.#ask<{ canned: T.Canned[]; variables: string[] }>("GET", `/canned?${new URLSearchParams({ q, limit: "200", ...(conversation ? { conversation } : {}) })}`);
  fillIn = (text: string, conversation: string) => this.#ask<T.Filled>("POST", "/canned/preview", { text, conversation });
  saveCanned = (body: T.CannedDraft, id: string) => this.#ask<T.Canned>(id ? "PUT" : "POST", id ? `/canned/${encodeURIComponent(id)}` : "/canned", body);
  forgetCanned = (id: string) => this.#ask<unknown>("DELETE", `/canned/${encodeURIComponent(id)}`);
  notices = () => this.#ask<{ notices: T.Notice[]; unread: number }>("GET", "/notices?limit=50");
  readNotices = () => this.#ask<{ notices: T.Notice[]; unread: number }>("POST", "/notices/read", {});
  filters = async () => (await this.#ask<{ filters: T.Filter[] }>("GET", "/filters")).filters;
  saveFilter = (name: string, query: Record<string, string>) => this.#ask<T.Filter>("POST", "/filters", { name, query });
  forgetFilter = (id: string) => this.#ask<unknown>("DELETE", `/filters/${encodeURIComponent(id)}`);
  macros = async () => (await this.#ask<{ macros: T.Macro[] }>("GET", "/macros")).macros;
  saveMacro = (body: object, id: string) => this.#ask<T.Macro>(id ? "PUT" : "POST", id ? `/macros/${encodeURIComponent(id)}` : "/macros", body);
  forgetMacro = (id: string) => this.#ask<unknown>("DELETE", `/macros/${encodeURIComponent(id)}`);
  runMacro = (id: string, macro: string) => this.#ask<T.MacroRun>("POST", `${of(id)}/macros/${encodeURIComponent(macro)}`, {});

  tasks = (query: Record<string, string>) => ask<T.TaskPage>(this.base, "GET", `${TASKS}?${new URLSearchParams(query)}`);
  makeTask = (draft: T.TaskDraft) => ask<T.Task>(this.base, "POST", TASKS, draft);
  changeTask = (id: string, change: T.TaskChange) => ask<T.Task>(this.base, "PATCH", `${TASKS}/${encodeURIComponent(id)}`, change);

  summary = (id: string, anew: boolean) => this.#ask<T.Summary>(anew ? "POST" : "GET", `${of(id)}/summary`, anew ? {} : undefined);
  suggest = (id: string) => this.#ask<T.Suggestion>("POST", `${of(id)}/suggest`, {});
  translate = (id: string, seqs: number[], target: string) =>
    this.#ask<{ messages: Record<string, string> }>("POST", `${of(id)}/translate`, { seqs, target });

  search = (q: string, cursor: string) => this.#ask<{ hits: T.Hit[]; next: string }>("GET", `/search?${new URLSearchParams({ q, cursor, limit: "30" })}`);
  contacts = async (q: string) => (await this.#ask<{ contacts: T.ContactHit[] }>("GET", `/contacts?${new URLSearchParams({ q, limit: "20" })}`)).contacts;
  merge = (into: string, contact: string) => this.#ask<T.Merge>("POST", `/contacts/${encodeURIComponent(into)}/merge`, { contact });
  unmerge = (id: string) => this.#ask<T.Merge>("POST", `/merges/${encodeURIComponent(id)}/undo`, {});

  overview = () => this.#ask<T.Overview>("GET", "/supervisor");
  listen = (id: string) => this.#ask<unknown>("POST", `${of(id)}/listen`, {});
  whisper = (id: string, text: string) => this.#ask<T.Note>("POST", `${of(id)}/whisper`, { text });
  report = (query: Record<string, string>) => this.#ask<T.Report>("GET", `/reports?${new URLSearchParams(query)}`);
  ratings = async (query: Record<string, string>) =>
    (await this.#ask<{ ratings: T.Rating[] }>("GET", `/ratings?${new URLSearchParams(query)}`)).ratings;

  /** Where a report's figures are as a table. */
  csv = (what: "reports" | "ratings", query: Record<string, string>) =>
    `${this.base}/console/api/${what}?${new URLSearchParams({ ...query, format: "csv" })}`;

  /** Upload one file; `progress` gets 0..1. (fetch can't tell how far an upload is.) */
  upload(id: string, file: File, progress: (part: number) => void): Promise<T.Uploaded> {
    return new Promise((resolve, reject) => {
      const call = new XMLHttpRequest();
      call.open("POST", `${this.base}/console/api${of(id)}/attachments`);
      for (const [name, value] of Object.entries(OWN)) call.setRequestHeader(name, value);
      call.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0);
      call.onload = () => {
        const told = parsed(call.responseText);
        if (call.status < 300) resolve(told as unknown as T.Uploaded);
        else reject(refusal(told, call.status));
      };
      call.onerror = () => reject(new TypeError("network"));
      const form = new FormData();
      form.append("file", file, file.name);
      call.send(form);
    });
  }

  /** Sign in; the session comes as cookies. */
  async login(email: string, password: string): Promise<void> {
    const answer = await fetch(`${this.base}/auth/login`, { method: "POST", headers: JSON_TOO, body: JSON.stringify({ email, password }) });
    if (!answer.ok) throw refusal(parsed(await answer.text()), answer.status);
  }

  async logout(): Promise<void> {
    await fetch(`${this.base}/auth/logout`, { method: "POST", headers: JSON_TOO, body: "{}" });
  }

  /** Ask for a new session with the cookie that is good for that; false where nobody is logged in. */
  renew = (): Promise<boolean> => renew(this.base);

  #ask<R>(method: string, path: string, body?: unknown): Promise<R> {
    return ask<R>(this.base, method, `/console/api${path}`, body);
  }
}

const JSON_TOO = { ...OWN, "Content-Type": "application/json" };
const TASKS = "/api/v1/handoff/tasks";

const of = (id: string) => `/conversations/${encodeURIComponent(id)}`;

const refusal = (told: Record<string, unknown>, status: number): Refused => new Refused({ title: `HTTP ${status}`, ...told }, status);

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text || "{}") as Record<string, unknown>;
  } catch {
    return {}; // Not ours: a proxy's page. The status says what there is to say.
  }
}
