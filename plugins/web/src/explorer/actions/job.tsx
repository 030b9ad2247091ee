/** The progress of a job that the user has begun. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Job } from "../server/types";
import { useWorld } from "../shell/context";
import { hasEnded } from "../shell/jobs";
import { t } from "../texts/texts";

/** How long to wait between two questions, in milliseconds: at first often, then less so. */
const FIRST = 200;
const LONGEST = 2000;

/** Shows a job until it has ended, then calls `onDone` with it. */
export function JobProgress(props: { readonly id: string; readonly onDone: (job: Job) => void }): VNode {
  const { id, onDone } = props;
  const world = useWorld();
  const [job, setJob] = useState<Job | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wait = FIRST;
    let ended = false;
    world.jobs.add(id);
    const look = async (): Promise<void> => {
      try {
        const now = await world.server.get<Job>(`jobs/${id}`);
        if (ended) {
          return;
        }
        setJob(now);
        world.jobs.tell(now);
        if (hasEnded(now)) {
          onDone(now);
          return;
        }
      } catch (error) {
        world.report(t("jobs.lost"), error);
        return;
      }
      wait = Math.min(LONGEST, wait * 1.5);
      timer = setTimeout(() => void look(), wait);
    };
    void look();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [id, world]);
  return (
    <p class="job" role="status">
      <progress max={100} value={job?.Progress ?? 0} aria-label={t("jobs.progress")} /> {job?.Progress ?? 0} %
    </p>
  );
}

/** What a job that failed says of it. */
export function jobFailure(job: Job): string {
  return [job.ErrorDescription, job.ErrorDetails].filter(Boolean).join(": ");
}
