import assert from "node:assert/strict";
import { test } from "node:test";
import { convertible, isConvertible } from "../../src/explorer/actions/nifti";
import type { Server } from "../../src/explorer/server/api";
import type { Resource } from "../../src/explorer/server/types";

const SLICE = { "0028,0002": "1", "0028,0100": "16", "0028,0030": "0.5\\0.5", "0018,0050": "3" };

const takes: readonly [string, object][] = [
  ["a slice with its thickness", {}],
  ["a slice with the distance to the next one", { "0018,0050": "", "0018,0088": "3" }],
  ["one frame that is counted", { "0028,0008": "1" }],
  ["frames with their offsets", { "0028,0008": "2", "3004,000c": "0\\3" }],
  ["a slice without spacing", { "0028,0030": undefined }],
];

const refuses: readonly [string, object][] = [
  ["a slice without thickness", { "0018,0050": undefined }],
  ["a slice of empty thickness", { "0018,0050": "" }],
  ["frames without offsets", { "0028,0008": "2" }],
  ["colours", { "0028,0002": "3" }],
  ["8 bits", { "0028,0100": "8" }],
  ["pixels that are not square", { "0028,0030": "2\\0.5" }],
];

for (const [what, tags] of takes) {
  test(`Neuro takes ${what}`, () => assert.equal(isConvertible({ ...SLICE, ...tags }), true));
}

for (const [what, tags] of refuses) {
  test(`Neuro is not asked for ${what}`, () => assert.equal(isConvertible({ ...SLICE, ...tags }), false));
}

test("the first instance of a series is looked at", async () => {
  const answers: Record<string, unknown> = {
    "series/s": { Instances: ["i", "j"] },
    "instances/i/tags?short": SLICE,
    "series/empty": { Instances: [] },
  };
  const server = { get: (route: string) => Promise.resolve(answers[route]) } as unknown as Server;
  const one = (ID: string): Resource => ({ ID, Type: "Series", MainDicomTags: {} });
  assert.equal(await convertible(server, "Series", one("s")), true);
  assert.equal(await convertible(server, "Series", one("empty")), false);
  assert.equal(await convertible(server, "Instance", one("i")), true);
});
