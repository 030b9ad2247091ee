/** Modifying and anonymizing a study or a series. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Button, Dialog } from "../parts/elements";
import type { Job, Level, Resource } from "../server/types";
import { useWorld } from "../shell/context";
import { tagName } from "../texts/tags";
import { t } from "../texts/texts";
import { route } from "./files";
import { JobProgress, jobFailure } from "./job";

interface Props {
  readonly level: Level;
  readonly resource: Resource;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** How a modification treats identifiers and the original. */
type Mode = "modify-new-uids" | "modify-keep-uids" | "duplicate";

/** Identifiers of DICOM that stay as they are with "modify-keep-uids". */
const KEPT: Readonly<Partial<Record<Level, readonly string[]>>> = {
  Study: ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"],
  Series: ["SeriesInstanceUID", "SOPInstanceUID"],
};

/** The body of POST /studies/ID/modify. Tags whose text is as before are left alone. */
export function modifyRequest(
  level: Level,
  mode: Mode,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): object {
  const replace: Record<string, string> = {};
  for (const [tag, value] of Object.entries(after)) {
    if (value !== (before[tag] ?? "")) {
      replace[tag] = value;
    }
  }
  // Orthanc wants a patient's identifier whenever a study gets another patient.
  if (
    level === "Study" &&
    Object.keys(replace).some((tag) => tag.startsWith("Patient")) &&
    replace.PatientID === undefined
  ) {
    replace.PatientID = before.PatientID ?? "";
  }
  return {
    Replace: replace,
    Keep: mode === "modify-keep-uids" ? [...(KEPT[level] ?? [])] : [],
    KeepSource: mode === "duplicate",
    KeepLabels: true,
    Force: true,
    Synchronous: false,
  };
}

export function ModifyDialog(props: Props): VNode {
  const { level, resource } = props;
  const world = useWorld();
  const options = world.configuration.UiOptions;
  const names =
    level === "Study"
      ? [...options.PatientMainTags, ...options.StudyMainTags.filter((tag) => tag !== "StudyInstanceUID")]
      : options.SeriesMainTags.filter((tag) => tag !== "SeriesInstanceUID");
  const all = { ...resource.PatientMainDicomTags, ...resource.MainDicomTags };
  const before = Object.fromEntries(names.map((tag) => [tag, all[tag] ?? ""]));
  const [after, setAfter] = useState<Readonly<Record<string, string>>>(before);
  const modes = (options.Modifications ?? {}) as Readonly<Record<string, unknown>>;
  const allowed = (modes[level === "Study" ? "AllowedModes" : "SeriesAllowedModes"] ?? [
    "modify-new-uids",
  ]) as readonly Mode[];
  const [mode, setMode] = useState(
    (modes[level === "Study" ? "DefaultMode" : "SeriesDefaultMode"] ?? "modify-new-uids") as Mode,
  );
  const [job, setJob] = useState<string | null>(null);
  const changed = names.some((tag) => after[tag] !== before[tag]);
  const texts = {
    "modify-new-uids": "modify.newUids",
    "modify-keep-uids": "modify.keepUids",
    duplicate: "modify.duplicate",
  } as const;

  const start = async (): Promise<void> => {
    try {
      const body = modifyRequest(level, mode, before, after);
      setJob((await world.server.post<{ ID: string }>(`${route(level)}/${resource.ID}/modify`, body)).ID);
    } catch (error) {
      world.report(t("modify.failed"), error);
    }
  };
  return (
    <Dialog title={t("modify.title")} onClose={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        {names.map((tag) => (
          <label key={tag}>
            {tagName(tag, options.TranslateDicomTags === true)}
            <input
              value={after[tag] ?? ""}
              onInput={(event) => setAfter({ ...after, [tag]: event.currentTarget.value })}
            />
          </label>
        ))}
        <fieldset>
          <legend>{t("modify.mode")}</legend>
          {allowed.map((one) => (
            <label key={one}>
              <input type="radio" name="mode" checked={mode === one} onChange={() => setMode(one)} />{" "}
              {t(texts[one])}
            </label>
          ))}
        </fieldset>
        {job ? (
          <JobProgress id={job} onDone={(ended) => finished(world, props, ended, "modify.done")} />
        ) : null}
        <footer>
          <Button text={t("modify.button")} kind="main" type="submit" disabled={!changed || job !== null} />
          <Button text={t("cancel")} onClick={props.onClose} />
        </footer>
      </form>
    </Dialog>
  );
}

export function AnonymizeDialog(props: Props): VNode {
  const { level, resource } = props;
  const world = useWorld();
  const id = useState(() => crypto.randomUUID())[0];
  const [name, setName] = useState(`Anonymized ${id.slice(0, 8)}`);
  const [patient, setPatient] = useState<string>(id);
  const [job, setJob] = useState<string | null>(null);
  const start = async (): Promise<void> => {
    try {
      const replace =
        level === "Study"
          ? { PatientName: name, PatientID: patient, PatientBirthDate: "", PatientSex: "" }
          : {};
      const body = { Replace: replace, KeepSource: true, Force: true, Synchronous: false };
      setJob((await world.server.post<{ ID: string }>(`${route(level)}/${resource.ID}/anonymize`, body)).ID);
    } catch (error) {
      world.report(t("anonymize.failed"), error);
    }
  };
  return (
    <Dialog title={t("anonymize.title")} onClose={props.onClose}>
      <p>{t("anonymize.text")}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        {level === "Study" ? (
          <>
            <label>
              {tagName("PatientID", true)}
              <input required value={patient} onInput={(event) => setPatient(event.currentTarget.value)} />
            </label>
            <label>
              {tagName("PatientName", true)}
              <input value={name} onInput={(event) => setName(event.currentTarget.value)} />
            </label>
          </>
        ) : null}
        {job ? (
          <JobProgress id={job} onDone={(ended) => finished(world, props, ended, "anonymize.done")} />
        ) : null}
        <footer>
          <Button text={t("anonymize.button")} kind="main" type="submit" disabled={job !== null} />
          <Button text={t("cancel")} onClick={props.onClose} />
        </footer>
      </form>
    </Dialog>
  );
}

function finished(
  world: ReturnType<typeof useWorld>,
  props: Props,
  job: Job,
  done: "modify.done" | "anonymize.done",
): void {
  if (job.State === "Success") {
    world.notify({ kind: "done", text: t(done) });
    props.onClose();
    props.onChanged();
  } else {
    world.notify({ kind: "problem", text: t("jobs.failed", { reason: jobFailure(job) }) });
    props.onClose();
  }
}
