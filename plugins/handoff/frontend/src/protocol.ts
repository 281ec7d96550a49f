/** What travels between the console and the server: `bodies.py` of handoff says what it means. Times are epoch seconds. */

import type { Attachment, Citation } from "../../../../web/message.js";

export type { Attachment, Citation };

export type State = "requested" | "queued" | "claimed" | "transferred" | "snoozed" | "returned" | "resolved";
export type Availability = "available" | "away" | "offline";
export type View = "mine" | "unassigned" | "waiting" | "all" | "snoozed" | "returned" | "resolved" | "bot";
export type Role = "viewer" | "agent" | "supervisor" | "admin";
export type Author = "contact" | "bot" | "agent" | "system";

export interface Agent {
  id: string;
  name: string;
  role: string;
  email: string;
  availability: Availability;
  present: boolean;
  seen_at: number | null;
  skills: string[];
  languages: string[];
  teams: string[];
  capacity: number;
  load: number;
}

export interface Team {
  id: string;
  name: string;
  members: string[];
}

export interface Me {
  agent: Agent;
  language: string;
  languages: string[];
  views: View[];
  channels: string[];
  teams: Team[];
  title: string;
  heartbeat: number;
}

export interface Contact {
  id: string;
  name: string;
  email: string;
  phone: string;
  language: string;
  data: Record<string, unknown>;
}

export interface Conversation {
  id: string;
  channel: string;
  address: string;
  contact: string;
  status: "open" | "resolved" | "expired";
  held_by: string;
  last_seq: number;
  created_at: number;
  updated_at: number;
}

export interface Handoff {
  id: string;
  conversation: string;
  contact: string;
  channel: string;
  state: State;
  reason: string;
  priority: number;
  score: number | null;
  language: string;
  skill: string;
  team: string;
  agent: string;
  agent_name: string;
  requested_at: number;
  claimed_at: number | null;
  waiting_since: number | null;
  snoozed_until: number | null;
  callback_at: number | null;
  resolved_at: number | null;
  resolution: string;
  epoch: number;
  activity_at: number;
  summary: string;
  status: string;
  position: number | null;
  data: Record<string, unknown>;
}

export interface Message {
  id: string;
  conversation: string;
  channel: string;
  seq: number;
  direction: "inbound" | "outbound";
  author: Author;
  text: string;
  created_at: number;
  language: string;
  agent: string;
  agent_name: string;
  client_id: string;
  delivery: string;
  error: string;
  attachments: Attachment[];
  citations: Citation[];
  quick_replies: string[];
  confidence: number | null;
  answered: boolean | null;
}

export interface SlaClock {
  clock: string;
  state: string;
  target: number;
  left: number;
  due_at: number | null;
}

/** What was promised for a handoff; `state` and `due_at` are those of the clock that is due next. */
export interface Sla {
  policy: string;
  state: string;
  due_at: number | null;
  clocks: SlaClock[];
}

export interface Item {
  conversation: Conversation;
  contact: Contact;
  handoff: Handoff | null;
  last: Message | null;
  unread: number;
  tags: string[];
  sla: Sla | null;
}

export interface InboxPage {
  view: string;
  items: Item[];
  next: string;
  counts: Record<string, number>;
}

export interface Composer {
  allowed: boolean;
  reason: string;
  window_until: number | null;
  max_length: number;
  why: "" | "ended" | "viewer" | "held" | "window";
  holder: string;
}

export interface Panel {
  title: string;
  element: string;
  script: string;
  data: Record<string, unknown>;
}

export interface Thread {
  conversation: Conversation;
  contact: Contact;
  handoff: Handoff | null;
  messages: Message[];
  past: string;
  conversations: Conversation[];
  composer: Composer;
  panels: Panel[];
  read_by_customer: number | null;
  unread: number;
  tags: string[];
  sla: Sla | null;
}

export interface Step {
  handoff: string;
  n: number;
  at: number;
  event: string;
  before: string;
  after: string;
  by: string;
  by_name: string;
  reason: string;
  detail: Record<string, unknown>;
}

export interface Sent {
  message: Message;
  duplicate: boolean;
  handoff: Handoff | null;
}

export interface ServerFrame {
  type: "ready" | "event" | "lost" | "beat" | "pong" | "error";
  n: number;
  topic: string;
  kind: string;
  data: Record<string, unknown>;
}

export const OPEN: ReadonlySet<State> = new Set<State>(["requested", "queued", "claimed", "transferred", "snoozed", "returned"]);
