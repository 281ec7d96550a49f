import { expect, test, vi } from "vitest";
import type { Phone, Row } from "../src/api.js";
import { greetings } from "../src/greetings.js";
import { fresh, matching, normal } from "../src/list.js";
import { samples, toOgg } from "../src/ogg.js";
import { Recording } from "../src/recorder.js";
import { gist, thread } from "../src/thread.js";

let n = 0;
const row = (message: Row["message"], direction: Row["direction"] = "inbound"): Row => ({
  id: `m${(n += 1)}`,
  direction,
  at: n,
  message,
  state: "sent",
  error: "",
});
const say = (body: string) => row({ type: "text", text: { body } });

test("a microphone of which nothing can be recorded is switched off again", async () => {
  const track = { stop: vi.fn() };
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: async () => ({ getTracks: () => [track] }) } });
  vi.stubGlobal(
    "MediaRecorder",
    class {
      static isTypeSupported = () => false;
      constructor() {
        throw new DOMException("no", "NotSupportedError");
      }
    },
  );
  await expect(Recording.begin()).rejects.toThrow("no");
  expect(track.stop).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});

test("an edit, a reaction and a deletion are part of the message that they are about", () => {
  const [first, second] = [say("helo"), say("twice")];
  const answer = row({ type: "text", text: { body: "hi" } }, "outbound");
  const edit = row({ type: "edit", edit: { original_message_id: first.id, message: { type: "text", text: { body: "hello" } } } });
  const react = row({ type: "reaction", reaction: { message_id: answer.id, emoji: "👍" } });
  const gone = row({ type: "revoke", revoke: { original_message_id: second.id } });
  const stray = row({ type: "revoke", revoke: { original_message_id: "nobody" } });
  const [one, two, three] = thread([first, second, answer, edit, react, gone, stray], []);
  expect([gist(one!.content, {}), one!.edited, two!.deleted, three!.reaction]).toEqual(["hello", true, true, "👍"]);
  expect(thread([first, second, answer, edit, react, gone, stray], []).length).toBe(3);
});

test("what the server has is not shown a second time as pending", () => {
  const one = say("hello");
  expect(thread([one], [{ ...one, state: "sending" }, say("more")]).map((item) => item.row.state)).toEqual(["sent", "sent"]);
});

test("numbers are read as people write them", () => {
  expect(["+91 98123-45678", "0091 98123", "(221) 77 123 45 67", "12", "abc"].map(normal)).toEqual(["+919812345678", "", "+221771234567", "", ""]);
  const known = [{ address: "+919812345678" }, { address: "+919812345679" }] as Phone[];
  expect(fresh("IN", known)).toBe("+919812345680");
});

test("a customer is found by parts of their name and number, in any order", () => {
  const known = [
    { address: "+919812345678", name: "Asha Verma" },
    { address: "+221771234567", name: "Fatou Ndiaye" },
  ] as Phone[];
  const found = (wanted: string) => matching(known, wanted).map((one) => one.name);
  expect([found(""), found("ver 9198"), found("FATOU"), found("asha 221")]).toEqual([["Asha Verma", "Fatou Ndiaye"], ["Asha Verma"], ["Fatou Ndiaye"], []]);
});

test("there is a greeting for each language that is known, named in the page's", () => {
  expect(greetings(["en", "hi-Latn", "xx"], "fr").map((one) => one.text)).toEqual(["Hello", "Namaste"]);
  expect(greetings(["ta"], "fr")).toEqual([{ language: "ta", name: "tamoul", text: "வணக்கம்" }]);
});

test("a packet of Opus lasts as its first byte says", () => {
  expect([[0x00], [0x19, 0], [0x7b, 3], [0xfc]].map((bytes) => samples(new Uint8Array(bytes)))).toEqual([480, 5760, 2880, 960]);
});

/** EBML elements of unknown size around a track and blocks, as a browser's recorder writes them. */
function webm(packets: number[][]): Uint8Array {
  const head = [..."OpusHead"].map((one) => one.charCodeAt(0)).concat([1, 1, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0]);
  const unknown = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  const track = [0x63, 0xa2, 0x80 | head.length, ...head];
  const blocks = packets.flatMap((one) => [0xa3, 0x40 | ((one.length + 4) >> 8), (one.length + 4) & 0xff, 0x81, 0, 0, 0x80, ...one]);
  return new Uint8Array([
    ...[0x1a, 0x45, 0xdf, 0xa3, 0x81, 0, 0x18, 0x53, 0x80, 0x67, ...unknown, 0x16, 0x54, 0xae, 0x6b, 0x80 | (track.length + 2)],
    ...[0xae, 0x80 | track.length, ...track, 0x1f, 0x43, 0xb6, 0x75, ...unknown, ...blocks],
  ]);
}

test("a recording becomes Ogg with its packets in their order, and what is none becomes nothing", () => {
  const packets = Array.from({ length: 120 }, (_, one) => [0xfc, ...Array<number>(one % 2 ? 300 : 254).fill(one)]);
  const ogg = toOgg(webm(packets))!;
  const view = new DataView(ogg.buffer);
  const found: number[][] = [];
  let [at, pages, granule] = [0, 0, 0n];
  while (at < ogg.length) {
    expect(String.fromCharCode(...ogg.slice(at, at + 4))).toBe("OggS");
    expect(view.getUint32(at + 18, true)).toBe(pages);
    granule = view.getBigUint64(at + 6, true);
    const lacing = [...ogg.slice(at + 27, at + 27 + ogg[at + 26]!)];
    at += 27 + lacing.length;
    let packet: number[] = [];
    for (const size of lacing) {
      packet.push(...ogg.slice(at, at + size));
      at += size;
      if (size < 255) {
        if (pages > 1) found.push(packet);
        packet = [];
      }
    }
    pages += 1;
  }
  expect(found).toEqual(packets);
  expect(granule).toBe(120n * 960n);
  expect([new Uint8Array(), new Uint8Array([1, 2, 3]), webm([])].map(toOgg)).toEqual([null, null, null]);
});
