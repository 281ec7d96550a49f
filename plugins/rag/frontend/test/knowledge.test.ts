import { describe, expect, test } from "vitest";
import { changedDays, days } from "../src/days.js";
import { firstPages } from "../src/pages.js";

const DECEMBER_31 = Date.UTC(2026, 11, 31) / 1000;
const HOUR = 3_600;

describe("a list of several pages", () => {
  const pages: Record<string, { documents: string[]; next: string | null }> = {
    "": { documents: ["a", "b"], next: "b" },
    b: { documents: ["c", "d"], next: "d" },
    d: { documents: ["e"], next: null },
  };
  const page = async (after: string) => pages[after]!;

  test("is read again as far as it was shown", async () => {
    expect(await firstPages(1, page)).toEqual({ documents: ["a", "b"], next: "b" });
    expect(await firstPages(2, page)).toEqual({ documents: ["a", "b", "c", "d"], next: "d" });
  });

  test("ends where there is no more of it", async () => {
    expect(await firstPages(9, page)).toEqual({ documents: ["a", "b", "c", "d", "e"], next: null });
  });
});

describe("how long a document answers", () => {
  test("is shown by its last day, whether it ends with it or in its evening", () => {
    expect(days({ valid_from: DECEMBER_31, valid_until: DECEMBER_31 + 24 * HOUR })).toEqual({ valid_from: "2026-12-31", valid_until: "2026-12-31" });
    expect(days({ valid_from: null, valid_until: DECEMBER_31 + 18 * HOUR })).toEqual({ valid_from: "", valid_until: "2026-12-31" });
  });

  test("is sent only where it was changed: saving a tag keeps the hour", () => {
    const of = { valid_from: DECEMBER_31 + 9 * HOUR, valid_until: DECEMBER_31 + 18 * HOUR };
    expect(changedDays(of, days(of))).toEqual({});
    expect(changedDays(of, { ...days(of), valid_until: "2027-01-31" })).toEqual({ valid_until: "2027-01-31" });
    expect(changedDays(of, { ...days(of), valid_from: "" })).toEqual({ valid_from: null });
  });
});
