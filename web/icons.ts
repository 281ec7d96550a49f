import { html, svg, type TemplateResult } from "lit/html.js";

/** A picture of lines on a field of 24 by 24; what it means is said beside it. */
export const icon = (paths: unknown): TemplateResult => html`<svg viewBox="0 0 24 24" aria-hidden="true">${paths}</svg>`;

export const closeIcon = icon(svg`<path d="M6 6l12 12M18 6L6 18" />`);
export const sendIcon = icon(svg`<path d="M4 12h15M13 6l6 6-6 6" />`);
export const checkIcon = icon(svg`<path d="M5 12.5l4.5 4.5L19 7" />`);
export const clockIcon = icon(svg`<circle cx="12" cy="12" r="8" /><path d="M12 8v4l3 2" />`);
