import assert from "node:assert/strict";
import { test } from "node:test";
import { addButtons } from "../../src/viewers/volview/buttons";
import { described, StandIn } from "./explorer";

for (const { page, level } of [
  { page: "study", level: "studies" },
  { page: "series", level: "series" },
] as const) {
  test(`the page of ${level} has a button, which leads to the archive of what is shown`, () => {
    const explorer = new StandIn(page, `${page}-info`, "a/b");
    addButtons(explorer.$, explorer.document);
    const button = explorer.created(page);
    assert.ok(button);
    const looks = { "data-role": "button", "data-icon": "search", "data-theme": "e", target: "_blank" };
    const expected = { id: `${page}-volview`, ...looks, text: "Open Kitware's VolView" };
    assert.deepEqual(described(button), { ...expected, href: "#" });
    assert.deepEqual(explorer.click(button), { followed: true, heard: true });
    const href = `../volview/index.html?names=[archive.zip]&urls=[../${level}/a%2Fb/archive]`;
    assert.deepEqual(described(button), { ...expected, href });
  });
}

test("no other page has a button", () => {
  const explorer = new StandIn("study", "study-info");
  addButtons(explorer.$, explorer.document);
  assert.deepEqual(explorer.prepared, ["#study pagebeforecreate", "#series pagebeforecreate"]);
});
