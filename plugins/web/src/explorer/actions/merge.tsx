/** Bringing studies or series of one patient together in one study. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Dialog, Waiting } from "../parts/elements";
import type { Job, Level, Resource } from "../server/types";
import { useWorld } from "../shell/context";
import { t } from "../texts/texts";
import { describe } from "./describe";
import { JobProgress, jobFailure } from "./job";

/** The choice of a study that is made for the series. */
const NEW = "new";

export function MergeDialog(props: {
  readonly level: Level;
  readonly resources: readonly Resource[];
  readonly onClose: () => void;
  readonly onChanged: () => void;
}): VNode {
  const { level, resources } = props;
  const world = useWorld();
  const [targets, setTargets] = useState<readonly Resource[] | null>(null);
  const [target, setTarget] = useState("");
  const [job, setJob] = useState<string | null>(null);
  const [first] = resources;
  const patient = first?.PatientMainDicomTags?.PatientID ?? "";
  const many = level === "Study" && resources.length > 1;
  const parent = level === "Series" ? (first?.ParentStudy ?? "") : "";
  useEffect(() => {
    if (many) {
      setTargets(resources);
      setTarget(resources[0]?.ID ?? "");
      return;
    }
    const own = level === "Study" ? first?.ID : first?.ParentStudy;
    const abort = new AbortController();
    world.server
      .post<Resource[]>(
        "tools/find",
        { Level: "Study", Query: { PatientID: patient }, Expand: true, Limit: 100 },
        { signal: abort.signal },
      )
      .then((found) => {
        const others = found.filter((one) => one.ID !== own);
        setTargets(others);
        setTarget(others[0]?.ID ?? (parent === "" ? "" : NEW));
      })
      .catch((error: unknown) => (abort.signal.aborted ? undefined : world.report(t("merge.failed"), error)));
    return () => abort.abort();
  }, [world, many, level, patient, first, resources, parent]);
  const start = async (): Promise<void> => {
    const ids = resources.map((one) => one.ID).filter((id) => id !== target);
    const how = { KeepSource: false, Synchronous: false };
    const [address, body] =
      target === NEW
        ? [`studies/${parent}/split`, { Series: ids, ...how }]
        : [`studies/${target}/merge`, { Resources: ids, ...how }];
    try {
      setJob((await world.server.post<{ ID: string }>(address, body)).ID);
    } catch (error) {
      world.report(t("merge.failed"), error);
    }
  };
  const ended = (done: Job): void => {
    if (done.State === "Success") {
      world.notify({ kind: "done", text: t("merge.done") });
    } else {
      world.notify({ kind: "problem", text: t("jobs.failed", { reason: jobFailure(done) }) });
    }
    props.onClose();
    const into = target === NEW ? done.Content.TargetStudy : target;
    // The study of this page may be gone now.
    if (done.State === "Success" && world.router.route.page === "study" && typeof into === "string") {
      world.router.go("study", new URLSearchParams({ id: into }), true);
    }
    props.onChanged();
  };
  return (
    <Dialog title={t("merge.title")} onClose={props.onClose}>
      <p>{t("merge.text")}</p>
      {targets === null ? <Waiting /> : null}
      {targets?.length === 0 && parent === "" ? <p>{t("merge.none")}</p> : null}
      {targets && (targets.length > 0 || parent !== "") ? (
        <label>
          {t("merge.into")}
          <select value={target} onChange={(event) => setTarget(event.currentTarget.value)}>
            {targets.map((one) => (
              <option key={one.ID} value={one.ID}>
                {describe(one)}
              </option>
            ))}
            {parent === "" ? null : <option value={NEW}>{t("merge.new")}</option>}
          </select>
        </label>
      ) : null}
      {job ? <JobProgress id={job} onDone={ended} /> : null}
      <footer>
        <Button
          text={t("merge.button")}
          kind="danger"
          disabled={target === "" || job !== null}
          onClick={() => void start()}
        />
        <Button text={t("cancel")} onClick={props.onClose} />
      </footer>
    </Dialog>
  );
}
