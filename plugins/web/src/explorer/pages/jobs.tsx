/** The jobs of the server. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { jobFailure } from "../actions/job";
import { Button, Problem, Waiting } from "../parts/elements";
import type { Job } from "../server/types";
import { useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { t } from "../texts/texts";

const EVERY = 3000;

/** Which come first. */
const ORDER: readonly Job["State"][] = ["Running", "Retry", "Pending", "Paused", "Failure", "Success"];

/** What can be done with a job in each state. */
const STEPS = {
  Running: ["pause", "cancel"],
  Retry: ["cancel"],
  Pending: ["pause", "cancel"],
  Paused: ["resume", "cancel"],
  Failure: ["resubmit", "delete"],
  Success: ["delete"],
} as const;

export function JobsPage(): VNode {
  const world = useWorld();
  const [jobs, setJobs] = useState<readonly Job[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = async (signal?: AbortSignal): Promise<void> => {
    const found = await world.server.get<Job[]>("jobs?expand", { signal });
    setJobs(
      [...found].sort(
        (a, b) =>
          ORDER.indexOf(a.State) - ORDER.indexOf(b.State) || b.CreationTime.localeCompare(a.CreationTime),
      ),
    );
    setError(null);
  };
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      load(abort.signal)
        .catch((reason: unknown) => (abort.signal.aborted ? undefined : setError(reason)))
        .finally(() => {
          if (!abort.signal.aborted) {
            timer = setTimeout(look, EVERY);
          }
        });
    };
    look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [world]);
  const step = async (job: Job, what: (typeof STEPS)[Job["State"]][number]): Promise<void> => {
    try {
      await (what === "delete"
        ? world.server.remove(`jobs/${job.ID}`)
        : world.server.post(`jobs/${job.ID}/${what}`, {}));
      await load();
    } catch (reason) {
      world.report(t("jobs.stepFailed"), reason);
    }
  };
  const texts = {
    pause: "jobs.pause",
    resume: "jobs.resume",
    cancel: "jobs.cancel",
    resubmit: "jobs.resubmit",
    delete: "jobs.delete",
  } as const;

  return (
    <section>
      <h1>{t("side.jobs")}</h1>
      {error ? <Problem text={failure(error)} /> : null}
      {jobs === null ? <Waiting /> : null}
      {jobs?.length === 0 ? <p>{t("jobs.none")}</p> : null}
      {jobs?.map((job) => (
        <details class="jobs" key={job.ID}>
          <summary>
            <strong>{job.Type}</strong> · {t(`jobs.state.${job.State}`)}{" "}
            {job.State === "Running" ? (
              <progress max={100} value={job.Progress} aria-label={t("jobs.progress")} />
            ) : null}
            <small> {when(job.CreationTime)}</small>
          </summary>
          {job.State === "Failure" ? <p role="alert">{jobFailure(job)}</p> : null}
          <p class="actions">
            {STEPS[job.State].map((what) => (
              <Button key={what} text={t(texts[what])} onClick={() => void step(job, what)} />
            ))}
          </p>
          <pre>{JSON.stringify(job.Content, null, 2)}</pre>
        </details>
      ))}
    </section>
  );
}

/** Returns Orthanc's time (20261128T101112.123456, in UTC) as the user's. */
export function when(text: string): string {
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})/.exec(text);
  if (!parts) {
    return text;
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second)).toLocaleString();
}
