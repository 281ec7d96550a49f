import { html, type TemplateResult } from "lit/html.js";
import type { Citation } from "./message.js";

const WIDTH = 320;
const EDGE = 12;

/** The quoted sentence beside its mark, in the coordinates of the chat's frame. */
export interface Tip {
  citation: Citation;
  left: number;
  top: number;
  above: boolean;
}

/** Where the tip of `mark` fits inside `frame`. */
export function place(citation: Citation, mark: DOMRect, frame: DOMRect): Tip {
  const width = Math.min(WIDTH, frame.width - 2 * EDGE);
  const left = Math.max(EDGE, Math.min(mark.left - frame.left - 16, frame.width - width - EDGE));
  const above = mark.top - frame.top > frame.height / 2;
  return { citation, left, top: (above ? mark.top - 6 : mark.bottom + 6) - frame.top, above };
}

export function tipOf({ citation, left, top, above }: Tip): TemplateResult {
  return html`<div class="tip ${above ? "above" : ""}" id="tip" role="tooltip" dir="auto" .style=${`left:${left}px;top:${top}px`}>
    <b>${citation.title}</b>${citation.text}
  </div>`;
}
