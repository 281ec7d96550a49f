import { Refused, type Problem } from "./request.js";

/** Nobody is signed in here any more. */
export class SignedOut extends Error {}

/** What a request of a signed-in page has besides its cookies, which the page can't read: see docs/security.md. */
export const OWN = { "X-Hookline-CSRF": "1" };

const TRIES = 4;
const LONGEST = 5; // seconds
const SPREAD = 400; // milliseconds

let renewal: Promise<boolean> | undefined;

/** Ask for a new session with the cookie that is good for that; false where nobody is signed in. */
export function renew(base: string): Promise<boolean> {
  renewal ??= fetch(`${base}/auth/refresh`, { method: "POST", headers: OWN })
    .then((answer) => answer.ok)
    .finally(() => (renewal = undefined));
  return renewal;
}

/** A request to one's own tenant, once again with a new session where the old one has ended; raises `SignedOut`. */
export async function signed(base: string, path: string, init: RequestInit = {}): Promise<Response> {
  const asked = { ...init, headers: { ...OWN, ...(init.headers as Record<string, string> | undefined) } };
  const answer = await patiently(base + path, asked);
  if (answer.status !== 401) return answer;
  if (!(await renew(base))) throw new SignedOut();
  const again = await patiently(base + path, asked);
  if (again.status === 401) throw new SignedOut();
  return again;
}

/** What only looks is asked again when the server has said how long to wait: a page asks for much at once. */
async function patiently(url: string, asked: RequestInit): Promise<Response> {
  for (let left = TRIES; ; left -= 1) {
    const answer = await fetch(url, asked);
    const wait = Number(answer.headers.get("Retry-After") ?? NaN);
    if (answer.status !== 429 || !left || (asked.method ?? "GET") !== "GET" || !(wait <= LONGEST)) return answer;
    await new Promise((go) => setTimeout(go, wait * 1000 + Math.random() * SPREAD));
  }
}

/** A JSON request of a signed-in page; raises `SignedOut`, `Refused`, or what fetch raises where there is no network. */
export async function ask<T>(base: string, method: string, path: string, body?: unknown): Promise<T> {
  const json = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await signed(base, path, { method, ...json });
  const told: unknown = answer.status === 204 ? {} : await answer.json().catch(() => null);
  if (answer.ok) return told as T;
  const problem = (told && typeof told === "object" && "title" in told ? told : { title: `HTTP ${answer.status}` }) as Problem;
  const wait = Number(answer.headers.get("Retry-After") ?? NaN);
  throw new Refused(problem, answer.status, Number.isFinite(wait) ? wait : undefined);
}

/** Where one signs in, and then comes back to this page. */
export function signInPage(base: string): string {
  const { pathname, search, hash } = location;
  return `${base}/login?next=${encodeURIComponent(pathname + search + hash)}`;
}
