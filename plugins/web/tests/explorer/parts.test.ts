import assert from "node:assert/strict";
import { test } from "node:test";
import { replaced } from "../../src/explorer/actions/custom";
import { describe } from "../../src/explorer/actions/describe";
import { fileName, route } from "../../src/explorer/actions/files";
import { savedAs, studiesOf, withToken } from "../../src/explorer/actions/links";
import { request } from "../../src/explorer/actions/send";
import { kindOf, tagsFor } from "../../src/explorer/actions/series";
import { filled } from "../../src/explorer/actions/share";
import { hasViewers, viewersOf } from "../../src/explorer/actions/viewers";
import { windowQuery } from "../../src/explorer/pages/instances";
import { when } from "../../src/explorer/pages/jobs";
import { added, line, metricsOf } from "../../src/explorer/pages/prometheus";
import { retrieveRequest } from "../../src/explorer/pages/search";
import { searched } from "../../src/explorer/pages/tags";
import { dropped, Uploads } from "../../src/explorer/pages/transfer";
import { reported } from "../../src/explorer/pages/upload";
import { defaultsOf, fieldsOf, tagsOf } from "../../src/explorer/pages/worklist";
import * as dicom from "../../src/explorer/parts/dicom";
import { among, toggled } from "../../src/explorer/parts/selection";
import type { Resource } from "../../src/explorer/server/types";
import { configuration, options } from "./world";

const STUDY: Resource = {
  ID: "abc",
  Type: "Study",
  MainDicomTags: { StudyInstanceUID: "1.2", StudyDate: "20260102", StudyDescription: 'Head/Neck: "1"' },
  PatientMainDicomTags: { PatientID: "P1", PatientName: "DOE^JANE" },
  RequestedTags: { ModalitiesInStudy: "CT\\PT" },
};

test("a window needs its centre and its width", () => {
  assert.equal(windowQuery({ center: "40", width: "400" }), "?window-center=40&window-width=400");
  assert.equal(windowQuery({ center: "40", width: "" }), "");
  assert.equal(windowQuery({ center: "", width: "400" }), "");
  assert.equal(windowQuery({ center: "40", width: "-1" }), "");
});

test("dates and times", () => {
  assert.equal(dicom.date("20260102", "yyyyMMdd", "en"), "20260102");
  assert.equal(dicom.date("20260102", "d.M.yyyy", "de"), "2.1.2026");
  assert.equal(dicom.date("20260102", "locale", "en-GB"), "02/01/2026");
  assert.equal(dicom.date("soon", "yyyyMMdd", "en"), "soon");
  assert.equal(dicom.date(undefined, "yyyyMMdd", "en"), "");
  assert.equal(dicom.time("101530.5"), "10:15:30");
  assert.equal(dicom.time("10"), "10");
  assert.equal(dicom.day(1, new Date(2026, 2, 1)), "20260228");
  assert.equal(dicom.toInput(dicom.fromInput("2026-11-28")), "2026-11-28");
  assert.equal(dicom.toInput("202611"), "");
});

test("names of people, in every script", () => {
  assert.equal(
    dicom.name("Adams^John Robert^Quincy^Rev.^B.A. M.Div."),
    "Adams, Rev. John Robert Quincy B.A. M.Div.",
  );
  assert.equal(dicom.name("Wang^XiaoDong=王^小东="), "Wang, XiaoDong · 王, 小东");
  assert.equal(dicom.name(undefined), "");
  assert.equal(dicom.nameBy("DOE^JANE", options.PatientNameCapture, "{2} {1}"), "JANE DOE");
  assert.equal(dicom.nameBy("DOE^JANE", options.PatientNameCapture, null), "DOE, JANE");
});

test("sizes", () => {
  assert.equal(dicom.size(999, "en"), "999 B");
  assert.equal(dicom.size(1_500_000, "en"), "1.5 MB");
});

test("names of downloads have nothing that a file system refuses", () => {
  assert.equal(fileName(options, "Study", STUDY), "P1-DOE_JANE-20260102-Head_Neck_ _1_.zip");
  assert.equal(
    fileName({ ...options, DownloadStudyFileNameTemplate: "{Nothing}../{PatientID}" }, "Study", STUDY),
    "P1",
  );
  assert.equal(route("Series"), "series");
});

