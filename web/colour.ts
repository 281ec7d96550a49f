/** Colours that can be read on a tenant's accent, and the accent made readable on our own grounds (WCAG 2.2). */

export type Rgb = readonly [number, number, number];

export const ENOUGH = 4.5;
const INK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
const LIGHT_GROUND: Rgb = [0xf4, 0xf5, 0xf7];
const DARK_GROUND: Rgb = [0x2b, 0x2f, 0x36];

/** `#rgb`, `#rrggbb` or `rgb(r, g, b)`; null where it is none of them. */
export function parseColour(text: string): Rgb | null {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1];
  if (hex) {
    const full = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
    return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16)) as unknown as Rgb;
  }
  const parts = /^rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)$/i.exec(text.trim());
  return parts ? ([1, 2, 3].map((i) => Math.min(255, Number(parts[i]))) as unknown as Rgb) : null;
}

export function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

export interface Accent {
  tokens: Record<string, string>;
  corrected: boolean;
}

/** Put `accent` on `element` for everything in it; null, and nothing changed, where it is no colour. */
export function wear(element: HTMLElement, accent: string): Accent | null {
  const made = accentTokens(accent);
  for (const [name, value] of Object.entries(made?.tokens ?? {})) element.style.setProperty(name, value);
  return made;
}

/** The custom properties for `accent`; `corrected` where it could not be used as it was for text. */
export function accentTokens(accent: string): Accent | null {
  const rgb = parseColour(accent);
  if (!rgb) return null;
  const onWhite = contrast(rgb, WHITE) >= ENOUGH;
  const light = towards(rgb, [0, 0, 0], LIGHT_GROUND);
  const dark = towards(rgb, WHITE, DARK_GROUND);
  return {
    tokens: {
      "--accent": css(rgb),
      "--on-accent": css(onWhite ? WHITE : INK),
      "--accent-text-light": css(light),
      "--accent-text-dark": css(dark),
    },
    corrected: !onWhite,
  };
}

/** Mix `colour` towards `end` until it can be read on `ground`. */
function towards(colour: Rgb, end: Rgb, ground: Rgb): Rgb {
  for (let part = 0; part <= 1; part += 0.04) {
    const mixed = colour.map((c, i) => Math.round(c + ((end[i] as number) - c) * part)) as unknown as Rgb;
    if (contrast(mixed, ground) >= ENOUGH) return mixed;
  }
  return end;
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((c) => {
    const part = c / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function css(colour: Rgb): string {
  return `#${colour.map((c) => c.toString(16).padStart(2, "0")).join("")}`;
}
