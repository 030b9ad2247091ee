/** Uploading files: some at a time, with pause, and again what failed. */

export type Status = "waiting" | "running" | "done" | "failed" | "skipped";

/** What came of one file. */
export interface Entry {
  readonly name: string;
  status: Status;
  reason: string;
}

/** Numbers of files, by what came of them, and the studies that have come. */
export interface Progress {
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly studies: ReadonlySet<string>;
  /** Those that failed, of which only some are kept in words. */
  readonly failures: readonly Entry[];
}

/** Sends the bytes of a file; returns the Orthanc ids of the studies that it belongs to. */
export type Send = (file: Blob) => Promise<readonly string[]>;

/** How many files are on their way at a time, and how many failures are shown in words. */
const PARALLEL = 4;
export const SHOWN = 200;

/** Files to be sent. It calls `changed` at most once for each turn of the browser. */
export class Uploads {
  private readonly files: { readonly file: File; readonly entry: Entry }[] = [];
  private readonly failed: number[] = [];
  private readonly counts: Record<Status, number> = {
    waiting: 0,
    running: 0,
    done: 0,
    failed: 0,
    skipped: 0,
  };
  private readonly studies = new Set<string>();
  private next = 0;
  private paused = false;
  private told = false;

  constructor(
    private readonly send: Send,
    private readonly reason: (error: unknown) => string,
    private readonly changed: () => void,
    private readonly later: (work: () => void) => void = (work) => setTimeout(work, 100),
  ) {}

  add(files: readonly File[]): void {
    for (const file of files) {
      // An index of files, which is none that Orthanc keeps.
      const status: Status = /(^|\/)DICOMDIR$/i.test(file.name) ? "skipped" : "waiting";
      this.files.push({ file, entry: { name: file.webkitRelativePath || file.name, status, reason: "" } });
      this.counts[status]++;
    }
    this.run();
  }

  get progress(): Progress {
    return {
      ...this.counts,
      studies: this.studies,
      failures: this.failed.slice(0, SHOWN).flatMap((index) => this.files[index]?.entry ?? []),
    };
  }

  get busy(): boolean {
    return this.counts.running > 0 || this.counts.waiting > 0;
  }

  pause(): void {
    this.paused = true;
    this.tell();
  }

  resume(): void {
    this.paused = false;
    this.run();
  }

  get isPaused(): boolean {
    return this.paused;
  }

  /** Sends what failed once more. */
  retry(): void {
    const again = this.failed.splice(0);
    for (const index of again) {
      const one = this.files[index];
      if (one) {
        this.counts.failed--;
        this.counts.waiting++;
        one.entry.status = "waiting";
        this.files.push(one);
      }
    }
    this.run();
  }

  private run(): void {
    while (!this.paused && this.counts.running < PARALLEL && this.next < this.files.length) {
      const index = this.next++;
      const one = this.files[index];
      if (one?.entry.status === "waiting") {
        void this.upload(index, one);
      }
    }
    this.tell();
  }

  private async upload(index: number, one: { readonly file: File; readonly entry: Entry }): Promise<void> {
    this.set(one.entry, "running");
    try {
      for (const study of await this.send(one.file)) {
        this.studies.add(study);
      }
      this.set(one.entry, "done");
    } catch (error) {
      one.entry.reason = this.reason(error);
      this.failed.push(index);
      this.set(one.entry, "failed");
    }
    this.run();
  }

  private set(entry: Entry, status: Status): void {
    this.counts[entry.status]--;
    this.counts[status]++;
    entry.status = status;
  }

  private tell(): void {
    if (!this.told) {
      this.told = true;
      this.later(() => {
        this.told = false;
        this.changed();
      });
    }
  }
}

/** The part of the browser's entries of dropped folders that is used. */
interface FileSystemPart {
  readonly isFile: boolean;
  file?: (done: (file: File) => void, failed: (error: unknown) => void) => void;
  createReader?: () => {
    readEntries(done: (entries: FileSystemPart[]) => void, failed: (error: unknown) => void): void;
  };
}

/** Returns all files that were dropped, those in folders too. */
export async function dropped(items: Iterable<{ webkitGetAsEntry?: () => unknown }>): Promise<File[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.() as FileSystemPart | null | undefined);
  const files: File[] = [];
  const walk = async (entry: FileSystemPart): Promise<void> => {
    if (entry.isFile) {
      const { file } = entry;
      if (file) {
        files.push(await new Promise<File>((done, failed) => file.call(entry, done, failed)));
      }
      return;
    }
    const reader = entry.createReader?.();
    // A reader gives some entries at a time, and none at its end.
    for (;;) {
      const some = reader
        ? await new Promise<FileSystemPart[]>((done, failed) => reader.readEntries(done, failed))
        : [];
      if (some.length === 0) {
        return;
      }
      for (const one of some) {
        await walk(one);
      }
    }
  };
  for (const entry of entries) {
    if (entry) {
      await walk(entry);
    }
  }
  return files;
}
