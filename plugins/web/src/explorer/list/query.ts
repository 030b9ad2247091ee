/** What a list of studies is asked for: filters in the address, and the request that they make. */
import type { Json } from "../server/api";
import type { UiOptions } from "../server/types";

export type LabelsConstraint = "All" | "Any" | "None";

/** One key to sort by. */
export interface Order {
  readonly type: "DicomTag" | "Metadata" | "MetadataAsInt";
  readonly key: string;
  readonly descending: boolean;
}

/** The filters of a list. */
export interface Filters {
  /** DICOM keyword → what is asked for, as DICOM writes it, such as "*DOE*" or "20260101-". */
  readonly tags: Readonly<Record<string, string>>;
  readonly labels: readonly string[];
  readonly constraint: LabelsConstraint;
  readonly withoutLabels: boolean;
  readonly order: readonly Order[];
  /** Where the studies are: here, at a modality, or at a DICOMweb server. */
  readonly source: { readonly type: "local" | "dicom" | "dicom-web"; readonly name: string };
}

export const NONE: Filters = {
  tags: {},
  labels: [],
  constraint: "All",
  withoutLabels: false,
  order: [],
  source: { type: "local", name: "" },
};

/** Reads "Metadata,LastUpdate,DESC;DicomTag,PatientName,ASC". */
export function ordersOf(text: string): Order[] {
  return text
    .split(";")
    .map((one) => one.split(",").map((part) => part.trim()))
    .filter((parts) => parts.length === 3 && parts[1] !== "")
    .map(([type = "", key = "", direction = ""]) => ({
      type: type === "Metadata" || type === "MetadataAsInt" ? type : "DicomTag",
      key,
      descending: direction.toUpperCase() === "DESC",
    }));
}

/** Writes what ordersOf reads. */
export function orderText(orders: readonly Order[]): string {
  return orders.map(({ type, key, descending }) => `${type},${key},${descending ? "DESC" : "ASC"}`).join(";");
}

/** Reads the filters from the arguments of an address. */
export function filtersOf(query: URLSearchParams): Filters {
  const tags: Record<string, string> = {};
  for (const [name, value] of query) {
    if (/^[A-Z]/.test(name) && value !== "") {
      tags[name] = value;
    }
  }
  const constraint = query.get("labels-constraint");
  const type = query.get("source-type");
  return {
    tags,
    labels: (query.get("labels") ?? "").split(",").filter(Boolean),
    constraint: constraint === "Any" || constraint === "None" ? constraint : "All",
    withoutLabels: query.get("without-labels") === "true",
    order: ordersOf(query.get("order-by") ?? ""),
    source: {
      type: type === "dicom" || type === "dicom-web" ? type : "local",
      name: query.get("remote-source") ?? "",
    },
  };
}

/** Writes what filtersOf reads. */
export function queryOf(filters: Filters): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filters.tags)) {
    query.set(name, value);
  }
  if (filters.labels.length > 0) {
    query.set("labels", filters.labels.join(","));
    if (filters.constraint !== "All") {
      query.set("labels-constraint", filters.constraint);
    }
  }
  if (filters.withoutLabels) {
    query.set("without-labels", "true");
  }
  if (filters.order.length > 0) {
    query.set("order-by", orderText(filters.order));
  }
  if (filters.source.type !== "local") {
    query.set("source-type", filters.source.type);
    query.set("remote-source", filters.source.name);
  }
  return query;
}

/** Tells whether nothing is asked for. */
export function unfiltered(filters: Filters): boolean {
  return Object.keys(filters.tags).length === 0 && filters.labels.length === 0 && !filters.withoutLabels;
}

/**
 * Returns a text that a user typed as DICOM asks for it: with wildcards around it, unless it has its own, or a quotation mark
 * at that end.
 */
export function wildcards(text: string, add: boolean): string {
  const typed = text.trim();
  if (typed === "" || !add || /[*?\\]/.test(typed)) {
    return typed.replace(/^"|"$/g, "");
  }
  const start = typed.startsWith('"') ? "" : "*";
  const end = typed.endsWith('"') && typed.length > 1 ? "" : "*";
  return `${start}${typed.replace(/^"|"$/g, "")}${end}`;
}

/** Returns what a user typed to get it: the other way round. */
export function typed(text: string, add: boolean): string {
  if (!add || /[?\\]/.test(text) || /\*/.test(text.replace(/^\*|\*$/g, ""))) {
    return text;
  }
  return text === ""
    ? ""
    : `${text.startsWith("*") ? "" : '"'}${text.replace(/^\*|\*$/g, "")}${text.endsWith("*") ? "" : '"'}`;
}

/** What columns need of Orthanc beside the main tags. */
export function requestedTags(columns: readonly string[]): string[] {
  const wanted = new Set<string>();
  for (const column of columns) {
    if (column === "modalities") {
      wanted.add("ModalitiesInStudy");
    } else if (column === "seriesAndInstancesCount") {
      wanted.add("NumberOfStudyRelatedSeries").add("NumberOfStudyRelatedInstances");
    } else if (column === "seriesCount") {
      wanted.add("NumberOfStudyRelatedSeries");
    } else if (column === "instancesCount") {
      wanted.add("NumberOfStudyRelatedInstances");
    }
  }
  // A button of a viewer may depend on them.
  wanted.add("ModalitiesInStudy").add("SOPClassesInStudy");
  return [...wanted];
}

/** The options that a list goes by. */
export type ListOptions = Pick<
  UiOptions,
  | "StudyListColumns"
  | "PageLoadSize"
  | "MaxStudiesDisplayed"
  | "DefaultOrdering"
  | "StudyListContentIfNoSearch"
>;

/** The body of POST /tools/find for a page of the list. */
export function findRequest(
  filters: Filters,
  options: ListOptions,
  extended: boolean,
  since: number,
  limit: number,
): Record<string, Json> {
  const request: Record<string, Json> = {
    Level: "Study",
    Query: { ...filters.tags },
    RequestedTags: requestedTags(options.StudyListColumns),
    Expand: true,
    Limit: limit,
    ...labelsOf(filters),
  };
  if (extended) {
    const order = filters.order.length > 0 ? filters.order : ordersOf(options.DefaultOrdering);
    request.OrderBy = order.map(({ type, key, descending }) => ({
      Type: type,
      Key: key,
      Direction: descending ? "DESC" : "ASC",
    }));
    request.Since = since;
  }
  return request;
}

/** The body of POST /tools/count-resources for the same studies. */
export function countRequest(filters: Filters): Record<string, Json> {
  return { Level: "Study", Query: { ...filters.tags }, ...labelsOf(filters) };
}

function labelsOf(filters: Filters): Record<string, Json> {
  if (filters.withoutLabels) {
    return { Labels: [], LabelsConstraint: "None" };
  }
  return filters.labels.length === 0
    ? {}
    : { Labels: [...filters.labels], LabelsConstraint: filters.constraint };
}
