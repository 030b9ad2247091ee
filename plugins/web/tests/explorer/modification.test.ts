import assert from "node:assert/strict";
import { test } from "node:test";
import {
  attachSteps,
  changes,
  isInPlace,
  modification,
  patientSteps,
  questionOf,
  studySteps,
} from "../../src/explorer/actions/modification";
import type { Resource } from "../../src/explorer/server/types";

const BEFORE = { PatientID: "P1", PatientName: "DOE^JANE", StudyDescription: "Head" };

function study(ID: string, PatientID: string, PatientName: string): Resource {
  return {
    ID,
    Type: "Study",
    ParentPatient: `patient-${PatientID}`,
    MainDicomTags: { StudyDescription: "Head" },
    PatientMainDicomTags: { PatientID, PatientName, PatientBirthDate: "19700101", PatientSex: "F" },
  };
}

const replaced = (step: { readonly body: object } | undefined): unknown =>
  (step?.body as { Replace: unknown } | undefined)?.Replace;

const STUDY = study("a", "P1", "DOE^JANE");

test("only what has changed is replaced", () => {
  assert.deepEqual(changes(BEFORE, { ...BEFORE, StudyDescription: "Neck" }), { StudyDescription: "Neck" });
  assert.deepEqual(changes(BEFORE, { ...BEFORE, StudyID: "" }), {});
});

test("with its identifiers the original is kept: Orthanc would delete what lies in its place", () => {
  for (const level of ["Study", "Series"] as const) {
    const step = modification(level, "a", "modify-keep-uids", { SeriesDescription: "b" });
    assert.equal((step.body as { KeepSource: boolean }).KeepSource, true);
    assert.equal(step.source, undefined);
  }
});

test("with new identifiers the original goes, and a copy leaves it", () => {
  assert.deepEqual(
    modification("Series", "a", "modify-new-uids", { SeriesDescription: "b" }, ["0009,1001"]),
    {
      route: "series/a/modify",
      body: {
        Replace: { SeriesDescription: "b" },
        Remove: ["0009,1001"],
        Keep: [],
        KeepSource: false,
        KeepLabels: true,
        Force: true,
        Synchronous: false,
      },
    },
  );
  const copy = modification("Study", "a", "duplicate", {});
  assert.equal((copy.body as { KeepSource: boolean }).KeepSource, true);
  assert.equal(copy.source, undefined);
});

test("a study's own tags concern no other study", () => {
  const after = { ...BEFORE, StudyDescription: "Neck" };
  assert.deepEqual(questionOf(STUDY, BEFORE, after, [STUDY, study("b", "P1", "DOE^JANE")]), { kind: "none" });
  const [step] = studySteps(STUDY, "modify-new-uids", BEFORE, after);
  assert.deepEqual(replaced(step), { StudyDescription: "Neck" });
});

test("a patient's other studies are asked about, and changed with it", () => {
  const other = study("b", "P1", "DOE^JANE");
  const after = { ...BEFORE, PatientName: "DOE^ANNE", StudyDescription: "Neck" };
  assert.deepEqual(questionOf(STUDY, BEFORE, after, [STUDY, other]), { kind: "others", studies: [other] });
  assert.deepEqual(questionOf(STUDY, BEFORE, after, [STUDY]), { kind: "none" });
  const steps = patientSteps(STUDY, "modify-keep-uids", BEFORE, after);
  assert.deepEqual(
    steps.map(({ route, body }) => [route, replaced({ body })]),
    [
      ["studies/a/modify", { StudyDescription: "Neck" }],
      [
        "patients/patient-P1/modify",
        { PatientID: "P1", PatientName: "DOE^ANNE", PatientBirthDate: "19700101", PatientSex: "F" },
      ],
    ],
  );
});

test("a form without the PatientID leaves the patient's identity alone", () => {
  const other = study("b", "P1", "DOE^JANE");
  const question = questionOf(STUDY, { PatientName: "DOE^JANE" }, { PatientName: "X" }, [STUDY, other]);
  assert.deepEqual(question, { kind: "others", studies: [other] });
});

test("a patient that exists keeps its data, and gets the study", () => {
  const other = study("b", "P2", "ROE^RICHARD");
  const after = { ...BEFORE, PatientID: "P2", StudyDescription: "Neck" };
  // What fits as a wildcard only is another patient.
  const question = questionOf(STUDY, BEFORE, after, [study("c", "P2x", "X"), other]);
  assert.deepEqual(question, { kind: "exists", patient: other.PatientMainDicomTags, studies: [other] });
  const [step] = attachSteps(STUDY, "modify-new-uids", BEFORE, after, other.PatientMainDicomTags ?? {});
  assert.deepEqual(replaced(step), {
    StudyDescription: "Neck",
    PatientID: "P2",
    PatientName: "ROE^RICHARD",
    PatientBirthDate: "19700101",
    PatientSex: "F",
  });
});

test("what keeps its identifiers and its patient is written over", () => {
  assert.equal(isInPlace("Study", "modify-keep-uids", BEFORE, { ...BEFORE, PatientName: "X" }), true);
  assert.equal(isInPlace("Study", "modify-keep-uids", BEFORE, { ...BEFORE, PatientID: "P9" }), false);
  assert.equal(isInPlace("Series", "modify-keep-uids", {}, {}), true);
  assert.equal(isInPlace("Series", "modify-new-uids", {}, {}), false);
});

test("a study that moves to another patient with its identifiers leaves its place", () => {
  const after = { ...BEFORE, PatientID: "P9" };
  assert.equal(studySteps(STUDY, "modify-keep-uids", BEFORE, after)[0]?.source, "a");
  assert.equal(studySteps(STUDY, "modify-new-uids", BEFORE, after)[0]?.source, undefined);
  assert.equal(studySteps(STUDY, "duplicate", BEFORE, after)[0]?.source, undefined);
  const renamed = { ...BEFORE, PatientName: "X" };
  assert.equal(studySteps(STUDY, "modify-keep-uids", BEFORE, renamed)[0]?.source, undefined);
});

test("a new patient gets all that Orthanc wants to know of one", () => {
  const after = { ...BEFORE, PatientID: "P9" };
  assert.deepEqual(questionOf(STUDY, BEFORE, after, []), { kind: "none" });
  const [step] = studySteps(STUDY, "modify-new-uids", BEFORE, after);
  assert.deepEqual(replaced(step), {
    PatientID: "P9",
    PatientName: "DOE^JANE",
    PatientBirthDate: "19700101",
    PatientSex: "F",
  });
});
