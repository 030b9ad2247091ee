/** What the archive has, asked for through Orthanc, and what of it is imported. */
import type { Json, Server } from "../explorer/server/api";

type Row = Readonly<Record<string, Json>>;

export interface Collection {
  readonly patients: readonly Patient[];
  readonly modalities: readonly string[];
  readonly bodyParts: readonly string[];
}

export interface Patient {
  readonly id: string;
  readonly name: string;
  readonly sex: string;
}

export interface Study {
  readonly uid: string;
  readonly date: string;
  readonly description: string;
  readonly series: readonly Series[];
}

export interface Series {
  readonly uid: string;
  readonly modality: string;
  readonly description: string;
  readonly bodyPart: string;
  readonly instances: number;
  readonly size: number;
}

/** What POST tcia/import takes of a series. */
export interface Order {
  readonly Collection: string;
  readonly PatientID: string;
  readonly SeriesInstanceUID: string;
  readonly InstancesCount: number;
  readonly Size: string;
}

/** The content of a job that imports series. */
export interface Content {
  readonly Series: readonly (Order & { readonly OrthancID: string })[];
  readonly SeriesCount: number;
  /** The first ones, which are done; the official plugin does not tell. */
  readonly SeriesDone?: number;
  readonly InstancesCount: number;
  readonly SizeMB: number;
  readonly Failure?: string;
  readonly Failures?: readonly string[];
}

/** How much of a patient has been imported. */
export interface Progress {
  readonly patient: string;
  readonly orthanc: string;
  readonly done: number;
  readonly count: number;
}

/** The names of all collections, sorted. */
export async function collections(server: Server): Promise<readonly string[]> {
  return values(await rows(server, "getCollectionValues", {}), "Collection");
}

/** The patients of a collection, and what kinds of images they have. */
export async function collection(server: Server, name: string): Promise<Collection> {
  // One after the other, as the archive has asked its users to.
  const patients = await rows(server, "getPatient", { Collection: name });
  const modalities = await rows(server, "getModalityValues", { Collection: name });
  const bodyParts = await rows(server, "getBodyPartValues", { Collection: name });
  return {
    patients: patients
      .map((one) => ({
        id: text(one, "PatientId", "PatientID"),
        name: text(one, "PatientName"),
        sex: text(one, "PatientSex"),
      }))
      .filter((one) => one.id !== "")
      .sort((a, b) => a.id.localeCompare(b.id)),
    modalities: values(modalities, "Modality"),
    bodyParts: values(bodyParts, "BodyPartExamined"),
  };
}

/** The studies of a patient with their series. */
export async function studies(
  server: Server,
  collectionName: string,
  patient: string,
): Promise<readonly Study[]> {
  const which = { Collection: collectionName, PatientID: patient };
  const found = await rows(server, "getPatientStudy", which);
  const series = await rows(server, "getSeries", which);
  const uids = new Set([...found, ...series].map((one) => text(one, "StudyInstanceUID")));
  return [...uids].map((uid) => {
    const study = found.find((one) => text(one, "StudyInstanceUID") === uid) ?? {};
    return {
      uid,
      date: text(study, "StudyDate"),
      description: text(study, "StudyDescription", "StudyDesc"),
      series: series.filter((one) => text(one, "StudyInstanceUID") === uid).map(seriesOf),
    };
  });
}

function seriesOf(row: Row): Series {
  return {
    uid: text(row, "SeriesInstanceUID"),
    modality: text(row, "Modality"),
    description: text(row, "SeriesDescription", "ProtocolName"),
    bodyPart: text(row, "BodyPartExamined"),
    instances: whole(row, "ImageCount"),
    size: whole(row, "FileSize", "TotalSizeInBytes"),
  };
}

/** Returns what is ordered of a series. */
export function orderOf(collectionName: string, patient: string, series: Series): Order {
  return {
    Collection: collectionName,
    PatientID: patient,
    SeriesInstanceUID: series.uid,
    InstancesCount: series.instances,
    Size: String(series.size),
  };
}

/** Begins a job for these series, and returns its identifier. */
export async function importSeries(server: Server, orders: readonly Order[]): Promise<string> {
  return begun(server, "Series", orders);
}

/** Begins a job for a cart file, and returns its identifier. */
export async function importCart(server: Server, file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (const byte of bytes) {
    binary += String.fromCharCode(byte);
  }
  return begun(server, "NbiaClientSpreadsheet", btoa(binary));
}

async function begun(server: Server, Type: string, Content: unknown): Promise<string> {
  const job = await server.post<{ ID: string }>("tcia/import", { Type, Content, Asynchronous: true });
  return job.ID;
}

/** Returns how much of each patient has been imported. */
export function progressOf(content: Content): readonly Progress[] {
  const found = new Map<string, { orthanc: string; done: number; count: number }>();
  content.Series.forEach((one, at) => {
    const sum = found.get(one.PatientID) ?? { orthanc: one.OrthancID, done: 0, count: 0 };
    sum.count += 1;
    sum.done += at < (content.SeriesDone ?? 0) ? 1 : 0;
    found.set(one.PatientID, sum);
  });
  return [...found].map(([patient, sum]) => ({ patient, ...sum }));
}

/** Returns what tells whether a text fits a filter, in which * stands for any characters and ? for one. */
export function fits(filter: string): (value: string) => boolean {
  const wanted = filter.trim();
  if (wanted === "") {
    return () => true;
  }
  const escaped = wanted.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  const pattern = escaped.replace(/\*/g, ".*").replace(/\?/g, ".");
  const whole = new RegExp(/[*?]/.test(wanted) ? `^${pattern}$` : pattern, "is");
  return (value) => whole.test(value);
}

/** Returns the rows of an answer; the archive answers with nothing where it has none. */
async function rows(
  server: Server,
  call: string,
  parameters: Readonly<Record<string, string>>,
): Promise<readonly Row[]> {
  // Orthanc splits the query after decoding it, so that these would end a value; the plugin decodes it once more.
  const escaped = Object.entries(parameters).map(([name, value]) => [
    name,
    value.replace(/[%&=]/g, encodeURIComponent),
  ]);
  const address = server.address(`tcia/proxy/${call}`, Object.fromEntries(escaped));
  const found = await server.get<unknown>(address);
  return Array.isArray(found) ? found.filter((one) => one !== null && typeof one === "object") : [];
}

function values(found: readonly Row[], name: string): readonly string[] {
  return [...new Set(found.map((one) => text(one, name)).filter((one) => one !== ""))].sort((a, b) =>
    a.localeCompare(b),
  );
}

/** Returns the first of these members that is there, as a text. */
function text(row: Row, ...names: readonly string[]): string {
  const found = names.map((name) => row[name]).find((one) => one !== undefined && one !== null);
  return found === undefined ? "" : String(found);
}

function whole(row: Row, ...names: readonly string[]): number {
  const found = Number(text(row, ...names));
  return Number.isInteger(found) && found > 0 ? found : 0;
}
