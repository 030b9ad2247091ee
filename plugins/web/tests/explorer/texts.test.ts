import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { choose, LANGUAGES, language, speak, t } from "../../src/explorer/texts/texts";
import { options } from "./world";

/** The tests run in plugins/web. */
const FOLDER = pathToFileURL(`${process.cwd()}/src/explorer/texts/`);

function textsOf(code: string): Record<string, string> {
  return JSON.parse(readFileSync(new URL(`${code}.json`, FOLDER), "utf-8")) as Record<string, string>;
}

const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([one]) => one).sort();

test("each language has a file, and each file is a language that can be chosen", () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  assert.deepEqual(files.map((name) => name.replace(".json", "")).sort(), Object.keys(LANGUAGES).sort());
  assert.deepEqual([...options.AvailableLanguages].sort(), Object.keys(LANGUAGES).sort());
});

const english = textsOf("en");

for (const code of Object.keys(LANGUAGES)) {
  test(`no text is missing in ${code}, and each has the places of the English one`, () => {
    const texts = textsOf(code);
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort());
    for (const [name, text] of Object.entries(texts)) {
      assert.notEqual(text.trim(), "", name);
      assert.deepEqual(places(text), places(english[name] ?? ""), name);
    }
  });
}

test("every text is used", () => {
  const walk = (folder: URL): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory()
        ? walk(new URL(`${entry.name}/`, folder))
        : /\.tsx?$/.test(entry.name)
          ? [readFileSync(new URL(entry.name, folder), "utf-8")]
          : [],
    );
  const sources = walk(new URL("../../", FOLDER)).join("\n");
  const unused = Object.keys(english).filter(
    (name) => !sources.includes(`"${name}"`) && !/^(jobs\.state|settings\.level)\./.test(name),
  );
  assert.deepEqual(unused, []);
});

test("a text is said in the language in use, with its values", async () => {
  assert.equal(t("list.count", { count: 1234 }), "Studies: 1,234");
  await speak("de");
  assert.equal(language(), "de");
  assert.equal(t("list.count", { count: 1234 }), textsOf("de")["list.count"]?.replace("{count}", "1.234"));
  await speak("xx");
  assert.equal(language(), "en");
});

test("the language is the user's choice, the configuration's, or the browser's", () => {
  const all = Object.keys(LANGUAGES);
  assert.equal(choose("fr", "de", ["es"], all), "fr");
  assert.equal(choose(null, "de", ["es"], all), "de");
  assert.equal(choose(null, null, ["xx-YY", "pt-BR"], all), "pt");
  assert.equal(choose("fr", null, [], ["en", "de"]), "en");
});
