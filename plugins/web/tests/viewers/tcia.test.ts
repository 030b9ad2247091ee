import assert from "node:assert/strict";
import { test } from "node:test";
import { addButtons } from "../../src/viewers/tcia/buttons";
import { described, StandIn } from "./explorer";

test("the page where studies are looked up has a button, which leads to the page of Tcia", () => {
  const page = new StandIn("lookup", "lookup-result");
  addButtons(page.$, page.document);
  assert.deepEqual(described(page.created("lookup")), {
    id: "lookup-tcia",
    "data-role": "button",
    "data-icon": "search",
    "data-theme": "e",
    rel: "external",
    text: "The Cancer Imaging Archive",
    href: "../tcia/app/index.html",
  });
});
