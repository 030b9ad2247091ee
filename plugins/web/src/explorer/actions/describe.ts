/** A resource in a few words. */
import type { Resource } from "../server/types";

/** Names a resource for a question or a choice. */
export function describe(one: Resource): string {
  const tags = { ...one.PatientMainDicomTags, ...one.MainDicomTags };
  const words = [
    tags.PatientName,
    tags.PatientID,
    tags.StudyDate,
    tags.StudyDescription,
    tags.Modality,
    tags.SeriesDescription,
    tags.InstanceNumber,
  ].filter(Boolean);
  return words.join(" · ") || one.ID;
}
