/** The JSON that travels between this page and webchat's routes. Times are epoch seconds. */

import type { Attachment, Citation } from "../../../../web/message.js";
import type { Problem } from "../../../../web/request.js";

export type { Attachment, Citation, Problem };

export interface Message {
  id: string;
  /** Counts the conversation's committed messages from 1. */
  seq: number;
  direction: "inbound" | "outbound";
  author: "contact" | "bot" | "agent" | "system";
  text: string;
  created_at: number;
  citations?: Citation[];
  quick_replies?: string[];
  attachments?: Attachment[];
  confidence?: number | null;
  data?: { client_id?: string; turn?: string | number; speaks_for?: string };
}

export interface Config {
  title: string;
  greeting: string;
  placeholder?: string;
  accent?: string;
  /** What the server speaks in this session, of the `languages` on offer. */
  language?: string;
  languages: string[];
  quick_replies: string[];
  /** More or other texts of the interface: `{key: text}`, or `{language: {key: text}}`. */
  strings: Record<string, string | Record<string, string>>;
  admin: boolean;
  /** The longest text taken, in code points. */
  max_length?: number;
  /** What may be said in place of typing; `null` where nobody writes it down. */
  recorder?: { max_seconds: number; max_bytes: number; speaks: boolean } | null;
}

export interface Session {
  token: string;
  visitor: string;
  conversation: string;
  config: Config;
}

export interface Page {
  messages: Message[];
  last_seq: number;
}

export type ServerFrame =
  | { type: "ready"; conversation: string; last_seq: number }
  | { type: "ack"; id: string; message_id: string; seq: number; duplicate: boolean }
  | { type: "nack"; id: string; problem: Problem; retry_after?: number }
  | { type: "message"; message: Message; client_id?: string }
  | { type: "segment"; turn: string | number; attempt: number; offset: number; text: string; citations?: Citation[] }
  | { type: "turn"; turn: string | number; state: "started" | "finished" | "retrying" }
  | { type: "typing"; author: string; name?: string; on?: boolean }
  | { type: "read"; author: string; seq: number }
  | { type: "pong" }
  | { type: "error"; code: string; detail: string };

/** The tenant's base address (no trailing slash) from the address of one of our own files under `/webchat/`. */
export function baseOf(script: string): string {
  const url = new URL(script);
  const cut = url.pathname.lastIndexOf("/webchat/");
  return url.origin + (cut < 0 ? "" : url.pathname.slice(0, cut));
}
