/** RFC 9457 problem details. */
export interface Problem {
  title: string;
  detail?: string;
  status?: number;
  field?: string;
}

/** A request was refused; `problem` is what the server said, `retryAfter` the seconds it asks to wait. */
export class Refused extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
    readonly retryAfter?: number,
  ) {
    super(problem.detail || problem.title);
  }
}

/** A JSON request; raises `Refused` with the problem details, or what fetch raises where there is no network. */
export async function request<T>(browser: { fetch: typeof fetch }, url: string, init: RequestInit = {}): Promise<T> {
  const response = await browser.fetch(url, init);
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  const wait = Number(response.headers.get("Retry-After") ?? NaN);
  const problem = (body && typeof body === "object" && "title" in body ? body : { title: `HTTP ${response.status}` }) as Problem;
  throw new Refused(problem, response.status, Number.isFinite(wait) ? wait : undefined);
}
