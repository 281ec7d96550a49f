import { describe, expect, test } from "vitest";
import { ENOUGH, accentTokens, contrast, parseColour, type Rgb } from "../../../../web/colour.js";
import { baseOf } from "../src/protocol.js";
import { cut } from "../../../../web/span.js";
import { choose, direction, fill, words } from "../src/strings.js";
import { exact, relative } from "../../../../web/time.js";

describe("the accent", () => {
  const rgb = (css: string): Rgb => parseColour(css)!;

  test("can be read everywhere it is used, whatever the tenant chose", () => {
    for (let n = 0; n < 0x1000; n += 7) {
      const { tokens } = accentTokens(`#${n.toString(16).padStart(3, "0")}`)!;
      expect(contrast(rgb(tokens["--accent"]!), rgb(tokens["--on-accent"]!))).toBeGreaterThanOrEqual(ENOUGH);
      for (const ground of ["#ffffff", "#f4f5f7"]) {
        expect(contrast(rgb(tokens["--accent-text-light"]!), rgb(ground))).toBeGreaterThanOrEqual(ENOUGH);
      }
      for (const ground of ["#16181c", "#1e2126", "#2b2f36"]) {
        expect(contrast(rgb(tokens["--accent-text-dark"]!), rgb(ground))).toBeGreaterThanOrEqual(ENOUGH);
      }
    }
  });

  test("says when white can't be read on it", () => {
    expect(accentTokens("#ffcc00")?.corrected).toBe(true);
    expect(accentTokens("#1f5fd0")?.corrected).toBe(false);
  });

  test("is nothing where it is no colour", () => {
    for (const bad of ["", "blue", "#12", "url(x)", "#1234567"]) expect(accentTokens(bad)).toBeNull();
    expect(parseColour("rgb(31, 95, 208)")).toEqual([31, 95, 208]);
  });
});

describe("a span in code points", () => {
  test("is cut right behind characters of two UTF-16 units", () => {
    expect(cut("😀😀 price is 4", 3, 8)).toEqual(["😀😀 ", "price", " is 4"]);
  });

  test("is cut right in scripts with combining marks", () => {
    expect(cut("रोमिंग की दर", 0, 6)).toEqual(["", "रोमिंग", " की दर"]);
  });

  test("outside the text is moved to its edges", () => {
    expect(cut("abc", 2, 99)).toEqual(["ab", "c", ""]);
    expect(cut("abc", -3, 1)).toEqual(["", "a", "bc"]);
    expect(cut("abc", 2, 1)).toEqual(["ab", "", "c"]);
  });
});

describe("the words", () => {
  test("of the tenant go over ours, for all languages or for one, and add languages", () => {
    expect(words("en", { send: "Go" }).send).toBe("Go");
    expect(words("fr-CA", { fr: { send: "Hop" } }).send).toBe("Hop");
    expect(words("mr", { mr: { send: "पाठवा" } })).toMatchObject({ send: "पाठवा", retry: "Try again" });
  });

  test("follow the person's languages as far as the tenant has them", () => {
    expect(choose(["mr", "hi-IN", "en"], ["en", "hi"])).toBe("hi");
    expect(choose(["de"], ["fr", "en"])).toBe("fr");
    expect(choose(["de", "ta-IN"], [])).toBe("ta-IN");
    expect(choose([], [])).toBe("en");
  });

  test("run from right to left where they should", () => {
    expect([direction("ar-EG"), direction("ur"), direction("hi")]).toEqual(["rtl", "rtl", "ltr"]);
  });

  test("take a number", () => {
    expect(fill("{n} new", 3)).toBe("3 new");
  });
});

test("times are relative within a day and dates after it", () => {
  const now = 1_780_000_000;
  expect([0, 30, 150, 7_300].map((age) => relative(now - age, now, "en"))).toEqual(["now", "now", "2 min. ago", "2 hr. ago"]);
  expect(relative(now + 5, now, "en")).toBe("now");
  expect(relative(now - 200_000, now, "fr")).toMatch(/mai 2026/);
  expect(exact(now, "en")).toContain("2026");
  expect(relative(now, now, "not a tag!")).toBe("now");
});

test("the base address is the script's, wherever the tenant is mounted", () => {
  expect(baseOf("https://h.example/t/acme/webchat/widget.js?v=2")).toBe("https://h.example/t/acme");
  expect(baseOf("https://h.example/webchat/widget.js")).toBe("https://h.example");
  expect(baseOf("https://h.example/behind/a/proxy/t/webchat/webchat/chat.js")).toBe("https://h.example/behind/a/proxy/t/webchat");
});
