import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf, Server } from "../../src/explorer/server/api";
import {
  type Content,
  collection,
  collections,
  fits,
  importCart,
  importSeries,
  orderOf,
  progressOf,
  studies,
} from "../../src/tcia/archive";

/** A server with these answers of the archive's calls, by their addresses behind tcia/. */
function serverOf(answers: Readonly<Record<string, unknown>>): { server: Server; sent: unknown[] } {
  const sent: unknown[] = [];
  const server = new Server(
    placeOf("http://host/pre/tcia/app/index.html", "../../"),
    async (address, request) => {
      const name = address.replace("http://host/pre/tcia/", "");
      if (request.body) {
        sent.push([name, JSON.parse(String(request.body))]);
      }
      const answer = answers[name];
      return answer === undefined ? new Response("") : Response.json(answer);
    },
  );
  return { server, sent };
}

test("collections are sorted, each once, and there may be none", async () => {
  const listed = [{ Collection: "LIDC" }, { Collection: "ACRIN" }, { Collection: "LIDC" }, {}];
  const { server } = serverOf({ "proxy/getCollectionValues": listed });
  assert.deepEqual(await collections(server), ["ACRIN", "LIDC"]);
  assert.deepEqual(await collections(serverOf({}).server), []);
});

test("a collection has its patients, modalities and body parts, and its name may have anything in it", async () => {
  const { server } = serverOf({
    "proxy/getPatient?Collection=A%2526B+C": [
      { PatientId: "p2", PatientName: "Two", PatientSex: "F" },
      { PatientId: "p1", PatientName: null },
      { PatientName: "Nobody" },
    ],
    "proxy/getModalityValues?Collection=A%2526B+C": [{ Modality: "CT" }],
  });
  assert.deepEqual(await collection(server, "A&B C"), {
    patients: [
      { id: "p1", name: "", sex: "" },
      { id: "p2", name: "Two", sex: "F" },
    ],
    modalities: ["CT"],
    bodyParts: [],
  });
});

test("series are shown with their study, also where the archive does not list that", async () => {
  const { server } = serverOf({
    "proxy/getPatientStudy?Collection=C&PatientID=p": [
      { StudyInstanceUID: "1", StudyDate: "2001-02-03", StudyDescription: "CHEST" },
    ],
    "proxy/getSeries?Collection=C&PatientID=p": [
      {
        SeriesInstanceUID: "1.1",
        StudyInstanceUID: "1",
        Modality: "CT",
        SeriesDescription: "lung",
        BodyPartExamined: "CHEST",
        ImageCount: 3,
        FileSize: "1500000",
      },
      { SeriesInstanceUID: "2.1", StudyInstanceUID: "2", ImageCount: "x" },
    ],
  });
  const found = await studies(server, "C", "p");
  assert.deepEqual(
    found.map((one) => [one.uid, one.date, one.description, one.series.map((series) => series.uid)]),
    [
      ["1", "2001-02-03", "CHEST", ["1.1"]],
      ["2", "", "", ["2.1"]],
    ],
  );
  const series = found.flatMap((one) => one.series);
  assert.deepEqual(
    series.map((one) => orderOf("C", "p", one)),
    [
      { Collection: "C", PatientID: "p", SeriesInstanceUID: "1.1", InstancesCount: 3, Size: "1500000" },
      { Collection: "C", PatientID: "p", SeriesInstanceUID: "2.1", InstancesCount: 0, Size: "0" },
    ],
  );
});

test("imports are jobs, for which nobody waits", async () => {
  const { server, sent } = serverOf({ import: { ID: "j" } });
  assert.equal(await importSeries(server, []), "j");
  assert.equal(await importCart(server, new Blob(["Zoë"])), "j");
  assert.deepEqual(sent, [
    ["import", { Type: "Series", Content: [], Asynchronous: true }],
    ["import", { Type: "NbiaClientSpreadsheet", Content: "Wm/Dqw==", Asynchronous: true }],
  ]);
});

test("the first series of a job are those that are done, and are counted by patient", () => {
  const one = (PatientID: string): Content["Series"][number] => ({
    Collection: "C",
    PatientID,
    SeriesInstanceUID: "1",
    InstancesCount: 1,
    Size: "1",
    OrthancID: `id-${PatientID}`,
  });
  const content = { SeriesCount: 3, InstancesCount: 3, SizeMB: 0, Series: [one("a"), one("b"), one("a")] };
  assert.deepEqual(progressOf({ ...content, SeriesDone: 2 }), [
    { patient: "a", orthanc: "id-a", done: 1, count: 2 },
    { patient: "b", orthanc: "id-b", done: 1, count: 1 },
  ]);
  assert.deepEqual(
    progressOf(content).map((patient) => patient.done),
    [0, 0],
  );
});

test("a filter is a part of the text, or a pattern for all of it", () => {
  const fitting = (filter: string): string[] => ["LIDC-01", "lidc-02", "a.c", "abc"].filter(fits(filter));
  assert.deepEqual(fitting(" "), ["LIDC-01", "lidc-02", "a.c", "abc"]);
  assert.deepEqual(fitting("dc"), ["LIDC-01", "lidc-02"]);
  assert.deepEqual(fitting("lidc-0?"), ["LIDC-01", "lidc-02"]);
  assert.deepEqual(fitting("*1"), ["LIDC-01"]);
  assert.deepEqual(fitting("?"), []);
  assert.deepEqual(fitting("a.c"), ["a.c"]);
});
