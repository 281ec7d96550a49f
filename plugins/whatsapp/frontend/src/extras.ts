import type { Content, Uploaded } from "./api.js";

/** What a customer might send besides words: a place, a card, a sticker, something that nobody knows. */
export const PLACE: Content = {
  type: "location",
  location: { latitude: 12.971599, longitude: 77.594566, name: "MG Road", address: "Bengaluru 560001" },
};
export const CARD: Content = {
  type: "contacts",
  contacts: [{ name: { formatted_name: "Meera Joshi", first_name: "Meera" }, phones: [{ phone: "+91 98000 00003", type: "CELL" }] }],
};
export const ODDITY: Content = { type: "unsupported", errors: [{ code: 131051, title: "Message type unknown" }] };

/** A sticker as WhatsApp has them: a WebP of 512 by 512. */
export async function sticker(): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 512;
  const pen = canvas.getContext("2d");
  if (pen) {
    pen.fillStyle = "#f6c945";
    pen.beginPath();
    pen.arc(256, 256, 240, 0, 7);
    pen.fill();
    pen.fillStyle = pen.strokeStyle = "#4a3500";
    for (const x of [170, 342]) {
      pen.beginPath();
      pen.arc(x, 200, 28, 0, 7);
      pen.fill();
    }
    pen.lineWidth = 26;
    pen.lineCap = "round";
    pen.beginPath();
    pen.arc(256, 270, 120, 0.35, Math.PI - 0.35);
    pen.stroke();
  }
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/webp"));
}

/** The message that names a file on the phone, as a phone would send it. */
export function filed(file: Uploaded, caption: string, voice = false): Content {
  const { id, media_type: mime_type, name: filename } = file;
  const said = caption ? { caption } : {};
  if (voice || mime_type.startsWith("audio/")) return { type: "audio", audio: { id, mime_type, voice } };
  if (/^image\/(jpeg|png)$/.test(mime_type)) return { type: "image", image: { id, mime_type, ...said } };
  if (/^video\/(mp4|3gpp)$/.test(mime_type)) return { type: "video", video: { id, mime_type, ...said } };
  return { type: "document", document: { id, mime_type, filename, ...said } };
}
