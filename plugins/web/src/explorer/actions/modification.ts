/** What a modification asks Orthanc for, and what has to be decided before. */
import { tagOf } from "../list/columns";
import type { Level, Resource, Tags } from "../server/types";
import { route } from "./files";

/** How a modification treats identifiers and the original. */
export type Mode = "modify-new-uids" | "modify-keep-uids" | "duplicate";

/** Orthanc wants all of these when a study gets another patient. */
export const PATIENT = ["PatientID", "PatientName", "PatientBirthDate", "PatientSex"] as const;

/** Identifiers of DICOM that stay as they are with "modify-keep-uids". */
const KEPT: Readonly<Record<Level, readonly string[]>> = {
  Patient: ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"],
  Study: ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"],
  Series: ["SeriesInstanceUID", "SOPInstanceUID"],
  Instance: ["SOPInstanceUID"],
};

/** A request that begins a job. */
export interface Step {
  readonly route: string;
  readonly body: object;
  /** The study that is deleted when the job is done, since its copy with the same identifiers has another place. */
  readonly source?: string;
}

/** Returns the tags whose text has changed. */
export function changes(before: Tags, after: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(after).filter(([tag, value]) => value !== (before[tag] ?? "")));
}

/** Tells whether a tag is one of the patient. */
export const ofPatient = (tag: string): boolean => tag.startsWith("Patient") || tag === "OtherPatientIDs";

/**
 * Tells whether a modification writes over the original, which Orthanc does with its setting OverwriteInstances only: without
 * it, it changes nothing and says that it did.
 */
export function isInPlace(level: Level, mode: Mode, before: Tags, after: Tags): boolean {
  return mode === "modify-keep-uids" && (level !== "Study" || after.PatientID === before.PatientID);
}

/** Tells whether a modification concerns the patient. */
export const changesPatient = (before: Tags, after: Tags): boolean =>
  Object.keys(changes(before, after)).some(ofPatient);

/** Returns the PatientID of a study after a modification. The form may be without it. */
export const patientOf = (study: Resource, after: Tags): string =>
  after.PatientID ?? tagOf(study, "PatientID");

/** Returns the step that modifies one resource. */
export function modification(
  level: Level,
  id: string,
  mode: Mode,
  replace: Tags,
  remove: readonly string[] = [],
): Step {
  const keep = mode === "modify-keep-uids";
  return {
    route: `${route(level)}/${id}/modify`,
    body: {
      Replace: replace,
      ...(remove.length > 0 ? { Remove: remove } : {}),
      Keep: keep ? KEPT[level] : [],
      // With its identifiers, what is modified may lie where the original does: Orthanc would delete both.
      KeepSource: mode !== "modify-new-uids",
      KeepLabels: true,
      Force: true,
      Synchronous: false,
    },
  };
}

/** Returns the step that modifies a study. With another PatientID and its own identifiers it is moved, which Orthanc does not. */
function studyStep(study: Resource, mode: Mode, replace: Tags, remove: readonly string[]): Step {
  const step = modification("Study", study.ID, mode, replace, remove);
  const moves = replace.PatientID !== undefined && replace.PatientID !== tagOf(study, "PatientID");
  return mode === "modify-keep-uids" && moves ? { ...step, source: study.ID } : step;
}

/** Who a study belongs to after a modification, as far as that is not clear. */
export type Question =
  | { readonly kind: "none" }
  /** The patient has other studies, which would have other data. */
  | { readonly kind: "others"; readonly studies: readonly Resource[] }
  /** There is such a patient already, with these data. */
  | { readonly kind: "exists"; readonly patient: Tags; readonly studies: readonly Resource[] };

/** Returns what has to be decided before a study is modified. `found` are the studies with the new PatientID. */
export function questionOf(study: Resource, before: Tags, after: Tags, found: readonly Resource[]): Question {
  const id = patientOf(study, after);
  const others = found.filter((one) => one.ID !== study.ID && tagOf(one, "PatientID") === id);
  const [first] = others;
  if (!first || !changesPatient(before, after)) {
    return { kind: "none" };
  }
  return id === tagOf(study, "PatientID")
    ? { kind: "others", studies: others }
    : { kind: "exists", patient: first.PatientMainDicomTags ?? {}, studies: others };
}

/** Returns the steps that modify a study alone, as a new patient's if its PatientID is new. */
export function studySteps(
  study: Resource,
  mode: Mode,
  before: Tags,
  after: Tags,
  remove: readonly string[] = [],
): Step[] {
  const replace = changes(before, after);
  if (Object.keys(replace).some(ofPatient)) {
    for (const tag of PATIENT) {
      replace[tag] ??= after[tag] ?? tagOf(study, tag);
    }
  }
  return [studyStep(study, mode, replace, remove)];
}

/** Returns the steps that give a study to a patient that exists. */
export function attachSteps(
  study: Resource,
  mode: Mode,
  before: Tags,
  after: Tags,
  patient: Tags,
  remove: readonly string[] = [],
): Step[] {
  const rest = Object.entries(changes(before, after)).filter(([tag]) => !ofPatient(tag));
  const whole = Object.fromEntries(PATIENT.map((tag) => [tag, patient[tag] ?? ""]));
  return [studyStep(study, mode, { ...Object.fromEntries(rest), ...whole }, remove)];
}

/** Returns the steps that modify a study, and its patient with all studies. */
export function patientSteps(
  study: Resource,
  mode: Mode,
  before: Tags,
  after: Tags,
  remove: readonly string[] = [],
): Step[] {
  const all = Object.entries(changes(before, after));
  const rest = all.filter(([tag]) => !ofPatient(tag));
  const patient = Object.fromEntries(all.filter(([tag]) => ofPatient(tag)));
  for (const tag of PATIENT) {
    patient[tag] ??= after[tag] ?? tagOf(study, tag);
  }
  return [
    ...(rest.length > 0 || remove.length > 0
      ? [modification("Study", study.ID, mode, Object.fromEntries(rest), remove)]
      : []),
    modification("Patient", study.ParentPatient ?? "", mode, patient),
  ];
}
