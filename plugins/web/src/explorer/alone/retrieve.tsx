/** Opening a study in a viewer, from elsewhere: it is fetched from a modality when it is not here. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { viewersOf } from "../actions/viewers";
import { retrieveRequest } from "../pages/search";
import { Problem, Waiting } from "../parts/elements";
import type { Job, Modality, Resource, System } from "../server/types";
import { begin } from "../shell/begin";
import { failure } from "../shell/failure";
import type { Key } from "../texts/texts";
import { t } from "../texts/texts";
import type { AloneProps } from "./alone";

/** The names of viewers that older links use. */
const NAMES: Readonly<Record<string, string>> = {
  "stone-viewer": "stone-webviewer",
  "osimis-viewer": "osimis-web-viewer",
};

const EVERY = 500;

export function Retrieve({ server, router }: AloneProps): VNode {
  const { query } = router.route;
  const uid = query.get("StudyInstanceUID") ?? query.get("study") ?? "";
  const modality = query.get("modality") ?? "";
  const wanted = query.get("viewer") ?? "";
  const [problem, setProblem] = useState<string | null>(uid === "" ? t("retrieve.missing") : null);
  const [progress, setProgress] = useState<number | null>(null);
  useEffect(() => {
    if (uid === "") {
      return;
    }
    let ended = false;
    const local = async (): Promise<Resource | undefined> => {
      const found = await server.post<Resource[]>("tools/find", {
        Level: "Study",
        Query: { StudyInstanceUID: uid },
        Expand: true,
        RequestedTags: ["ModalitiesInStudy", "SOPClassesInStudy"],
      });
      return found[0];
    };
    const fetched = async (): Promise<void> => {
      if (modality === "") {
        throw new Refusal("retrieve.noModality");
      }
      const name = encodeURIComponent(modality);
      const { ID } = await server.post<{ ID: string }>(`modalities/${name}/query`, {
        Level: "Study",
        Query: { StudyInstanceUID: uid },
      });
      if ((await server.get<unknown[]>(`queries/${ID}/answers`)).length === 0) {
        throw new Refusal("retrieve.nowhere");
      }
      const [system, all] = await Promise.all([
        server.get<System>("system"),
        server.get<Record<string, Modality>>("modalities?expand"),
      ]);
      const source = { type: "dicom", name: modality } as const;
      const [route, body] = retrieveRequest(source, uid, system.DicomAet, all[modality]);
      const job = await server.post<{ ID: string }>(route, body);
      for (;;) {
        const now = await server.get<Job>(`jobs/${job.ID}`);
        setProgress(now.Progress);
        if (now.State === "Success" || ended) {
          return;
        }
        if (now.State === "Failure") {
          throw new Error([now.ErrorDescription, now.ErrorDetails].filter(Boolean).join(": "));
        }
        await new Promise((later) => setTimeout(later, EVERY));
      }
    };
    const open = async (): Promise<void> => {
      const { configuration } = await begin(server, window, null);
      let study = await local();
      if (!study) {
        await fetched();
        study = await local();
      }
      if (!study) {
        throw new Refusal("retrieve.nowhere");
      }
      const viewers = viewersOf(configuration, "Study", [study], server.place.server);
      const viewer = viewers.find((one) => one.id === (NAMES[wanted] ?? wanted)) ?? viewers[0];
      if (!viewer) {
        throw new Refusal("retrieve.noViewer");
      }
      if (!ended) {
        location.replace(viewer.address);
      }
    };
    open().catch((error: unknown) =>
      setProblem(error instanceof Refusal ? t(error.key, { modality: modality || "–" }) : failure(error)),
    );
    return () => {
      ended = true;
    };
  }, [server, uid, modality, wanted]);
  return (
    <section>
      <h1>{t("retrieve.title")}</h1>
      {problem ? (
        <Problem text={problem} />
      ) : (
        <Waiting text={progress === null ? t("retrieve.looking") : `${t("jobs.progress")}: ${progress} %`} />
      )}
    </section>
  );
}

/** Something that is not there, with the text that says so. */
class Refusal extends Error {
  constructor(readonly key: Key) {
    super(key);
  }
}
