import type { Handoff } from "./protocol.js";

/** The handoff as it was last heard of. */
export function newer(a: Handoff | null, b: Handoff | null): Handoff | null {
  if (!a || !b) return a ?? b;
  return a.id === b.id ? (a.epoch >= b.epoch ? a : b) : a.requested_at >= b.requested_at ? a : b;
}
