/**
 * `text` cut at [start, end), which count Unicode code points while JavaScript counts UTF-16 units: before, inside and
 * after. Offsets outside the text are moved to its edges.
 */
export function cut(text: string, start: number, end: number): [string, string, string] {
  const from = unitAt(text, 0, 0, Math.max(0, start));
  const to = unitAt(text, from, Math.max(0, start), Math.max(start, end));
  return [text.slice(0, from), text.slice(from, to), text.slice(to)];
}

/** The UTF-16 offset of code point `wanted`, counting on from code point `point` at `unit`. */
function unitAt(text: string, unit: number, point: number, wanted: number): number {
  while (point < wanted && unit < text.length) {
    unit += (text.codePointAt(unit) as number) > 0xffff ? 2 : 1;
    point++;
  }
  return unit;
}
