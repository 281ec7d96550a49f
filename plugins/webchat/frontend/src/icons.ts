import { svg } from "lit/html.js";
import { icon } from "../../../../web/icons.js";

export { checkIcon, clockIcon, closeIcon, sendIcon } from "../../../../web/icons.js";

export const bubbleIcon = icon(svg`<path d="M4 5h16v11H9l-5 4z" />`);
export const freshIcon = icon(svg`<path d="M12 20h8M15.5 4.5l4 4L9 19l-5 1 1-5z" />`);
export const binIcon = icon(svg`<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5" />`);
export const shelfIcon = icon(svg`<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6" />`);
