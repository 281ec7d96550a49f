/** A score at a time, as [seconds, score]. */
export type Point = readonly [number, number];

/** The line of a score's history in a box: 0 to 100 is its height, and the turns stand at equal steps. */
export function line(points: readonly Point[], width: number, height: number): string {
  const step = points.length > 1 ? width / (points.length - 1) : 0;
  return points.map(([, score], i) => `${round(i * step)},${round(height - (clamp(score) / 100) * height)}`).join(" ");
}

function clamp(score: number): number {
  return Math.min(100, Math.max(0, score));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
