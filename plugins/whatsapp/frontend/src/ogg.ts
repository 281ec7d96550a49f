/**
 * Opus out of WebM into Ogg: what Chromium records, as WhatsApp's phones send it.
 *
 * Sources: RFC 8794 (EBML), RFC 9559 (Matroska), RFC 3533 (Ogg), RFC 7845 (Opus in Ogg), RFC 6716 section 3.1 (a packet's length).
 */

const MASTERS = new Set([0x18538067, 0x1f43b675, 0x1654ae6b, 0xae]); // Segment, Cluster, Tracks, TrackEntry
const CODEC_PRIVATE = 0x63a2;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const LONGEST = 255 * 255; // bytes of a packet that fits one page
const FULL = 48; // packets in a page: about a second

/** The recording as Ogg; null where it is no WebM with one Opus track. */
export function toOgg(webm: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const found = read(webm);
  if (!found.head || !found.packets.length || found.packets.some((one) => one.length >= LONGEST)) return null;
  const serial = crypto.getRandomValues(new Uint32Array(1))[0] as number;
  const skipped = new DataView(found.head.buffer, found.head.byteOffset).getUint16(10, true);
  const pages = [page(serial, 0, 0n, [found.head], 2), page(serial, 1, 0n, [TAGS], 0)];
  let granule = 0;
  let batch: Uint8Array[] = [];
  let lacing = 0;
  const flush = (last: boolean) => {
    pages.push(page(serial, pages.length, BigInt(Math.max(granule, skipped)), batch, last ? 4 : 0));
    batch = [];
    lacing = 0;
  };
  found.packets.forEach((packet, n) => {
    const needs = Math.floor(packet.length / 255) + 1;
    if (batch.length >= FULL || lacing + needs > 255) flush(false);
    batch.push(packet);
    lacing += needs;
    granule += samples(packet);
    if (n === found.packets.length - 1) flush(true);
  });
  return joined(pages);
}

const TAGS = ((): Uint8Array => {
  const vendor = new TextEncoder().encode("Hookline");
  const told = new Uint8Array(16 + vendor.length);
  told.set(new TextEncoder().encode("OpusTags"));
  new DataView(told.buffer).setUint32(8, vendor.length, true);
  told.set(vendor, 12);
  return told;
})();

interface Found {
  head: Uint8Array | null;
  packets: Uint8Array[];
}

/** The track's OpusHead and its packets, in their order. */
function read(data: Uint8Array): Found {
  const found: Found = { head: null, packets: [] };
  let at = 0;
  while (at < data.length) {
    const [id, afterId] = number(data, at, false);
    const [size, begin] = number(data, afterId, true);
    if (begin <= at || begin > data.length) break;
    // A recorder writes while it does not know the size yet: what is inside then simply follows.
    if (MASTERS.has(id) || id === BLOCK_GROUP) {
      at = begin;
      continue;
    }
    const end = begin + (size ?? 0);
    if (size === null || end > data.length) break;
    if (id === CODEC_PRIVATE) found.head = data.slice(begin, end);
    if (id === SIMPLE_BLOCK || id === BLOCK) {
      const [, afterTrack] = number(data, begin, true);
      const laced = (data[afterTrack + 2] as number) & 0x06;
      if (!laced) found.packets.push(data.slice(afterTrack + 3, end));
    }
    at = end;
  }
  if (found.head && new TextDecoder().decode(found.head.slice(0, 8)) !== "OpusHead") found.head = null;
  return found;
}

/** A number of variable length and where it ends; null for a size that is not known. */
function number(data: Uint8Array, at: number, masked: true): [number | null, number];
function number(data: Uint8Array, at: number, masked: false): [number, number];
function number(data: Uint8Array, at: number, masked: boolean): [number | null, number] {
  const first = data[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (length > 8) return [null, data.length + 1];
  let value = masked ? first & (0xff >> length) : first;
  let ones = value === 0xff >> length;
  for (let n = 1; n < length; n += 1) {
    const next = data[at + n] ?? 0;
    value = value * 256 + next;
    ones &&= next === 0xff;
  }
  return [masked && ones ? null : value, at + length];
}

/** How many samples at 48 kHz a packet stands for. */
export function samples(packet: Uint8Array): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const frame =
    config < 12 ? [480, 960, 1920, 2880][config & 3] : config < 16 ? [480, 960][config & 1] : [120, 240, 480, 960][config & 3];
  const frames = [1, 2, 2, (packet[1] ?? 0) & 0x3f][toc & 3];
  return (frame as number) * (frames as number);
}

function page(serial: number, n: number, granule: bigint, packets: readonly Uint8Array[], flags: number): Uint8Array {
  const lacing = packets.flatMap((one) => [...Array<number>(Math.floor(one.length / 255)).fill(255), one.length % 255]);
  const body = joined(packets);
  const told = new Uint8Array(27 + lacing.length + body.length);
  const view = new DataView(told.buffer);
  told.set(new TextEncoder().encode("OggS"));
  told[5] = flags;
  view.setBigUint64(6, granule, true);
  view.setUint32(14, serial, true);
  view.setUint32(18, n, true);
  told[26] = lacing.length;
  told.set(lacing, 27);
  told.set(body, 27 + lacing.length);
  view.setUint32(22, checksum(told), true);
  return told;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

function checksum(data: Uint8Array): number {
  let value = 0;
  for (const byte of data) value = ((value << 8) ^ (TABLE[((value >>> 24) ^ byte) & 0xff] as number)) >>> 0;
  return value;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of parts) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}
