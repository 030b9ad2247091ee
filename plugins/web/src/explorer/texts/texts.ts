/** The texts of the pages, in the user's language. English is in the program, the others are loaded when needed. */
import english from "./en.json";

/** The name of a text. */
export type Key = keyof typeof english;

export type Texts = Readonly<Record<Key, string>>;

/** The languages that there are, by their codes, as their speakers call them. */
export const LANGUAGES: Readonly<Record<string, string>> = {
  en: "English",
  de: "Deutsch",
  es: "Español",
  fr: "Français",
  it: "Italiano",
  ja: "日本語",
  nl: "Nederlands",
  pl: "Polski",
  pt: "Português",
  zh: "中文",
};

const LOADERS: Readonly<Record<string, () => Promise<{ default: Texts }>>> = {
  de: () => import("./de.json"),
  es: () => import("./es.json"),
  fr: () => import("./fr.json"),
  it: () => import("./it.json"),
  ja: () => import("./ja.json"),
  nl: () => import("./nl.json"),
  pl: () => import("./pl.json"),
  pt: () => import("./pt.json"),
  zh: () => import("./zh.json"),
};

let current: Texts = english;
let code = "en";

/** Loads the texts of a language and uses them from now on. */
export async function speak(language: string): Promise<void> {
  const load = LOADERS[language];
  current = load ? (await load()).default : english;
  code = load ? language : "en";
}

/** The code of the language in use, such as "de". */
export function language(): string {
  return code;
}

/** Returns a text, with what stands in braces in it replaced: t("list.count", { count: 3 }). */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  return current[key].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? number(value) : value;
  });
}

/** Returns a number as the language writes it. Small ones are the same in all of them, without rules being loaded. */
export function number(value: number): string {
  return Number.isInteger(value) && value >= 0 && value < 1000 ? String(value) : value.toLocaleString(code);
}

/**
 * Chooses a language: what the user chose before, then what the configuration says, then the browser's first that there is.
 */
export function choose(
  chosen: string | null,
  configured: string | null,
  browser: readonly string[],
  available: readonly string[],
): string {
  const possible = (one: string | null): one is string =>
    one !== null && available.includes(one) && one in LANGUAGES;
  return (
    [chosen, configured, ...browser.map((one) => one.slice(0, 2).toLowerCase())].find((one) =>
      possible(one),
    ) ?? "en"
  );
}
