import { expect, test, vi } from "vitest";
import { Library } from "../src/library.js";

test("a list of documents that was asked for before another is not taken for the newer one", async () => {
  const answers: ((documents: object[]) => void)[] = [];
  vi.stubGlobal("window", { fetch: () => new Promise((done) => answers.push((documents) => done(Response.json({ documents })))) });
  const library = new Library("https://h.example", "");
  const [older, newer] = [library.list(), library.list()];
  answers[1]!([{ id: "kept" }]);
  answers[0]!([{ id: "kept" }, { id: "removed" }]);
  expect(await older).toBeNull();
  expect((await newer)?.map((one) => one.id)).toEqual(["kept"]);
});
