/** Uploading files, folders and ZIP files. */
import type { VNode } from "preact";
import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import { tagOf } from "../list/columns";
import { Button, Link } from "../parts/elements";
import type { Resource, UiOptions } from "../server/types";
import { useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { addressOf } from "../shell/router";
import { t } from "../texts/texts";
import { dropped, SHOWN, Uploads } from "./transfer";

/** The answer of POST /instances for each instance. */
interface Stored {
  readonly ParentStudy?: string;
}

export function UploadPage(): VNode {
  const world = useWorld();
  const [, changed] = useReducer((version: number, _: null) => version + 1, 0);
  const [over, setOver] = useState(false);
  const uploads = useMemo(
    () =>
      new Uploads(
        async (file) => {
          const answer = await world.server.send("POST", "instances", file);
          const stored = (await answer.json()) as Stored | Stored[];
          return (Array.isArray(stored) ? stored : [stored]).flatMap((one) => one.ParentStudy ?? []);
        },
        failure,
        () => changed(null),
      ),
    [world],
  );
  const { progress, busy } = uploads;
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (uploads.busy) {
        event.preventDefault();
      }
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [uploads]);

  const choose = (event: { readonly currentTarget: HTMLInputElement }): void => {
    uploads.add([...(event.currentTarget.files ?? [])]);
    event.currentTarget.value = "";
  };
  const ended = progress.done + progress.failed + progress.skipped;
  const total = ended + progress.running + progress.waiting;
  return (
    <section class="upload">
      <h1>{t("upload.title")}</h1>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the inputs in it do the same by keyboard */}
      <div
        class={over ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          dropped(event.dataTransfer?.items ?? [])
            .then((files) => uploads.add(files))
            .catch((error: unknown) => world.report(t("upload.cannotRead"), error));
        }}
      >
        <p>{t("upload.drop")}</p>
        <label class="plain button">
          {t("upload.files")}
          <input type="file" multiple class="hidden" onChange={choose} />
        </label>
        <label class="plain button">
          {t("upload.folder")}
          <input type="file" multiple class="hidden" {...{ webkitdirectory: true }} onChange={choose} />
        </label>
      </div>
      {total > 0 ? (
        <>
          <p role="status">
            {t("upload.progress", { done: ended, total })}{" "}
            {progress.failed > 0 ? t("upload.failed", { count: progress.failed }) : null}{" "}
            {progress.skipped > 0 ? t("upload.skipped", { count: progress.skipped }) : null}
          </p>
          <progress max={total} value={ended} aria-label={t("upload.title")} />
          <p class="actions">
            {busy ? (
              <Button
                text={uploads.isPaused ? t("upload.resume") : t("upload.pause")}
                onClick={() => (uploads.isPaused ? uploads.resume() : uploads.pause())}
              />
            ) : null}
            {progress.failed > 0 ? <Button text={t("upload.retry")} onClick={() => uploads.retry()} /> : null}
          </p>
          {progress.failures.length > 0 ? (
            <details open>
              <summary>{t("upload.report")}</summary>
              <ul class="report">
                {progress.failures.map((one) => (
                  <li key={one.name}>
                    <code>{one.name}</code>: {one.reason}
                  </li>
                ))}
                {progress.failed > SHOWN ? (
                  <li>{t("delete.more", { count: progress.failed - SHOWN })}</li>
                ) : null}
              </ul>
            </details>
          ) : null}
          {busy ? null : <Uploaded studies={[...progress.studies]} />}
        </>
      ) : null}
    </section>
  );
}

/** Returns the first tags of a study that say something, of those that the configuration names. */
export function reported(
  study: Resource,
  options: Pick<UiOptions, "UploadReportTags" | "UploadReportMaxTags">,
): string {
  const values = options.UploadReportTags.map((tag) => tagOf(study, tag)).filter(Boolean);
  return values.slice(0, options.UploadReportMaxTags).join(" · ") || study.ID;
}

/** Links to the studies that have come. */
function Uploaded(props: { readonly studies: readonly string[] }): VNode {
  const world = useWorld();
  const [studies, setStudies] = useState<readonly Resource[]>([]);
  const ids = props.studies.slice(0, 50).join(" ");
  useEffect(() => {
    const abort = new AbortController();
    Promise.all(
      ids
        .split(" ")
        .filter(Boolean)
        .map((id) => world.server.get<Resource>(`studies/${id}`, { signal: abort.signal })),
    )
      .then(setStudies)
      .catch((error: unknown) => (abort.signal.aborted ? undefined : world.report(t("failure.gone"), error)));
    return () => abort.abort();
  }, [ids, world]);
  return (
    <ul>
      {studies.map((study) => {
        const query = new URLSearchParams({ id: study.ID });
        return (
          <li key={study.ID}>
            <Link
              address={addressOf(world.router.root, "study", query)}
              onFollow={() => world.router.go("study", query)}
            >
              {reported(study, world.configuration.UiOptions)}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
