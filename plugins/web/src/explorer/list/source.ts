/** The studies of a list, page by page, with cancelled requests. */
import type { Json, Server } from "../server/api";
import { abandoned } from "../server/api";
import type { Resource, System, UiOptions } from "../server/types";
import type { Filters, ListOptions } from "./query";
import { countRequest, findRequest, requestedTags, unfiltered } from "./query";
import { recentStudies } from "./recent";
import { Cache } from "./window";

/** What a list knows at a time. */
export interface State {
  readonly total: number;
  /** Whether more studies fit than are shown, since the index cannot page. */
  readonly more: boolean;
  /** Whether it is still unknown how many there are. */
  readonly counting: boolean;
  readonly loading: boolean;
  readonly error: unknown;
  /** Grows with each change. */
  readonly version: number;
}

/** Tells whether the index can put in order and page what it finds. */
export function hasExtendedFind(system: System): boolean {
  return system.Capabilities?.HasExtendedFind === true;
}

/** Tells whether nothing is shown until the user searches for something. */
export function waitsForSearch(
  filters: Filters,
  options: Pick<UiOptions, "StudyListContentIfNoSearch">,
): boolean {
  return options.StudyListContentIfNoSearch === "empty" && unfiltered(filters);
}

/** Tells whether the list is that of the newest studies, which an index without extended find cannot find. */
export function showsRecent(
  filters: Filters,
  options: Pick<UiOptions, "StudyListContentIfNoSearch">,
  extended: boolean,
): boolean {
  return !extended && options.StudyListContentIfNoSearch === "most-recents" && unfiltered(filters);
}

/** Returns the body of the request for a page of the list. Without extended find there is one, and one study more is asked for. */
export function pageRequest(
  filters: Filters,
  options: ListOptions,
  extended: boolean,
  page: number,
): Record<string, Json> {
  const limit = extended ? options.PageLoadSize : options.MaxStudiesDisplayed;
  return findRequest(filters, options, extended, page * limit, extended ? limit : limit + 1);
}

/** Studies that fit filters. It fetches what is looked at, and tells when something has come. */
export class Studies {
  readonly cache: Cache<Resource>;
  private readonly abort = new AbortController();
  private readonly asked = new Set<number>();
  private current: State = {
    total: 0,
    more: false,
    counting: false,
    loading: true,
    error: null,
    version: 0,
  };

  constructor(
    private readonly server: Server,
    private readonly system: System,
    private readonly options: UiOptions,
    readonly filters: Filters,
    private readonly changed: () => void,
  ) {
    this.cache = new Cache(this.extended ? options.PageLoadSize : options.MaxStudiesDisplayed);
  }

  get state(): State {
    return this.current;
  }

  private get extended(): boolean {
    return hasExtendedFind(this.system);
  }

  /** Asks for the first page, then for how many there are, unless there are no more. */
  async start(): Promise<void> {
    if (waitsForSearch(this.filters, this.options)) {
      this.set({ loading: false });
      return;
    }
    await this.fetch(0);
    // Afterwards: an index that does one thing at a time would count before it finds.
    if (this.extended && this.cache.full(0)) {
      await this.count();
    }
  }

  /** Makes sure that these rows are here, or on their way. */
  want(first: number, count: number): void {
    for (const page of this.cache.missing(first, count)) {
      void this.fetch(page);
    }
  }

  /** Gives up what is on its way. */
  stop(): void {
    this.abort.abort();
  }

  private set(change: Partial<State>): void {
    this.current = { ...this.current, ...change, version: this.current.version + 1 };
    this.changed();
  }

  private async count(): Promise<void> {
    this.set({ counting: true });
    try {
      const { Count } = await this.server.post<{ Count: number }>(
        "tools/count-resources",
        countRequest(this.filters),
        {
          signal: this.abort.signal,
        },
      );
      this.set({ total: Math.max(Count, this.current.total), counting: false });
    } catch (error) {
      this.failed(error);
    }
  }

  private async fetch(page: number): Promise<void> {
    if (this.asked.has(page)) {
      return;
    }
    this.asked.add(page);
    const limit = this.cache.pageSize;
    try {
      const found = await this.found(page, limit);
      const kept = found.slice(0, limit);
      this.cache.put(page, kept);
      const seen = page * limit + kept.length;
      this.set({
        loading: false,
        more: !this.extended && found.length > limit,
        total: Math.max(this.current.total, seen),
        error: null,
      });
    } catch (error) {
      this.failed(error);
    } finally {
      this.asked.delete(page);
    }
  }

  private found(page: number, limit: number): Promise<Resource[]> {
    const signal = this.abort.signal;
    if (showsRecent(this.filters, this.options, this.extended)) {
      const tags = requestedTags(this.options.StudyListColumns);
      return recentStudies(this.server, limit + 1, tags, signal);
    }
    const body = pageRequest(this.filters, this.options, this.extended, page);
    return this.server.post<Resource[]>("tools/find", body, { signal });
  }

  private failed(error: unknown): void {
    if (!abandoned(error)) {
      this.set({ loading: false, counting: false, error });
    }
  }
}