test("a resource in a few words", () => {
  assert.equal(describe({ ID: "x", Type: "Study", MainDicomTags: {} }), "x");
  assert.match(describe(STUDY), /DOE\^JANE · P1 · 20260102/);
});

test("viewers come in the configured order, where their plugins and options are there", () => {
  const all = configuration(["volview", "stone-webviewer", "ohif"], { EnableOpenInOhifViewer3: true });
  const names = viewersOf(all, "Study", [STUDY], "http://host/").map((one) => one.id);
  assert.deepEqual(names, ["stone-webviewer", "ohif", "ohif-vr", "ohif-tmtv", "ohif-seg", "volview"]);
  assert.deepEqual(viewersOf(configuration([]), "Study", [STUDY], "http://host/"), []);
  const [stone] = viewersOf(all, "Study", [STUDY], "http://host/pre/");
  assert.equal(stone?.address, "http://host/pre/stone-webviewer/index.html?study=1.2");
});

test("with dicom-json, OHIF opens one study by its address", () => {
  const all = configuration(["ohif"], { EnableOpenInOhifViewer3: true, ViewersOrdering: ["ohif"] });
  const json = {
    ...all,
    Plugins: { ohif: { ID: "ohif", Enabled: true, Version: "1", DataSource: "dicom-json" } },
  };
  const [only] = viewersOf(json, "Study", [STUDY], "http://host/");
  assert.equal(only?.address, "http://host/ohif/viewer?url=..%2Fstudies%2Fabc%2Fohif-dicom-json");
  assert.deepEqual(viewersOf(json, "Study", [STUDY, { ...STUDY, ID: "def" }], "http://host/"), []);
});

test("sending asks each kind of target as it wants", () => {
  assert.deepEqual(request({ kind: "modality", name: "a b" }, "Study", [STUDY]), [
    "modalities/a%20b/store",
    { Resources: ["abc"], Synchronous: false },
  ]);
  assert.deepEqual(request({ kind: "transfers", name: "x" }, "Series", [STUDY])[1], {
    Resources: [{ Level: "Series", ID: "abc" }],
    Compression: "gzip",
    Peer: "x",
  });
  assert.equal(request({ kind: "peer", name: "x" }, "Study", [STUDY])[0], "peers/x/store");
  assert.equal(request({ kind: "dicomweb", name: "x" }, "Study", [STUDY])[0], "dicom-web/servers/x/stow");
});

test("files for a new series are known by type or name", () => {
  assert.equal(kindOf({ type: "application/pdf", name: "a" }), "pdf");
  assert.equal(kindOf({ type: "image/png", name: "a" }), "image");
  assert.equal(kindOf({ type: "", name: "part.STL" }), "stl");
  assert.equal(kindOf({ type: "text/plain", name: "a.txt" }), null);
  const tags = tagsFor(
    { SeriesDate: "$STUDY_DATE$", Modality: "DOC", ContentDate: "$FILE_DATE$" },
    STUDY,
    new Date(2025, 0, 2),
  );
  assert.deepEqual(tags, { SeriesDate: "20260102", Modality: "DOC", ContentDate: "20250102" });
});

test("an e-mail has the link and the patient, and nothing of theirs becomes HTML", () => {
  const odd = { ...STUDY, PatientMainDicomTags: { PatientName: "<b>" } };
  assert.equal(
    filled("<p>{PatientName} {ShareUrl} {Odd}</p>", "http://x/?a=1&b=2", [odd]),
    "<p>&#60;b&#62; http://x/?a=1&#38;b=2 </p>",
  );
});

test("custom buttons are told what they are for, at any depth", () => {
  const payload = { ids: ["{UUID}", { name: "{PatientName} {Unknown}" }], level: "{Level}", count: 1 };
  assert.deepEqual(replaced(payload, [STUDY], "Study"), {
    ids: ["abc", { name: "DOE^JANE {Unknown}" }],
    level: "study",
    count: 1,
  });
});

test("studies are retrieved as the modality wants", () => {
  const at = { type: "dicom", name: "pacs" } as const;
  assert.equal(retrieveRequest(at, "1.2", "HERE", undefined)[0], "modalities/pacs/move");
  assert.equal(retrieveRequest(at, "1.2", "HERE", { RetrieveMethod: "C-GET" })[0], "modalities/pacs/get");
  const [, body] = retrieveRequest(at, "1.2", "HERE", { LocalAet: "ALIAS" });
  assert.equal((body as { TargetAet: string }).TargetAet, "ALIAS");
  assert.deepEqual(retrieveRequest({ type: "dicom-web", name: "w" }, "1.2", "HERE", undefined), [
    "dicom-web/servers/w/retrieve",
    { Resources: [{ Study: "1.2" }], Synchronous: false },
  ]);
});

