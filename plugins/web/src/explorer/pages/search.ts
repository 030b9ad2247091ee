/** Requests to modalities and DICOMweb servers. */
import type { Filters } from "../list/query";
import { requestedTags } from "../list/query";
import type { Server } from "../server/api";
import type { Modality, Tags } from "../server/types";

/** What a list of studies shows in any case. */
const ALWAYS = [
  "StudyInstanceUID",
  "PatientName",
  "PatientID",
  "StudyDate",
  "StudyDescription",
  "ModalitiesInStudy",
];

/** How many answers of a DICOMweb server are shown. */
const MOST = "1000";

/** Returns the studies at the source of the filters that fit them. */
export async function searchRemote(
  server: Server,
  filters: Filters,
  columns: readonly string[],
): Promise<Tags[]> {
  const wanted = new Set([
    ...ALWAYS,
    ...columns.filter((one) => /^[A-Z]/.test(one)),
    ...requestedTags(columns),
  ]);
  wanted.delete("SOPClassesInStudy");
  const name = encodeURIComponent(filters.source.name);
  if (filters.source.type === "dicom") {
    const query = Object.fromEntries([...wanted].map((tag) => [tag, filters.tags[tag] ?? ""]));
    const { ID } = await server.post<{ ID: string }>(`modalities/${name}/query`, {
      Level: "Study",
      Query: { ...query, ...filters.tags },
    });
    return server.get<Tags[]>(`queries/${ID}/answers?expand&simplify`);
  }
  const args: Record<string, string> = { limit: MOST, fuzzymatching: "true", ...filters.tags };
  args.includefield = [...wanted].join(",");
  const found = await server.post<DicomWeb[]>(`dicom-web/servers/${name}/qido`, {
    Uri: "/studies",
    Arguments: args,
  });
  return found.map(simplified);
}

/** An answer of QIDO-RS as Orthanc's plugin gives it. */
type DicomWeb = Readonly<Record<string, { readonly Name?: string; readonly Value?: unknown }>>;

function simplified(study: DicomWeb): Tags {
  return Object.fromEntries(
    Object.values(study).flatMap(({ Name, Value }) =>
      Name && typeof Value === "string" ? [[Name, Value]] : [],
    ),
  );
}

/** The route and the body that begin to retrieve a study. */
export function retrieveRequest(
  source: Filters["source"],
  uid: string,
  aet: string,
  modality: Pick<Modality, "RetrieveMethod" | "LocalAet"> | undefined,
): [string, object] {
  const name = encodeURIComponent(source.name);
  const resources = [{ StudyInstanceUID: uid }];
  if (source.type === "dicom-web") {
    return [`dicom-web/servers/${name}/retrieve`, { Resources: [{ Study: uid }], Synchronous: false }];
  }
  return modality?.RetrieveMethod === "C-GET"
    ? [`modalities/${name}/get`, { Level: "Study", Resources: resources, Synchronous: false }]
    : [
        `modalities/${name}/move`,
        {
          Level: "Study",
          Resources: resources,
          TargetAet: modality?.LocalAet || aet,
          Synchronous: false,
        },
      ];
}
