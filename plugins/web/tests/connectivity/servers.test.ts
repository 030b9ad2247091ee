import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "../../src/connectivity/servers";
import { addressesOf, namesOf, waits } from "../../src/connectivity/servers";
import { placeOf, Server } from "../../src/explorer/server/api";

/** A server with these answers; 403 for all else. */
function serverOf(answers: Readonly<Record<string, unknown>>): { server: Server; asked: string[] } {
  const asked: string[] = [];
  const server = new Server(
    placeOf("http://host/pre/connectivity-checks/app/", "../../"),
    async (address) => {
      asked.push(address);
      const name = address.replace("http://host/pre/", "");
      return name in answers ? Response.json(answers[name]) : new Response("", { status: 403 });
    },
  );
  return { server, asked };
}

test("addresses are those of Orthanc's lists, and of DICOMweb wherever its plugin is", async () => {
  const { server } = serverOf({
    "modalities?expand": { ct: { AET: "CT", Host: "10.0.0.1", Port: 104 } },
    "peers?expand": { site: { Url: "http://site/" } },
    plugins: ["dicom-web"],
    "plugins/dicom-web": { RootUri: "../dw/app/client/index.html" },
    "dw/servers?expand": { "a b": { Url: "http://web/" } },
  });
  assert.deepEqual(await addressesOf(server), {
    Modalities: { ct: "CT, 10.0.0.1:104" },
    Peers: { site: "http://site/" },
    DicomWebServers: { "a b": "http://web/" },
  });
});

test("what is not there is not asked for, and what is refused is left out", async () => {
  const { server, asked } = serverOf({ plugins: [], "peers?expand": {} });
  assert.deepEqual(await addressesOf(server), { Modalities: {}, Peers: {}, DicomWebServers: {} });
  assert.deepEqual(asked.map((one) => one.replace("http://host/pre/", "")).sort(), [
    "modalities?expand",
    "peers?expand",
    "plugins",
  ]);
});

const up = { Up: true, Seconds: 0.1, Error: "" };

test("it is looked again while a server of the lists or of the status has not answered", () => {
  const addresses = { Modalities: { ct: "" }, Peers: {}, DicomWebServers: {} };
  const status: Status = { Modalities: { ct: up }, Peers: {}, DicomWebServers: {} };
  assert.equal(waits(status, addresses), false);
  assert.equal(waits({ ...status, Modalities: {} }, addresses), true);
  assert.equal(waits({ ...status, Peers: { p: { ...up, Up: null } } }, addresses), true);
});

test("the names are those of both, sorted", () => {
  assert.deepEqual(namesOf({ b: up, c: up }, { a: "", b: "" }), ["a", "b", "c"]);
});
