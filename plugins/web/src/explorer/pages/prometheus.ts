/** Metrics in the text format of Prometheus. */

/** The values of each metric, the newest last. */
export type Series = ReadonlyMap<string, readonly number[]>;

/** How many values are kept of each: an hour of them, every five seconds. */
const MOST = 720;

/** Reads "name{labels} value time"; what is no number is left out. */
export function metricsOf(text: string): Map<string, number> {
  const metrics = new Map<string, number>();
  for (const one of text.split("\n")) {
    const parts = /^([A-Za-z_:][\w:]*(?:\{[^}]*\})?)\s+(\S+)/.exec(one);
    const value = Number(parts?.[2]);
    if (parts?.[1] && Number.isFinite(value)) {
      metrics.set(parts[1], value);
    }
  }
  return metrics;
}

/** Returns the series with one more value each. */
export function added(series: Series, now: ReadonlyMap<string, number>): Series {
  return new Map([...now].map(([name, value]) => [name, [...(series.get(name) ?? []), value].slice(-MOST)]));
}

/** Returns the points of a line through the values, for an SVG of this size. */
export function line(values: readonly number[], width: number, height: number): string {
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  return values
    .map(
      (value, index) =>
        `${(index * step).toFixed(1)},${(height - 1 - ((value - low) / span) * (height - 2)).toFixed(1)}`,
    )
    .join(" ");
}
