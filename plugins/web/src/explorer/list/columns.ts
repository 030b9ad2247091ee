/** The columns of the study list. */

import { date, nameBy } from "../parts/dicom";
import type { Resource, UiOptions } from "../server/types";
import type { Key } from "../texts/texts";

/** How a column is asked for. */
export type Kind = "text" | "date" | "modalities" | "none";

export interface Column {
  readonly name: string;
  /** The DICOM keyword that filters and orders go by; none for counts. */
  readonly tag: string | null;
  readonly kind: Kind;
  /** Its width in the table, as CSS says it. */
  readonly width: string;
  readonly orderable: boolean;
}

const WIDTHS: Readonly<Record<string, string>> = {
  PatientName: "minmax(9rem, 2fr)",
  StudyDescription: "minmax(9rem, 2fr)",
  PatientID: "minmax(7rem, 1fr)",
  AccessionNumber: "minmax(7rem, 1fr)",
  PatientBirthDate: "minmax(7rem, 0.7fr)",
  StudyDate: "minmax(7rem, 0.7fr)",
};

/** Returns the column of a name in OrthancExplorer2.UiOptions.StudyListColumns. */
export function columnOf(name: string): Column {
  if (name === "modalities") {
    return {
      name,
      tag: "ModalitiesInStudy",
      kind: "modalities",
      width: "minmax(5.5rem, 0.5fr)",
      orderable: false,
    };
  }
  if (name === "seriesAndInstancesCount" || name === "seriesCount" || name === "instancesCount") {
    return { name, tag: null, kind: "none", width: "minmax(5rem, 0.4fr)", orderable: false };
  }
  return {
    name,
    tag: name,
    kind: name.endsWith("Date") ? "date" : "text",
    width: WIDTHS[name] ?? "minmax(7rem, 1fr)",
    orderable: true,
  };
}

/** Returns a tag of a study, wherever Orthanc gives it. */
export function tagOf(study: Resource, tag: string): string {
  return study.MainDicomTags[tag] ?? study.PatientMainDicomTags?.[tag] ?? study.RequestedTags?.[tag] ?? "";
}

/** Returns what a cell shows. */
export function cell(study: Resource, column: Column, options: UiOptions, language: string): string {
  const series = tagOf(study, "NumberOfStudyRelatedSeries");
  const instances = tagOf(study, "NumberOfStudyRelatedInstances");
  switch (column.name) {
    case "modalities":
      return tagOf(study, "ModalitiesInStudy").replaceAll("\\", ", ");
    case "seriesAndInstancesCount":
      return `${series}/${instances}`;
    case "seriesCount":
      return series;
    case "instancesCount":
      return instances;
  }
  const value = tagOf(study, column.name);
  if (column.kind === "date") {
    return date(value, options.DateFormat, language);
  }
  return column.name.endsWith("Name") && column.name !== "InstitutionName"
    ? nameBy(value, options.PatientNameCapture, options.PatientNameFormatting)
    : value;
}

/** The text that names a column: a DICOM keyword of its own where there is no translation of it. */
export function columnKey(name: string): Key | null {
  const keys: Readonly<Record<string, Key>> = {
    PatientBirthDate: "tag.PatientBirthDate",
    PatientName: "tag.PatientName",
    PatientID: "tag.PatientID",
    PatientSex: "tag.PatientSex",
    StudyDescription: "tag.StudyDescription",
    StudyDate: "tag.StudyDate",
    StudyTime: "tag.StudyTime",
    StudyID: "tag.StudyID",
    StudyInstanceUID: "tag.StudyInstanceUID",
    AccessionNumber: "tag.AccessionNumber",
    RequestingPhysician: "tag.RequestingPhysician",
    ReferringPhysicianName: "tag.ReferringPhysicianName",
    InstitutionName: "tag.InstitutionName",
    OtherPatientIDs: "tag.OtherPatientIDs",
    SeriesDate: "tag.SeriesDate",
    SeriesTime: "tag.SeriesTime",
    SeriesDescription: "tag.SeriesDescription",
    SeriesNumber: "tag.SeriesNumber",
    BodyPartExamined: "tag.BodyPartExamined",
    ProtocolName: "tag.ProtocolName",
    SeriesInstanceUID: "tag.SeriesInstanceUID",
    Modality: "tag.Modality",
    startDate: "column.startDate",
    description: "column.description",
    modalities: "column.modalities",
    seriesAndInstancesCount: "column.seriesAndInstances",
    seriesCount: "column.series",
    instancesCount: "column.instances",
  };
  return keys[name] ?? null;
}
