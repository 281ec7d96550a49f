import type { Api, Reported, Row } from "./api.js";
import type { Device } from "./store.js";

const RANK: Record<Row["state"], number> = { sending: 0, unsent: 0, sent: 0, delivered: 1, read: 2, failed: 2 };

/** Reports what a phone does with what it gets: nothing while it is off, else that it came, and that it was read. */
export class Receipts {
  readonly #reported = new Set<string>();

  constructor(readonly api: Api) {}

  async report(rows: readonly Row[], device: Device): Promise<void> {
    if (device === "off") return;
    const state: Reported = device === "reads" ? "read" : "delivered";
    const marks = rows
      .filter((row) => row.direction === "outbound" && RANK[row.state] < RANK[state] && !this.#reported.has(`${row.id} ${state}`))
      .map((row) => row.id);
    if (!marks.length) return;
    for (const id of marks) this.#reported.add(`${id} ${state}`);
    await this.api.report(marks, state).catch(() => {
      for (const id of marks) this.#reported.delete(`${id} ${state}`);
    });
  }
}
