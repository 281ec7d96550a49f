import { describe, expect, test } from "vitest";
import { inline, parse, safeLink, type Inline } from "../../../../web/markdown.js";

/** A short form of the tree, to compare by eye. */
function show(nodes: readonly Inline[]): string {
  return nodes
    .map((n) => {
      switch (n.kind) {
        case "text":
          return n.text;
        case "break":
          return "⏎";
        case "code":
          return `<code ${n.text}>`;
        case "strong":
        case "em":
          return `<${n.kind} ${show(n.children)}>`;
        case "link":
          return `<a ${n.href}${n.host ? ` @${n.host}` : ""} ${show(n.children)}>`;
        case "cite":
          return `<cite ${n.number}>`;
      }
    })
    .join("");
}

describe("inside a line", () => {
  test.each([
    ["plain text", "plain text"],
    ["**bold** and *italic* and _italic_ and `code`", "<strong bold> and <em italic> and <em italic> and <code code>"],
    ["**bold with *italic* inside**", "<strong bold with <em italic> inside>"],
    ["snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"],
    ["**never closed", "**never closed"],
    ["`**no bold in code**`", "<code **no bold in code**>"],
    ["\\*not italic\\*", "*not italic*"],
    ["dial *104*, *121# or *199*1#, not *104 times* or **#1**", "dial *104*, *121# or *199*1#, not <em 104 times> or <strong #1>"],
    ["**रोमिंग** की दर", "<strong रोमिंग> की दर"],
    ["one\ntwo", "one⏎two"],
  ])("%s", (text, expected) => {
    expect(show(inline(text))).toBe(expected);
  });

  test("a mark is a citation only where there is such a citation, and sticks to the word before it", () => {
    expect(show(inline("Rates [1], more [3] and [0].", 2))).toBe("Rates<cite 1>, more [3] and [0].");
    expect(show(inline("**Rates [2]**", 2))).toBe("<strong Rates<cite 2>>");
  });

  test("a named link shows its host", () => {
    expect(show(inline("[prices](https://example.com/p?q=1)"))).toBe("<a https://example.com/p?q=1 @example.com prices>");
  });

  test("a bare address is a link without the full stop or bracket after it", () => {
    expect(show(inline("See https://example.com/a. Or (https://example.com/b)!"))).toBe(
      "See <a https://example.com/a https://example.com/a>. Or (<a https://example.com/b https://example.com/b>)!",
    );
  });

  test.each(["javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "https://user:pw@example.com", "file:///etc/passwd"])(
    "%s is never a link",
    (address) => {
      expect(safeLink(address)).toBeNull();
      expect(show(inline(`[click](${address})`))).not.toContain("<a ");
    },
  );

  test("HTML stays text", () => {
    const text = '<img src=x onerror="alert(1)"><script>alert(1)</script>';
    expect(inline(text)).toEqual([{ kind: "text", text }]);
  });
});

describe("blocks", () => {
  test("paragraphs, headings, lists and code", () => {
    const blocks = parse("# Plan\nYou get\n- 20 GB\n- calls\n\n1. Open\n2. Pay\n\n```sh\nls **x**\n```\nDone");
    expect(blocks.map((b) => b.kind)).toEqual(["heading", "paragraph", "list", "list", "code", "paragraph"]);
    expect(blocks[2]).toMatchObject({ ordered: false, items: [[{ text: "20 GB" }], [{ text: "calls" }]] });
    expect(blocks[3]).toMatchObject({ ordered: true, start: 1, items: [[{ text: "Open" }], [{ text: "Pay" }]] });
    expect(blocks[4]).toEqual({ kind: "code", text: "ls **x**" });
  });

  test("a numbered list goes on after a blank line with its next number, and may start anywhere", () => {
    expect(parse("3. c\n\n4. d\n\n9. x")).toMatchObject([
      { ordered: true, start: 3, items: [[{ text: "c" }], [{ text: "d" }]] },
      { ordered: true, start: 9 },
    ]);
  });

  test("a fence that is never closed takes the rest", () => {
    expect(parse("```\na\nb")).toEqual([{ kind: "code", text: "a\nb" }]);
  });

  test("no text at all is no block", () => {
    expect(parse("")).toEqual([]);
    expect(parse(" \n\n ")).toEqual([]);
  });

  test("a mark that closes is found behind others that open and do not", () => {
    expect(JSON.stringify(inline("__a *b c* __d"))).toContain('{"kind":"em","children":[{"kind":"text","text":"b c"}]}');
    expect(JSON.stringify(inline("**a _b c_ **d"))).toContain('{"kind":"em","children":[{"kind":"text","text":"b c"}]}');
  });

  test("marks that open and never close cost no more than other text, however long it is", () => {
    for (const mark of ["*a ", "**a ", "_a ", "**a *b ", "[", "`", "**", "_a*", "[a](", "https://"]) {
      const began = performance.now();
      parse(mark.repeat(40_000 / mark.length));
      expect(performance.now() - began).toBeLessThan(1_000);
    }
  });
});
