/** Routes and names of files. */
import { tagOf } from "../list/columns";
import type { Level, Resource, UiOptions } from "../server/types";

/** The route of a level in Orthanc's REST API. */
export function route(level: Level): string {
  return { Patient: "patients", Study: "studies", Series: "series", Instance: "instances" }[level];
}

const TEMPLATES: Readonly<Record<Level, string>> = {
  Patient: "DownloadStudyFileNameTemplate",
  Study: "DownloadStudyFileNameTemplate",
  Series: "DownloadSeriesFileNameTemplate",
  Instance: "DownloadInstanceFileNameTemplate",
};

/** Returns the name of a downloaded file by its template; what no file system takes is left out of it. */
export function fileName(options: UiOptions, level: Level, resource: Resource): string {
  const template = String(options[TEMPLATES[level]] ?? "{StudyInstanceUID}.zip");
  const name = template.replace(/\{(\w+)\}/g, (_, tag: string) => tagOf(resource, tag));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
  return name.replace(/[\u0000-\u001f\\/:*?"<>|^]+/g, "_").replace(/^[-_. ]+/, "");
}
