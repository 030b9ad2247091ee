/** Modifying and anonymizing a study or a series. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Button, Dialog } from "../parts/elements";
import type { Job, Level, Resource, Tags } from "../server/types";
import { useWorld } from "../shell/context";
import { tagName } from "../texts/tags";
import { t } from "../texts/texts";
import { describe } from "./describe";
import { route } from "./files";
import { JobProgress, jobFailure } from "./job";
import type { Mode, Question, Step } from "./modification";
import {
  attachSteps,
  changes,
  changesPatient,
  isInPlace,
  modification,
  PATIENT,
  patientOf,
  patientSteps,
  questionOf,
  studySteps,
} from "./modification";

interface Props {
  readonly level: Level;
  readonly resource: Resource;
  readonly onClose: () => void;
  readonly onChanged: () => void;
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
  const [after, setAfter] = useState<Tags>(before);
  const [remove, setRemove] = useState<readonly string[]>([]);
  const modes = (options.Modifications ?? {}) as Readonly<Record<string, unknown>>;
  const allowed = (modes[level === "Study" ? "AllowedModes" : "SeriesAllowedModes"] ?? [
    "modify-new-uids",
  ]) as readonly Mode[];
  const [mode, setMode] = useState(
    (modes[level === "Study" ? "DefaultMode" : "SeriesDefaultMode"] ?? "modify-new-uids") as Mode,
  );
  const [question, setQuestion] = useState<Question>({ kind: "none" });
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [job, setJob] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const changed = remove.length > 0 || Object.keys(changes(before, after)).length > 0;
  const refused = isInPlace(level, mode, before, after) && world.system.OverwriteInstances !== true;
  const texts = {
    "modify-new-uids": "modify.newUids",
    "modify-keep-uids": "modify.keepUids",
    duplicate: "modify.duplicate",
  } as const;

  const begin = async (next: readonly Step[]): Promise<void> => {
    const [step] = next;
    setQuestion({ kind: "none" });
    setSteps(next);
    setBusy(true);
    try {
      setJob(step ? (await world.server.post<{ ID: string }>(step.route, step.body)).ID : null);
    } catch (error) {
      setBusy(false);
      world.report(t("modify.failed"), error);
    }
  };
  const start = async (): Promise<void> => {
    if (level !== "Study") {
      await begin([modification(level, resource.ID, mode, changes(before, after), remove)]);
      return;
    }
    if (!changesPatient(before, after)) {
      await begin(studySteps(resource, mode, before, after, remove));
      return;
    }
    setBusy(true);
    try {
      const found = await world.server.post<Resource[]>("tools/find", {
        Level: "Study",
        Query: { PatientID: patientOf(resource, after) },
        Expand: true,
      });
      const asked = questionOf(resource, before, after, found);
      if (asked.kind === "none") {
        await begin(studySteps(resource, mode, before, after, remove));
      } else {
        setQuestion(asked);
        setBusy(false);
      }
    } catch (error) {
      setBusy(false);
      world.report(t("modify.failed"), error);
    }
  };
  const ended = async (done: Job): Promise<void> => {
    const [step, ...rest] = steps;
    const whole = done.State === "Success" && !done.Content.FailedInstancesCount;
    if (whole && step?.source && done.Content.ID && done.Content.ID !== step.source) {
      try {
        await world.server.remove(`studies/${step.source}`);
      } catch (error) {
        world.report(t("modify.notRemoved"), error);
      }
    }
    if (whole && rest.length > 0) {
      await begin(rest);
      return;
    }
    finished(world, props, done, "modify.done", () => {
      const { page } = world.router.route;
      if (page !== "study" || level !== "Study" || mode === "duplicate") {
        props.onChanged();
      } else if (step?.route.startsWith("studies/")) {
        world.router.go("study", new URLSearchParams({ id: String(done.Content.ID) }), true);
        props.onChanged();
      } else {
        world.router.go(
          "filtered-studies",
          new URLSearchParams({ PatientID: patientOf(resource, after) }),
          true,
        );
      }
    });
  };
  if (question.kind !== "none") {
    return (
      <Consistency
        question={question}
        mode={mode}
        onBack={() => setQuestion({ kind: "none" })}
        onClose={props.onClose}
        onYes={() =>
          void begin(
            question.kind === "exists"
              ? attachSteps(resource, mode, before, after, question.patient, remove)
              : patientSteps(resource, mode, before, after, remove),
          )
        }
      />
    );
  }
  return (
    <Dialog title={t("modify.title")} onClose={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        {Object.keys(after).map((tag) => (
          <label key={tag}>
            {tagName(tag, options.TranslateDicomTags === true)}
            <input
              value={after[tag] ?? ""}
              required={tag === "PatientID"}
              onInput={(event) => setAfter({ ...after, [tag]: event.currentTarget.value })}
            />
          </label>
        ))}
        <OtherTags
          remove={remove}
          onAdd={(tag) => setAfter({ ...after, [tag]: after[tag] ?? "" })}
          onRemove={setRemove}
        />
        <fieldset>
          <legend>{t("modify.mode")}</legend>
          {allowed.map((one) => (
            <label key={one}>
              <input type="radio" name="mode" checked={mode === one} onChange={() => setMode(one)} />{" "}
              {t(texts[one])}
            </label>
          ))}
          {refused ? <p role="alert">{t("modify.noOverwrite")}</p> : null}
        </fieldset>
        {job ? <JobProgress key={job} id={job} onDone={(done) => void ended(done)} /> : null}
        <footer>
          <Button
            text={t("modify.button")}
            kind="main"
            type="submit"
            disabled={!changed || busy || refused}
          />
          <Button text={t("cancel")} onClick={props.onClose} />
        </footer>
      </form>
    </Dialog>
  );
}

/** Adding a tag that is not in the form, and taking one away. */
function OtherTags(props: {
  readonly remove: readonly string[];
  readonly onAdd: (tag: string) => void;
  readonly onRemove: (tags: readonly string[]) => void;
}): VNode {
  const [tag, setTag] = useState("");
  const known = /^([A-Z][A-Za-z0-9]+|[0-9a-fA-F]{4},?[0-9a-fA-F]{4})$/.test(tag);
  return (
    <details>
      <summary>{t("modify.otherTags")}</summary>
      <label>
        {t("modify.tag")}
        <input value={tag} onInput={(event) => setTag(event.currentTarget.value.trim())} />
      </label>
      <p class="actions">
        <Button
          text={t("modify.addTag")}
          disabled={!known}
          onClick={() => {
            props.onAdd(tag);
            setTag("");
          }}
        />
        <Button
          text={t("modify.removeTag")}
          disabled={!known || PATIENT.some((one) => one === tag)}
          onClick={() => {
            props.onRemove([...new Set([...props.remove, tag])]);
            setTag("");
          }}
        />
      </p>
      {props.remove.length > 0 ? (
        <p class="labels">
          {t("modify.removed")}{" "}
          {props.remove.map((one) => (
            <button
              type="button"
              class="label"
              key={one}
              onClick={() => props.onRemove(props.remove.filter((other) => other !== one))}
            >
              {one} ✕
            </button>
          ))}
        </p>
      ) : null}
    </details>
  );
}

