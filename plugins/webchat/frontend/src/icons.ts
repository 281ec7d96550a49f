import { svg, html, type TemplateResult } from "lit/html.js";

const icon = (paths: unknown): TemplateResult => html`<svg viewBox="0 0 24 24" aria-hidden="true">${paths}</svg>`;

export const bubbleIcon = icon(svg`<path d="M4 5h16v11H9l-5 4z" />`);
export const closeIcon = icon(svg`<path d="M6 6l12 12M18 6L6 18" />`);
export const sendIcon = icon(svg`<path d="M4 12h15M13 6l6 6-6 6" />`);
export const freshIcon = icon(svg`<path d="M12 20h8M15.5 4.5l4 4L9 19l-5 1 1-5z" />`);
export const checkIcon = icon(svg`<path d="M5 12.5l4.5 4.5L19 7" />`);
export const clockIcon = icon(svg`<circle cx="12" cy="12" r="8" /><path d="M12 8v4l3 2" />`);
export const binIcon = icon(svg`<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5" />`);
export const shelfIcon = icon(svg`<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6" />`);
