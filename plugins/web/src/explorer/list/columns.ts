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
  /** Its width in the table: the least in rem, and its share of what is left. */
  readonly width: readonly [number, number];
  readonly orderable: boolean;
}

const WIDTHS: Readonly<Record<string, readonly [number, number]>> = {
  PatientName: [8, 2],
  StudyDescription: [8, 2],
  PatientID: [6, 1],
  AccessionNumber: [6, 1],
  PatientBirthDate: [6, 0.7],
  StudyDate: [6, 0.7],
};

/** Returns the column of a name in OrthancExplorer2.UiOptions.StudyListColumns. */
export function columnOf(name: string): Column {
  if (name === "modalities") {
    return {
      name,
      tag: "ModalitiesInStudy",
      kind: "modalities",
      width: [5.8, 0.5],
      orderable: false,
    };
  }
  if (name === "seriesAndInstancesCount" || name === "seriesCount" || name === "instancesCount") {
    return { name, tag: null, kind: "none", width: [5, 0.4], orderable: false };
  }
  return {
    name,
    tag: name,
    kind: name.endsWith("Date") ? "date" : "text",
    width: WIDTHS[name] ?? [6, 1],
    orderable: true,
  };
}

/** Returns the columns as CSS lays them out, with these before and after them, in rem; and their least width together. */
export function layout(columns: readonly Column[], before: number, after: number): [string, string] {
  const gap = 0.4;
  const least = columns.reduce((sum, { width: [one] }) => sum + one + gap, before + after + 3 * gap);
  const middle = columns.map(({ width: [one, share] }) => `minmax(${one}rem, ${share}fr)`).join(" ");
  return [`${before}rem ${middle} ${after}rem`, `${Math.ceil(least + 1)}rem`];
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
