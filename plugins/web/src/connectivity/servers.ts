/** The servers that Orthanc knows, and whether they answer. */
import type { Json, Server } from "../explorer/server/api";

/** GET connectivity-checks/status, for one server. */
export interface Outcome {
  /** Null until it has answered once. */
  readonly Up: boolean | null;
  readonly Seconds: number | null;
  readonly Error: string;
}

/** The kinds of servers, as the status names them. */
export const KINDS = ["Modalities", "Peers", "DicomWebServers"] as const;

export type Kind = (typeof KINDS)[number];

export type Status = Readonly<Record<Kind, Readonly<Record<string, Outcome>>>>;

/** Where each server of a kind is, by its name. */
export type Addresses = Readonly<Record<string, string>>;

type Listed = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** Tells whether a server of the lists has not answered yet. */
export function waits(status: Status, addresses: Readonly<Record<Kind, Addresses>>): boolean {
  return KINDS.some((kind) =>
    namesOf(status[kind], addresses[kind]).some((name) => (status[kind][name]?.Up ?? null) === null),
  );
}

/** The names of a kind's servers, sorted: those of the list, and those that the status has besides. */
export function namesOf(outcomes: Readonly<Record<string, Outcome>>, addresses: Addresses): string[] {
  return [...new Set([...Object.keys(addresses), ...Object.keys(outcomes)])].sort();
}

/** Returns where the servers of all kinds are. What the user may not read is left out. */
export async function addressesOf(server: Server): Promise<Readonly<Record<Kind, Addresses>>> {
  const list = async (route: string | null, text: (one: Listed[string]) => string): Promise<Addresses> => {
    const listed = route === null ? {} : await optional(server.get<Listed>(route), {});
    return Object.fromEntries(Object.entries(listed).map(([name, one]) => [name, text(one)]));
  };
  const url = (one: Listed[string]): string => String(one.Url ?? "");
  const [Modalities, Peers, DicomWebServers] = await Promise.all([
    list("modalities?expand", (one) => `${one.AET}, ${one.Host}:${one.Port}`),
    list("peers?expand", url),
    dicomWeb(server).then((route) => list(route, url)),
  ]);
  return { Modalities, Peers, DicomWebServers };
}

/** Returns the list of DICOMweb servers, which is where the plugin DICOMweb is; null without it. */
async function dicomWeb(server: Server): Promise<string | null> {
  if (!(await optional(server.get<string[]>("plugins"), [])).includes("dicom-web")) {
    return null;
  }
  const { RootUri } = await optional(server.get<{ RootUri: string }>("plugins/dicom-web"), { RootUri: "" });
  // RootUri is seen from the former Orthanc Explorer, such as "../dicom-web/app/client/index.html".
  const page = new URL(RootUri || "../dicom-web/app/client/index.html", server.address("app/"));
  return new URL("../../servers?expand", page).href;
}

async function optional<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await asked;
  } catch {
    return otherwise;
  }
}