/** What a modification means for other studies, and what to do about it. */
function Consistency(props: {
  readonly question: Exclude<Question, { readonly kind: "none" }>;
  readonly mode: Mode;
  readonly onYes: () => void;
  readonly onBack: () => void;
  readonly onClose: () => void;
}): VNode {
  const { question } = props;
  const count = question.studies.length;
  const exists = question.kind === "exists";
  // A copy of one study cannot have other data of the patient than the original.
  const possible = exists || props.mode !== "duplicate";
  return (
    <Dialog title={t("modify.title")} onClose={props.onClose}>
      <div class="said">
        <p>{t(exists ? "modify.exists" : possible ? "modify.others" : "modify.noCopy", { count })}</p>
        {exists ? (
          <ul>
            {PATIENT.filter((tag) => question.patient[tag]).map((tag) => (
              <li key={tag}>
                {tagName(tag, true)}: {question.patient[tag]}
              </li>
            ))}
          </ul>
        ) : null}
        <ul>
          {question.studies.slice(0, 10).map((one) => (
            <li key={one.ID}>{describe(one)}</li>
          ))}
          {count > 10 ? <li>{t("delete.more", { count: count - 10 })}</li> : null}
        </ul>
      </div>
      <footer>
        <Button text={t("modify.back")} onClick={props.onBack} />
        {possible ? (
          <Button text={t(exists ? "modify.attach" : "modify.all")} kind="main" onClick={props.onYes} />
        ) : null}
      </footer>
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
  show: () => void = props.onChanged,
): void {
  if (job.State === "Success") {
    world.notify({ kind: "done", text: t(done) });
    props.onClose();
    show();
  } else {
    world.notify({ kind: "problem", text: t("jobs.failed", { reason: jobFailure(job) }) });
    props.onClose();
  }
}
