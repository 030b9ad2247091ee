import assert from "node:assert/strict";
import { test } from "node:test";
import { Server } from "../../src/explorer/server/api";
import type { Page } from "../../src/viewers/explorer";
import { addButtons, base64 } from "../../src/viewers/stl/buttons";
import { content, StandIn } from "./explorer";

const STL = "1.2.840.10008.5.1.4.1.1.104.3";
const RT_STRUCT = "1.2.840.10008.5.1.4.1.1.481.3";

interface Sent {
  readonly route: string;
  readonly body: unknown;
}

/** A page with the buttons, and a server that answers what is given, by method and route. */
function world(
  page: Page,
  answers: Readonly<Record<string, unknown>>,
  options = { nifti: false, nexus: false },
) {
  const explorer = new StandIn(page, `${page}-info`, "0a");
  const sent: Sent[] = [];
  const gone: string[] = [];
  const place = "http://server/";
  const server = new Server({ server: place, pages: place, own: place }, (address, request) => {
    const route = address.replace(place, "");
    if (request.method === "POST") {
      sent.push({ route, body: JSON.parse(String(request.body)) });
    }
    const answer = answers[`${request.method} ${route}`];
    const text = typeof answer === "string" ? answer : JSON.stringify(answer);
    return Promise.resolve(new Response(text ?? "", { status: answer === undefined ? 404 : 200 }));
  });
  addButtons({
    $: explorer.$,
    document: explorer.document,
    server,
    options,
    go: (address) => gone.push(address),
    because: () => "because",
  });
  explorer.created(page);
  return { explorer, sent, gone };
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 20));

function visible(explorer: StandIn, page: Page): string[] {
  return [...explorer.document.querySelectorAll<HTMLElement>(`#${page} > a`)]
    .filter((one) => one.style.display !== "none")
    .map((one) => one.textContent ?? "");
}

function dialog(explorer: StandIn): Element {
  const last = explorer.dialogs.at(-1);
  assert.ok(last);
  return content(last.options.blankContent);
}

function submit(explorer: StandIn, form: Element): void {
  const view = explorer.document.defaultView;
  assert.ok(view);
  form.dispatchEvent(new view.window.Event("submit", { cancelable: true }));
}

for (const [kind, button] of [
  [STL, "STL viewer"],
  [RT_STRUCT, "Generate 3D model"],
] as const) {
  test(`an instance of the class ${kind} has the button ${button}, once that is known`, async () => {
    const { explorer } = world("instance", { "GET instances/0a/metadata/SopClassUid": kind });
    assert.deepEqual(visible(explorer, "instance"), []);
    explorer.happened("instance", "pagebeforeshow");
    await settled();
    assert.deepEqual(visible(explorer, "instance"), [button]);
  });
}

test("other instances, and series of several, have no button", async () => {
  for (const [page, answers] of [
    ["instance", { "GET instances/0a/metadata/SopClassUid": "1.2" }],
    ["instance", {}],
    ["series", { "GET series/0a": { Instances: ["1", "2"] } }],
  ] as const) {
    const { explorer } = world(page, answers);
    explorer.happened(page, "pagebeforeshow");
    await settled();
    assert.deepEqual(visible(explorer, page), []);
  }
});

test("a model can be opened in both viewers", async () => {
  const { explorer } = world("series", {
    "GET series/0a": { Instances: ["1b"] },
    "GET instances/1b/metadata/SopClassUid": STL,
  });
  explorer.happened("series", "pagebeforeshow");
  await settled();
  const button = explorer.document.getElementById("series-stl-viewer");
  assert.ok(button);
  assert.deepEqual(explorer.click(button), { followed: false, heard: false });
  assert.deepEqual(
    [...dialog(explorer).querySelectorAll("a")].map((one) => one.getAttribute("href")),
    ["../stl/app/o3dv.html?instance=1b", "../stl/app/three.html?instance=1b"],
  );
});

test("a region becomes a model, whose series is opened", async () => {
  const { explorer, sent, gone } = world("instance", {
    "GET instances/0a/metadata/SopClassUid": RT_STRUCT,
    "GET stl/rt-struct/0a": ["Liver", "Lung"],
    "POST stl/encode-rtstruct": { ParentSeries: "2c" },
  });
  explorer.happened("instance", "pagebeforeshow");
  await settled();
  const button = explorer.document.getElementById("instance-stl-generate");
  assert.ok(button);
  explorer.click(button);
  await settled();
  const form = dialog(explorer);
  const structure = form.querySelector<HTMLSelectElement>("[name=structure]");
  assert.ok(structure);
  structure.value = "Lung";
  submit(explorer, form);
  await settled();
  const body = { Instance: "0a", RoiNames: ["Lung"], Resolution: 256, Smooth: true };
  assert.deepEqual(sent, [{ route: "stl/encode-rtstruct", body }]);
  assert.deepEqual(gone, ["explorer.html#series?uuid=2c"]);
});

test("what goes wrong is said in the dialog", async () => {
  const { explorer, gone } = world("instance", {
    "GET instances/0a/metadata/SopClassUid": RT_STRUCT,
    "GET stl/rt-struct/0a": ["Liver"],
  });
  explorer.happened("instance", "pagebeforeshow");
  await settled();
  const button = explorer.document.getElementById("instance-stl-generate");
  assert.ok(button);
  explorer.click(button);
  await settled();
  submit(explorer, dialog(explorer));
  await settled();
  assert.equal(
    dialog(explorer).querySelector("[role=alert]")?.textContent,
    "The model was not made: because",
  );
  assert.deepEqual(gone, []);
});

test("the page of a study takes the files that are switched on", async () => {
  assert.deepEqual(visible(world("study", {}).explorer, "study"), ["Attach STL model"]);
  const { explorer, sent } = world("study", {}, { nifti: true, nexus: true });
  assert.deepEqual(visible(explorer, "study"), [
    "Attach STL model",
    "Attach NIfTI 3D model",
    "Attach Nexus model",
  ]);
  const button = explorer.document.getElementById("study-attach-nifti");
  assert.ok(button);
  explorer.click(button);
  const form = dialog(explorer);
  submit(explorer, form);
  assert.equal(form.querySelector("[role=alert]")?.textContent, "Choose a file first.");
  const input = form.querySelector<HTMLInputElement>("[name=file]");
  assert.ok(input);
  Object.defineProperty(input, "files", { value: [new Blob(["abcd"])] });
  submit(explorer, form);
  await settled();
  assert.deepEqual(sent, [
    {
      route: "stl/encode-nifti",
      body: {
        ParentStudy: "0a",
        Tags: { SeriesDescription: "3D model" },
        Nifti: "data:application/octet-stream;base64,YWJjZA==",
      },
    },
  ]);
});

test("files of any length are written in base64", async () => {
  const bytes = Uint8Array.from({ length: 70_001 }, (_, at) => at % 251);
  assert.equal(await base64(new Blob([bytes])), Buffer.from(bytes).toString("base64"));
});
