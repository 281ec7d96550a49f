import { ask } from "../../../../web/session.js";

export interface Flow {
  name: string;
  title: string;
  version: number;
  intents: string[];
  words: string[];
  states: string[];
  steps: { id: string; kind: string; state: string }[];
}

export interface Slot {
  name: string;
  label: string;
  value: string;
  filled: boolean;
  asked: boolean;
}

export interface Frame {
  flow: string;
  title: string;
  version: number;
  step: string;
  state: string;
  waiting: "" | "ask" | "confirm" | "change" | "offer" | "proof" | "sub";
  began: string;
  slots: Slot[];
}

/** Where a conversation is: the flows that it is in, the innermost first, and the one that ended last. */
export interface Place {
  id: string;
  stack: Frame[];
  last: { flow: string; title: string; outcome: string } | null;
}

export interface Event {
  at: string;
  kind: "started" | "step" | "ended";
  flow?: string;
  step?: string;
  state?: string;
  outcome?: string;
  path?: { flow: string; step: string; edge: string; state: string }[];
}

export interface Live {
  id: string;
  channel: string;
  flow: string;
  step: string;
  updated_at: string;
}

/** The requests of the page. */
export class Api {
  constructor(readonly base: string) {}

  flows = async (language: string) =>
    (await ask<{ flows: Flow[] }>(this.base, "GET", `/api/v1/flows?language=${encodeURIComponent(language)}`)).flows;
  live = async () => (await ask<{ conversations: Live[] }>(this.base, "GET", "/api/v1/flows/conversations")).conversations;
  place = (id: string) => ask<Place & { history: Event[] }>(this.base, "GET", `/api/v1/flows/conversations/${encodeURIComponent(id)}`);

  picture(flow: string, about: Record<string, string> = {}): string {
    return `${this.base}/api/v1/flows/${encodeURIComponent(flow)}/picture?${new URLSearchParams(about)}`;
  }
}
