/** The jobs that the user has begun in this window, for the side bar. */
import { RequestError } from "../server/api";
import type { Job } from "../server/types";

/** Where the jobs' identifiers are kept, so that they are there after the page has been loaded again. */
const KEY = "orthanc-explorer-jobs";

/** How often jobs that have not ended are looked at, in milliseconds. */
const EVERY = 2000;

/** A job of the user, and what the server last said of it. */
export interface Mine {
  readonly id: string;
  readonly job: Job | null;
}

/** Tells whether nothing more will happen to a job by itself. */
export function hasEnded(job: Job): boolean {
  return job.State === "Success" || job.State === "Failure";
}

/** The newest jobs of the user, the newest first. */
export class Jobs {
  private mine: readonly Mine[];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<(mine: readonly Mine[]) => void>();

  constructor(
    private readonly ask: (id: string) => Promise<Job | null | undefined>,
    private readonly kept: Pick<Storage, "getItem" | "setItem">,
    private readonly most: number,
  ) {
    const ids = (kept.getItem(KEY) ?? "").split(",").filter(Boolean).slice(0, most);
    this.mine = ids.map((id) => ({ id, job: null }));
  }

  get all(): readonly Mine[] {
    return this.mine;
  }

  /** Adds a job that has begun. */
  add(id: string): void {
    if (!this.mine.some((one) => one.id === id)) {
      this.set([{ id, job: null }, ...this.mine].slice(0, this.most));
      this.plan(EVERY);
    }
  }

  /** Says what the server said of a job. */
  tell(job: Job): void {
    this.set(this.mine.map((one) => (one.id === job.ID ? { id: one.id, job } : one)));
  }

  /** Forgets the jobs that have ended. */
  clear(): void {
    this.set(this.mine.filter(({ job }) => job === null || !hasEnded(job)));
  }

  /** Calls `listener` at each change until the function that is returned is called; jobs are looked at until then. */
  listen(listener: (mine: readonly Mine[]) => void): () => void {
    this.listeners.add(listener);
    this.plan(0);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) {
        clearTimeout(this.timer);
        this.timer = undefined;
      }
    };
  }

  private plan(wait: number): void {
    const waiting = this.mine.some(({ job }) => job === null || !hasEnded(job));
    if (this.timer === undefined && waiting && this.listeners.size > 0) {
      this.timer = setTimeout(() => void this.look(), wait);
    }
  }

  /** Asks for the jobs that have not ended. What the server does not know any more is forgotten. */
  async look(): Promise<void> {
    const open = this.mine.filter(({ job }) => job === null || !hasEnded(job));
    const found = await Promise.all(open.map(({ id }) => this.ask(id)));
    const gone = open.filter((_, at) => found[at] === null).map(({ id }) => id);
    const now = new Map(found.filter((job) => job != null).map((job) => [job.ID, job]));
    this.set(
      this.mine
        .filter(({ id }) => !gone.includes(id))
        .map((one) => ({ id: one.id, job: now.get(one.id) ?? one.job })),
    );
    this.timer = undefined;
    this.plan(EVERY);
  }

  private set(mine: readonly Mine[]): void {
    this.mine = mine;
    this.kept.setItem(KEY, mine.map(({ id }) => id).join(","));
    for (const listener of this.listeners) {
      listener(mine);
    }
  }
}

/** Returns the jobs of a window. A job that the server refuses is none; without an answer, nothing new is known of it. */
export function jobsOf(
  server: { get<T>(route: string): Promise<T> },
  kept: Pick<Storage, "getItem" | "setItem">,
  most: unknown,
): Jobs {
  const ask = async (id: string): Promise<Job | null | undefined> => {
    try {
      return await server.get<Job>(`jobs/${id}`);
    } catch (error) {
      const refused = error instanceof RequestError && (error.status === 404 || error.status === 403);
      return refused ? null : undefined;
    }
  };
  return new Jobs(ask, kept, typeof most === "number" && most > 0 ? most : 0);
}
