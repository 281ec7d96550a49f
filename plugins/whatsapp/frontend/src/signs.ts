import { svg } from "lit/html.js";
import { clockIcon, icon } from "../../../../web/icons.js";

const tick = icon(svg`<path d="M6 12.5l4 4L19 7.5" />`);
const ticks = icon(svg`<path d="M2 12.5l4 4L15 7.5M10.5 15.5l1 1L20.5 7.5" />`);
const failed = icon(svg`<circle cx="12" cy="12" r="8.5" /><path d="M12 7.5v5.5M12 16.2v.1" />`);

export const pinIcon = icon(svg`<path d="M12 21c4-5 6-8 6-11a6 6 0 1 0-12 0c0 3 2 6 6 11z" /><circle cx="12" cy="10" r="2" />`);
export const personIcon = icon(svg`<circle cx="12" cy="8" r="4" /><path d="M4.5 20a7.5 7.5 0 0 1 15 0" />`);
export const paperIcon = icon(svg`<path d="M6 3h8l4 4v14H6zM14 3v4h4" />`);
export const micIcon = icon(svg`<rect x="9" y="3" width="6" height="11" rx="3" /><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />`);
export const clipIcon = icon(svg`<path d="M12 5v14M5 12h14" />`);
export const binIcon = icon(svg`<path d="M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7" />`);
export const turnIcon = icon(svg`<path d="M4 6h16M4 12h10M4 18h13" />`);
export const keysIcon = icon(svg`<path d="M9.2 9a2.9 2.9 0 1 1 4.2 2.6c-.9.5-1.4 1-1.4 2M12 17.3v.1" />`);

/** The ticks of a message. */
export function sign(state: string): unknown {
  switch (state) {
    case "sending":
      return clockIcon;
    case "sent":
      return tick;
    case "delivered":
    case "read":
      return ticks;
    default:
      return failed;
  }
}