test("a search in tags keeps the sequences around what fits", () => {
  const tag = (Name: string, Value: string) => ({ Name, Type: "String", Value }) as const;
  const dataset = {
    "0010,0010": tag("PatientName", "DOE"),
    "0008,1140": {
      Name: "ReferencedImageSequence",
      Type: "Sequence",
      Value: [{ "0008,1155": tag("ReferencedSOPInstanceUID", "1.9") }, {}],
    },
  } as const;
  assert.deepEqual(Object.keys(searched(dataset, "00100010")), ["0010,0010"]);
  assert.deepEqual(Object.keys(searched(dataset, "1.9")), ["0008,1140"]);
  assert.deepEqual(searched(dataset, ""), dataset);
  assert.deepEqual(searched(dataset, "nothing"), {});
});

test("metrics are read, kept and drawn", () => {
  const now = metricsOf('# HELP\northanc_up 1 17\nodd{a="b"} 2.5\nbad NaN\n');
  assert.deepEqual(
    [...now],
    [
      ["orthanc_up", 1],
      ['odd{a="b"}', 2.5],
    ],
  );
  const twice = added(added(new Map(), now), now);
  assert.deepEqual(twice.get("orthanc_up"), [1, 1]);
  assert.equal(line([0, 10], 100, 22), "0.0,21.0 100.0,1.0");
});

test("times of jobs are Orthanc's, in UTC", () => {
  assert.equal(when("20261128T101112.5"), new Date(Date.UTC(2026, 10, 28, 10, 11, 12)).toLocaleString());
  assert.equal(when("odd"), "odd");
});

test("the form of a worklist has the fields of its template, those of sequences too", () => {
  const fields = fieldsOf({
    PatientID: { Required: true },
    StudyInstanceUID: { DefaultValue: "$GENERATE_DICOM_UUID$" },
    ScheduledProcedureStepSequence: {
      DefaultValue: [
        { Modality: { Choices: ["CT"] }, ScheduledProcedureStepStartDate: { DefaultValue: "$TODAY$" } },
      ],
    },
  });
  const values = defaultsOf(fields, {}, new Date(2026, 10, 28));
  assert.equal(values["ScheduledProcedureStepSequence/ScheduledProcedureStepStartDate"], "20261128");
  assert.deepEqual(tagsOf(fields, { ...values, PatientID: "P" }), {
    PatientID: "P",
    StudyInstanceUID: "",
    ScheduledProcedureStepSequence: [{ Modality: "", ScheduledProcedureStepStartDate: "20261128" }],
  });
});

test("the form of a worklist for a patient begins with the patient, and nothing else of a study", () => {
  const fields = fieldsOf({
    PatientID: { DefaultValue: "none" },
    PatientSex: {},
    AccessionNumber: { DefaultValue: "$TODAY$" },
    Sequence: { DefaultValue: [{ PatientID: { DefaultValue: "inner" } }] },
  });
  const patient = { PatientID: "P", PatientName: "Doe^Jane" };
  assert.deepEqual(defaultsOf(fields, patient, new Date(2026, 10, 28)), {
    PatientID: "P",
    PatientSex: "",
    AccessionNumber: "20261128",
    "Sequence/PatientID": "inner",
  });
});

test("of many series, what is chosen is that which is still there, in its order", () => {
  const all = ["a", "b", "c"].map((ID) => ({ ID }));
  const chosen = toggled(toggled(toggled(new Set(["x"]), "c", true), "a", true), "b", false);
  assert.deepEqual(
    among(chosen, all).map(({ ID }) => ID),
    ["a", "c"],
  );
  assert.deepEqual(among(toggled(chosen, "c", false), all), [{ ID: "a" }]);
});

test("a token goes into a link, and to Weasis as a header", () => {
  assert.equal(withToken("http://h/a", "t&"), "http://h/a?token=t%26");
  assert.equal(withToken("http://h/a?b=1", "t"), "http://h/a?b=1&token=t");
  const weasis = decodeURIComponent(withToken("weasis://?x", "t"));
  assert.equal(weasis, 'weasis://?x -H "Authorization: Bearer t"');
});

