import assert from "node:assert/strict";
import { test } from "node:test";
import { Window } from "happy-dom";
import { placeOf, Server } from "../../src/explorer/server/api";
import type { Hints } from "../../src/explorer/shell/begin";
import { begin, hintsOf } from "../../src/explorer/shell/begin";
import { NOTHING_YET } from "../../src/explorer/shell/context";
import { configuration, options } from "./world";

const HINTS: Hints = {
  Login: false,
  Profiles: false,
  HasExtendedFind: true,
  UiOptions: { ...options, EnableStudyList: true },
};

const SYSTEM = { Name: "S", ApiVersion: 33, Capabilities: { HasExtendedFind: true } };

/** Begins at an address, and returns what was asked for, in its order, and what there is then. */
async function begun(page: string, hints: Hints | null, refused: readonly string[] = []) {
  const address = `http://host/ui/app/${page}`;
  const window = new Window({ url: address });
  const asked: string[] = [];
  const server = new Server(placeOf(address, "../../"), async (to) => {
    const route = new URL(to).pathname.slice(1);
    asked.push(route);
    const answers: Readonly<Record<string, unknown>> = {
      "ui/api/pre-login-configuration": { Keycloak: null },
      "ui/api/configuration": { ...configuration(["dicom-web"]), CustomTitle: "Ours" },
      system: SYSTEM,
      statistics: { CountStudies: 3 },
      modalities: { ct: { AET: "CT" } },
      peers: ["other"],
      "dicom-web/servers": ["far"],
      "tools/find": [],
    };
    return refused.includes(route) ? new Response("", { status: 403 }) : Response.json(answers[route]);
  });
  const start = await begin(server, window as unknown as typeof globalThis.window, hints);
  const first = [...asked];
  const later = typeof start.later === "function" ? await start.later() : start.later;
  return { asked, first, start, later, title: window.document.title };
}

test("the first studies are asked for before anything is known, and once", async () => {
  const { first, asked, start, title } = await begun("", HINTS);
  assert.deepEqual(first, ["tools/find", "ui/api/configuration", "system"]);
  assert.equal(asked.filter((one) => one === "tools/find").length, 1);
  assert.equal(start.system.Name, "S");
  assert.equal(title, "Ours");
});

test("what the list does not need comes after it, and of that what counts last", async () => {
  const { asked, start, later } = await begun("", HINTS);
  assert.equal(typeof start.later, "function");
  assert.deepEqual(asked.slice(3), ["modalities", "peers", "dicom-web/servers", "statistics"]);
  assert.equal(later.statistics?.CountStudies, 3);
  assert.deepEqual([later.peers, later.dicomWebServers], [["other"], ["far"]]);
});

test("another page begins when everything is there", async () => {
  const { first, later } = await begun("settings", HINTS);
  assert.ok(!first.includes("tools/find"));
  assert.deepEqual(Object.keys(later.modalities), ["ct"]);
  assert.notEqual(later, NOTHING_YET);
});

test("where rights are of a user, nothing is asked for before they are known", async () => {
  const { first } = await begun("", { ...HINTS, Profiles: true });
  assert.deepEqual(first, ["ui/api/configuration", "system", "tools/find"]);
  const unknown = await begun("", null);
  assert.equal(unknown.first[0], "ui/api/pre-login-configuration");
  const login = await begun("", { ...HINTS, Login: true });
  assert.equal(login.first[0], "ui/api/pre-login-configuration");
});

test("what a user may not read is as if it were not there", async () => {
  const { later } = await begun("", HINTS, ["statistics", "modalities", "peers", "dicom-web/servers"]);
  assert.deepEqual(later, NOTHING_YET);
});

test("the hints are those of the page", () => {
  const { document } = new Window();
  const page = document.documentElement as unknown as HTMLElement;
  assert.equal(hintsOf(page), null);
  page.dataset.hints = JSON.stringify(HINTS);
  assert.deepEqual(hintsOf(page), HINTS);
});
