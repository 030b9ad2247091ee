/** The form for a new worklist, from OrthancExplorer2.UiOptions.NewWorklistDefaultTags. */
import { day } from "../parts/dicom";
import type { Json } from "../server/api";

/** What the configuration says of a tag. A list is a sequence. */
export interface Entry {
  readonly DefaultValue?: string | readonly Template[];
  readonly Required?: boolean;
  readonly Editable?: boolean;
  readonly Choices?: readonly string[];
  readonly Placeholder?: string;
}

export type Template = Readonly<Record<string, Entry>>;

/** A field of the form: the tag, and where it goes, such as "ScheduledProcedureStepSequence/Modality". */
export interface Field {
  readonly path: string;
  readonly tag: string;
  readonly entry: Entry;
}

/** Returns the fields of a template, those of sequences too. */
export function fieldsOf(template: Template, before = ""): Field[] {
  return Object.entries(template).flatMap(([tag, entry]) => {
    if (Array.isArray(entry.DefaultValue)) {
      const [item] = entry.DefaultValue as readonly Template[];
      return item ? fieldsOf(item, `${before}${tag}/`) : [];
    }
    return [{ path: before + tag, tag, entry }];
  });
}

/** Returns what the fields begin with: for those of a patient, the patient's own. A UID is made when the form is sent. */
export function defaultsOf(
  fields: readonly Field[],
  patient: Readonly<Record<string, string>> = {},
  now = new Date(),
): Record<string, string> {
  const two = (one: number): string => String(one).padStart(2, "0");
  const today = day(0, now);
  const values: Readonly<Record<string, string>> = {
    $TODAY$: today,
    $NOW$: `${today}${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`,
    "$NOW-M$": `${today}${two(now.getHours())}${two(now.getMinutes())}`,
    $GENERATE_DICOM_UUID$: "",
  };
  return Object.fromEntries(
    fields.map(({ path, tag, entry }) => {
      const text = typeof entry.DefaultValue === "string" ? entry.DefaultValue : "";
      return [path, (path === tag ? patient[tag] : undefined) ?? values[text] ?? text];
    }),
  );
}

/** Returns the tags for Orthanc. */
export function tagsOf(
  fields: readonly Field[],
  values: Readonly<Record<string, string>>,
): Record<string, Json> {
  const tags: Record<string, Json> = {};
  for (const { path, tag } of fields) {
    const parts = path.split("/").slice(0, -1);
    let place: Record<string, Json> = tags;
    for (const sequence of parts) {
      const items = (place[sequence] ?? [{}]) as [Record<string, Json>];
      place[sequence] = items;
      [place] = items;
    }
    place[tag] = values[path] ?? "";
  }
  return tags;
}
