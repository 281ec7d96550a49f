import { describe, expect, test } from "vitest";
import { Store } from "../src/storage.js";
import type { Pending } from "../src/thread.js";

/** What a browser's Storage is, in memory. */
class Area implements Storage {
  readonly map = new Map<string, string>();
  get length() {
    return this.map.size;
  }
  clear() {
    this.map.clear();
  }
  getItem(key: string) {
    return this.map.get(key) ?? null;
  }
  key(index: number) {
    return [...this.map.keys()][index] ?? null;
  }
  removeItem(key: string) {
    this.map.delete(key);
  }
  setItem(key: string, value: string) {
    this.map.set(key, value);
  }
}

class Forbidden extends Area {
  override getItem(): string {
    throw new DOMException("denied", "SecurityError");
  }
  override setItem() {
    throw new DOMException("full", "QuotaExceededError");
  }
}

const pending = (id: string, state: Pending["state"] = "sending"): Pending => ({ id, text: `text ${id}`, at: 1, state });

describe("drafts", () => {
  test("survive a reload, for each tenant its own", () => {
    const area = new Area();
    new Store("https://a.example/t/acme", area).set("draft", "half a sen");
    expect(new Store("https://a.example/t/acme", area).get("draft")).toBe("half a sen");
    expect(new Store("https://a.example/t/other", area).get("draft")).toBe("");
  });

  test("leave nothing behind when they are empty again", () => {
    const area = new Area();
    const store = new Store("b", area);
    store.set("draft", "x");
    store.set("draft", "");
    expect(area.length).toBe(0);
  });

  test("last as long as the page where storage is forbidden, full or missing", () => {
    for (const area of [new Forbidden(), null]) {
      const store = new Store("b", area);
      store.set("draft", "still here");
      expect(store.get("draft")).toBe("still here");
    }
  });
});

describe("what is not sent yet", () => {
  test("survives a reload", () => {
    const area = new Area();
    new Store("b", area).savePending([pending("1"), pending("2", "failed")], new Set());
    expect(new Store("b", area).pending).toEqual([pending("1"), pending("2", "failed")]);
  });

  test("of another tab is kept until it is settled", () => {
    const area = new Area();
    const [one, two] = [new Store("b", area), new Store("b", area)];
    one.savePending([pending("1")], new Set());
    two.savePending([pending("2")], new Set());
    expect(one.pending.map((p) => p.id)).toEqual(["1", "2"]);
    one.savePending([], new Set(["1"]));
    expect(two.pending.map((p) => p.id)).toEqual(["2"]);
  });

  test("is nothing where somebody else wrote nonsense there", () => {
    const area = new Area();
    for (const junk of ["{", "3", '{"a":1}', '[null,{"id":1}]']) {
      area.setItem("hookline:b:pending", junk);
      expect(new Store("b", area).pending).toEqual([]);
    }
  });
});
