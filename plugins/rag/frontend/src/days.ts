/** The days from which and until which a document answers, as date fields take them. */

export interface Validity {
  valid_from: number | null;
  valid_until: number | null;
}

/** Both as days; what ends at midnight was good until the day before. */
export function days(of: Validity): Record<keyof Validity, string> {
  return { valid_from: day(of.valid_from), valid_until: day(of.valid_until && of.valid_until - 1) };
}

/** What of the two has been changed in the fields: a time of day that nobody touched stays as it is. */
export function changedDays(of: Validity, fields: Record<keyof Validity, string>): Partial<Record<keyof Validity, string | null>> {
  const before = days(of);
  const changed = (["valid_from", "valid_until"] as const).filter((name) => fields[name] !== before[name]);
  return Object.fromEntries(changed.map((name) => [name, fields[name] || null]));
}

function day(at: number | null): string {
  return at === null ? "" : new Date(at * 1000).toISOString().slice(0, 10);
}
