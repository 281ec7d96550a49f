import { ask, OWN } from "../../../web/session.js";

export const ROLES = ["viewer", "agent", "supervisor", "admin"] as const;
export type Role = (typeof ROLES)[number];

export interface Account {
  id: string;
  email: string;
  name: string;
  phone: string;
  role: Role;
  active: boolean;
  invited: boolean;
  language: string;
  created_at: string;
  seen_at: string | null;
}

export interface Link {
  reset_url: string;
  reset_until: string;
}

export interface Key {
  id: string;
  name: string;
  role: Role;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  used_at: string | null;
  revoked_at: string | null;
}

export interface Entry {
  n: number;
  at: string;
  who: string;
  what: string;
  subject: string;
  detail: Record<string, unknown>;
}

export interface Verified {
  ok: boolean;
  count: number;
  head: string;
  broken: number;
  reason: string;
}

export interface Me {
  kind: "staff" | "key";
  role: Role;
  name: string;
  staff: Account | null;
}

/** The requests of the page. */
export class Api {
  constructor(readonly base: string) {}

  me = () => this.#ask<Me>("GET", "/auth/me");
  changeMe = (body: object) => this.#ask<unknown>("PATCH", "/auth/me", body);
  staff = async () => (await this.#ask<{ staff: Account[] }>("GET", "/staff")).staff;
  hire = (body: object) => this.#ask<Account & Partial<Link>>("POST", "/staff", body);
  change = (id: string, body: object) => this.#ask<Account>("PATCH", `/staff/${encodeURIComponent(id)}`, body);
  link = (id: string) => this.#ask<Link>("POST", `/staff/${encodeURIComponent(id)}/reset`, {});
  signOut = (id: string) => this.#ask<unknown>("POST", `/staff/${encodeURIComponent(id)}/logout`, {});
  keys = async () => (await this.#ask<{ keys: Key[] }>("GET", "/keys")).keys;
  makeKey = (body: object) => this.#ask<Key & { key: string }>("POST", "/keys", body);
  revoke = (id: string) => this.#ask<unknown>("DELETE", `/keys/${encodeURIComponent(id)}`);
  audit = (before: number) => this.#ask<{ entries: Entry[]; next: number | null }>("GET", `/audit?limit=100&before=${before}`);
  verify = () => this.#ask<Verified>("GET", "/audit/verify");

  async leave(): Promise<void> {
    await fetch(`${this.base}/auth/logout`, { method: "POST", headers: OWN });
  }

  #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    return ask<T>(this.base, method, path, body);
  }
}
