/** What is being imported, and what was: jobs, with the patients of each. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Server } from "../explorer/server/api";
import type { Job } from "../explorer/server/types";
import { t } from "../explorer/texts/texts";
import type { Content } from "./archive";
import { progressOf } from "./archive";

/** Between two looks at a job, in milliseconds. */
const PAUSE = 2000;

export function Imports(props: { readonly server: Server; readonly jobs: readonly string[] }): VNode | null {
  const { server, jobs } = props;
  return jobs.length === 0 ? null : (
    <section>
      <h2>{t("tcia.imports")}</h2>
      {jobs.map((one) => (
        <Import key={one} server={server} job={one} />
      ))}
    </section>
  );
}

function Import(props: { readonly server: Server; readonly job: string }): VNode | null {
  const { server } = props;
  const [job, setJob] = useState<Job | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (): void => {
      if (!abort.signal.aborted) {
        timer = setTimeout(look, PAUSE);
      }
    };
    const look = (): void => {
      server.get<Job>(`jobs/${props.job}`, { signal: abort.signal }).then((now) => {
        setJob(now);
        if (now.State !== "Success" && now.State !== "Failure") {
          again();
        }
      }, again);
    };
    look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [server, props.job]);
  if (job === null) {
    return null;
  }
  const content = job.Content as unknown as Content;
  const failures = content.Failures ?? (content.Failure ? [content.Failure] : []);
  const explorer = server.address("app/explorer.html");
  return (
    <div class="jobs">
      <p>
        <a href={`${explorer}#job?uuid=${encodeURIComponent(job.ID)}`}>{t(`jobs.state.${job.State}`)}</a>{" "}
        <progress max={100} value={job.Progress} aria-label={t("jobs.progress")} /> {content.SeriesDone ?? 0}{" "}
        / {content.SeriesCount}
      </p>
      {failures.length === 0 ? null : (
        <ul class="problem">
          {failures.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      <div class="scroll">
        <table class="tags">
          <thead>
            <tr>
              <th scope="col">{t("tag.PatientID")}</th>
              <th scope="col">{t("column.series")}</th>
            </tr>
          </thead>
          <tbody>
            {progressOf(content).map((one) => (
              <tr key={one.patient}>
                <td>
                  {one.orthanc !== "" && one.done > 0 ? (
                    <a href={`${explorer}#patient?uuid=${one.orthanc}`}>{one.patient}</a>
                  ) : (
                    one.patient || "–"
                  )}
                </td>
                <td>
                  {one.done} / {one.count}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
