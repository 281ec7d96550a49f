import { html, nothing, svg, type TemplateResult } from "lit";

/** One bar: what it is of, and how much; `note` is read beside it. */
export interface Bar {
  name: string;
  value: number;
  note: string;
}

/** Lying bars, from zero, with their names and values as a table. */
export function bars(caption: string, list: readonly Bar[]): TemplateResult | typeof nothing {
  if (!list.length) return nothing;
  const most = Math.max(1e-9, ...list.map((one) => one.value));
  return html`<table class="bars">
    <caption>${caption}</caption>
    <tbody>
      ${list.map(
        (one) => html`<tr><th scope="row"><span class="cut">${one.name}</span></th>
          <td class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${svg`<rect width=${(100 * one.value) / most} height="10" rx="1" />`}</svg></td>
          <td class="num">${one.note}</td></tr>`,
      )}
    </tbody>
  </table>`;
}

const HIGH = 120;
const WIDE = 640;

/** Standing bars over time: all, and a part of them drawn darker within. `names` are those of the two. */
export function columns(caption: string, names: [string, string], list: readonly { name: string; all: number; part: number }[]): TemplateResult {
  const most = Math.max(1, ...list.map((one) => one.all));
  const step = WIDE / Math.max(1, list.length);
  const width = Math.max(1, Math.min(36, step * 0.7));
  const tall = (value: number) => (value / most) * HIGH;
  const ticks = Math.max(1, Math.ceil(list.length / 8));
  const said = list.map((one) => `${one.name}: ${one.all}, ${one.part}`).join("; ");
  return html`<figure>
    <figcaption>${caption}<span class="legend"><i class="all"></i>${names[0]}<i class="part"></i>${names[1]}</span></figcaption>
    <svg class="columns" viewBox="0 0 ${WIDE} ${HIGH + 34}" role="img" aria-label="${caption}. ${said}">
      ${svg`<line class="axis" x1="0" x2=${WIDE} y1=${HIGH + 12} y2=${HIGH + 12} /><text class="top" x="0" y="9">${most}</text>`}
      ${list.map(
        (one, i) => svg`<g><title>${one.name}: ${names[0]} ${one.all}, ${names[1]} ${one.part}</title>
          <rect class="all" x=${i * step + (step - width) / 2} y=${HIGH + 12 - tall(one.all)} width=${width} height=${tall(one.all)} rx="2" />
          <rect class="part" x=${i * step + (step - width) / 2} y=${HIGH + 12 - tall(one.part)} width=${width} height=${tall(one.part)} rx="2" />
          ${i % ticks ? "" : svg`<text x=${i * step + step / 2} y=${HIGH + 28} text-anchor="middle">${one.name}</text>`}</g>`,
      )}
    </svg>
  </figure>`;
}
