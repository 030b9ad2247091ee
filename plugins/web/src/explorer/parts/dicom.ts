/** DICOM values as people read them. */

/**
 * Returns a date (DA) by a format such as "yyyyMMdd", "dd/MM/yyyy" or "locale"; what is no date stays as it is.
 */
export function date(value: string | undefined, format: string, language: string): string {
  const parts = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(value?.trim() ?? "");
  if (!parts) {
    return value ?? "";
  }
  const [, year = "", month = "", day = ""] = parts;
  if (format === "locale") {
    const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    return at.toLocaleDateString(language, { timeZone: "UTC" });
  }
  return format
    .replace(/yyyy/g, year)
    .replace(/MM/g, month)
    .replace(/dd/g, day)
    .replace(/\bM\b/g, String(Number(month)))
    .replace(/\bd\b/g, String(Number(day)));
}

/** Returns a time (TM) as hours, minutes and seconds. */
export function time(value: string | undefined): string {
  const parts = /^(\d{2})(\d{2})?(\d{2})?/.exec(value?.trim() ?? "");
  return parts ? parts.slice(1).filter(Boolean).join(":") : (value ?? "");
}

/**
 * Returns a person's name (PN): its groups of characters (alphabetic, ideographic, phonetic) beside one another, each as
 * the family's name, a comma, and the others.
 */
export function name(value: string | undefined): string {
  return (value ?? "")
    .split("=")
    .map((group) => {
      const [family = "", given = "", middle = "", prefix = "", suffix = ""] = group
        .split("^")
        .map((one) => one.trim());
      const first = [prefix, given, middle, suffix].filter(Boolean).join(" ");
      return [family, first].filter(Boolean).join(", ");
    })
    .filter(Boolean)
    .join(" · ");
}

/** Returns a name by the user's pattern: `capture` is a regular expression, `format` has {0}, {1} … for its groups. */
export function nameBy(value: string | undefined, capture: unknown, format: unknown): string {
  if (typeof format !== "string" || typeof capture !== "string" || !value) {
    return name(value);
  }
  const found = new RegExp(capture).exec(value);
  return found
    ? format.replace(/\{(\d)\}|\$(\d)/g, (_, one, two) => found[Number(one ?? two)] ?? "").trim()
    : value;
}

/** Returns a size in bytes for people. */
export function size(bytes: number, language: string): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** step).toLocaleString(language, { maximumFractionDigits: step === 0 ? 0 : 1 })} ${units[step]}`;
}

/** Returns a date of today, or days before, as DA. */
export function day(daysAgo: number, now = new Date()): string {
  const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo);
  const two = (one: number): string => String(one).padStart(2, "0");
  return `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
}

/** Returns a date of an <input type="date"> (2026-11-28) as DA, and the other way round. */
export const fromInput = (value: string): string => value.replaceAll("-", "");
export const toInput = (value: string): string =>
  /^\d{8}$/.test(value) ? `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6)}` : "";
