/** What the desk's tools say (`deskbodies.py` of handoff). Times are epoch seconds. */

import type { Citation } from "../../../../web/message.js";
import type { Sla } from "./protocol.js";

export interface Canned {
  id: string;
  shortcut: string;
  text: string;
  title: string;
  language: string;
  shared: boolean;
  owner: string;
  filled: string | null;
  missing: string[];
}

/** A canned reply as it is written. */
export type CannedDraft = Pick<Canned, "shortcut" | "title" | "text" | "language" | "shared">;

/** A text with its variables put in; `missing` are those that the conversation has no value for. */
export interface Filled {
  text: string;
  missing: string[];
  /** Why it can be none. */
  problem: string;
}

/** What the staff has to do by a certain time (`taskbodies.py`). */
export interface Task {
  id: string;
  state: "open" | "done" | "cancelled";
  title: string;
  detail: string;
  kind: string;
  reference: string;
  contact: string;
  contact_name: string;
  conversation: string;
  agent: string;
  agent_name: string;
  team: string;
  due_at: number | null;
  overdue: boolean;
  created_at: number;
  created_by: string;
  created_by_name: string;
  ended_at: number | null;
  ended_by_name: string;
  outcome: string;
  version: number;
}

export type TaskDraft = Pick<Task, "title" | "detail" | "reference" | "conversation" | "agent" | "team"> & { due_at: number };
export type TaskChange = Partial<Pick<Task, "title" | "detail" | "agent" | "team" | "state" | "outcome" | "version">> & { due_at?: number };

export interface TaskPage {
  tasks: Task[];
  next: string;
  counts: Record<string, number>;
}

export interface Note {
  id: string;
  conversation: string;
  kind: string;
  author: string;
  author_name: string;
  text: string;
  mentions: string[];
  created_at: number;
  edited_at: number | null;
}

export interface Notice {
  id: string;
  kind: string;
  conversation: string;
  by_name: string;
  text: string;
  created_at: number;
  read_at: number | null;
}

/** A saved filter; `query` as the address of the page has it: view, channel, tag, agent, sla. */
export interface Filter {
  id: string;
  name: string;
  query: Record<string, string>;
  shared: boolean;
  owner: string;
}

export interface MacroStep {
  do: string;
  text: string;
  tag: string;
  number: number;
  agent: string;
  team: string;
}

export interface Macro {
  id: string;
  name: string;
  steps: MacroStep[];
  shared: boolean;
  owner: string;
}

export interface MacroRun {
  done: boolean;
  steps: { do: string; state: "done" | "failed" | "skipped"; error: string }[];
}

export interface Summary {
  problem: string;
  asked: string[];
  answered: { question: string; text: string; citations: Citation[] }[];
  unanswered: string[];
  entities: Record<string, unknown>;
  score: number | null;
  score_reasons: string[];
  sentiment: number | null;
  mood: string;
  language: string;
  reason: string;
  made_by: string;
  made_at: number;
  stale: boolean;
  translated: string;
}

export interface Suggestion {
  question: string;
  text: string;
  answered: boolean;
  confidence: number | null;
  citations: Citation[];
}

/** An uploaded file; `attachment` goes into a reply as it is. */
export interface Uploaded {
  id: string;
  name: string;
  media_type: string;
  size: number;
  url: string;
  attachment: Record<string, unknown>;
}

export interface Hit {
  conversation: string;
  channel: string;
  name: string;
  where: string;
  author: string;
  at: number;
  snippet: string;
  /** Where the words are in it, in code points. */
  marks: [number, number][];
}

export interface ContactHit {
  id: string;
  name: string;
  email: string;
  phone: string;
  identities: [string, string][];
  conversations: number;
}

export interface Merge {
  id: string;
  source_name: string;
  moved: Record<string, number>;
}

export interface AgentLoad {
  id: string;
  name: string;
  availability: string;
  present: boolean;
  load: number;
  capacity: number;
  waiting: number;
  late: number;
  resolved_today: number;
}

export interface Risk {
  handoff: string;
  conversation: string;
  name: string;
  channel: string;
  agent_name: string;
  sla: Sla;
}

export interface Overview {
  at: number;
  waiting: number;
  longest_wait: number;
  claimed: number;
  snoozed: number;
  returned: number;
  late: number;
  agents: AgentLoad[];
  risks: Risk[];
  csat_today: number | null;
  ratings_today: number;
}

/** Durations in seconds. */
export interface Spread {
  count: number;
  median: number | null;
  p90: number | null;
}

export interface Figures {
  key: string;
  name: string;
  conversations: number;
  handoffs: number;
  claimed: number;
  resolved: number;
  returned: number;
  messages_in: number;
  messages_agent: number;
  first_response: Spread;
  resolution: Spread;
  sla_met: number | null;
  ratings: number;
  csat: number | null;
  bot_resolved: number;
  bot_resolution_rate: number | null;
  handoff_rate: number | null;
}

export interface Report {
  by: string;
  timezone: string;
  rows: Figures[];
  reasons: Record<string, number>;
}

export interface Rating {
  handoff: string;
  conversation: string;
  channel: string;
  agent: string;
  score: number;
  scale: number;
  comment: string;
  rated_at: number;
}