test("a file that is downloaded with headers has the name that a link would give it", () => {
  assert.equal(savedAs("http://h/studies/1/archive?filename=a%20b.zip", "x"), "a b.zip");
  assert.equal(savedAs("http://h/studies/1/archive", 'attachment; filename="said.zip"'), "said.zip");
  assert.equal(savedAs("http://h/instances/1/pdf", null), "pdf");
});

test("what was uploaded is named by the tags that the configuration wants", () => {
  const wanted = {
    UploadReportTags: ["AccessionNumber", "PatientName", "PatientID"],
    UploadReportMaxTags: 1,
  };
  assert.equal(reported(STUDY, wanted), "DOE^JANE");
  assert.equal(reported(STUDY, { ...wanted, UploadReportMaxTags: 0 }), "abc");
});

test("a former OHIF elsewhere is opened with one study", () => {
  const there = { EnableOpenInOhifViewer: true, OhifViewerPublicRoot: "http://ohif/" };
  const [only] = viewersOf(configuration([], there), "Study", [STUDY], "http://host/");
  assert.match(only?.address ?? "", /^http:\/\/ohif\/Viewer\/[\d.]+$/);
  assert.equal(hasViewers(configuration([], there)), true);
  assert.equal(hasViewers(configuration([])), false);
});

test("a token is asked for once for each study", () => {
  const series = ["s1", "s2"].map(
    (ID) =>
      ({ ID, Type: "Series", ParentStudy: "S", MainDicomTags: { StudyInstanceUID: "1.2" } }) as Resource,
  );
  const study = { OrthancId: "S", DicomUid: "1.2", Level: "study" };
  assert.deepEqual(studiesOf(series, "Series"), [study]);
});

function file(name: string): File {
  return new File(["x"], name);
}

test("uploads go some at a time, leave DICOMDIR out, and can be tried again", async () => {
  let most = 0;
  let running = 0;
  let broken = true;
  const uploads = new Uploads(
    async (blob) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((later) => setTimeout(later, 1));
      running -= 1;
      if ((blob as File).name === "bad" && broken) {
        throw new Error("no DICOM");
      }
      return ["study"];
    },
    (error) => String(error),
    () => undefined,
    (work) => work(),
  );
  uploads.add([
    ...Array.from({ length: 20 }, (_, index) => file(`f${index}`)),
    file("bad"),
    file("DICOMDIR"),
  ]);
  while (uploads.busy) {
    await new Promise((later) => setTimeout(later, 1));
  }
  assert.ok(most <= 4);
  assert.deepEqual([uploads.progress.done, uploads.progress.failed, uploads.progress.skipped], [20, 1, 1]);
  assert.deepEqual(uploads.progress.failures[0], {
    name: "bad",
    status: "failed",
    reason: "Error: no DICOM",
  });
  assert.deepEqual([...uploads.progress.studies], ["study"]);
  broken = false;
  uploads.retry();
  while (uploads.busy) {
    await new Promise((later) => setTimeout(later, 1));
  }
  assert.deepEqual([uploads.progress.done, uploads.progress.failed], [21, 0]);
});

test("a pause holds what has not begun", async () => {
  const uploads = new Uploads(
    async () => [],
    String,
    () => undefined,
    () => undefined,
  );
  uploads.pause();
  uploads.add([file("a")]);
  assert.deepEqual([uploads.isPaused, uploads.progress.waiting], [true, 1]);
  uploads.resume();
  while (uploads.busy) {
    await new Promise((later) => setTimeout(later, 1));
  }
  assert.equal(uploads.progress.done, 1);
});

test("dropped folders are read to their ends", async () => {
  const leaf = (name: string) => ({ isFile: true, file: (done: (one: File) => void) => done(file(name)) });
  const folder = (...batches: unknown[][]) => ({
    isFile: false,
    createReader: () => ({
      readEntries: (done: (entries: unknown[]) => void) => done(batches.shift() ?? []),
    }),
  });
  const items = [
    { webkitGetAsEntry: () => folder([leaf("a")], [folder([leaf("b")])]) },
    { webkitGetAsEntry: () => null },
  ];
  assert.deepEqual(
    (await dropped(items)).map((one) => one.name),
    ["a", "b"],
  );
});
