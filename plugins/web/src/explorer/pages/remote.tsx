/** Studies at a modality or a DICOMweb server: finding and retrieving them. */
import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { JobProgress, jobFailure } from "../actions/job";
import { cell, columnOf } from "../list/columns";
import { Filter } from "../list/filters";
import type { Filters } from "../list/query";
import { filtersOf, queryOf } from "../list/query";
import { Button, Problem, Waiting } from "../parts/elements";
import type { Resource, Tags } from "../server/types";
import { useLater, useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { tagName } from "../texts/tags";
import { language, t } from "../texts/texts";
import { retrieveRequest, searchRemote } from "./search";

/** Whether a modality answers. */
function Echo(props: { readonly name: string }): VNode {
  const world = useWorld();
  const [said, setSaid] = useState<"settings.echoing" | "settings.echoed" | "settings.notEchoed">(
    "settings.echoing",
  );
  useEffect(() => {
    const abort = new AbortController();
    world.server
      .post(`modalities/${encodeURIComponent(props.name)}/echo`, { Timeout: 10 }, { signal: abort.signal })
      .then(() => setSaid("settings.echoed"))
      .catch(() => (abort.signal.aborted ? undefined : setSaid("settings.notEchoed")));
    return () => abort.abort();
  }, [world, props.name]);
  return <p role="status">{t(said)}</p>;
}

export function RemotePage(props: { readonly query: URLSearchParams }): VNode {
  const world = useWorld();
  const { modalities } = useLater();
  const options = world.configuration.UiOptions;
  const text = props.query.toString();
  const filters = useMemo(() => filtersOf(new URLSearchParams(text)), [text]);
  const columns = useMemo(() => options.StudyListColumns.map(columnOf), [options]);
  const [found, setFound] = useState<readonly Tags[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [jobs, setJobs] = useState<Readonly<Record<string, { readonly id: string; readonly said?: string }>>>(
    {},
  );
  const { source } = filters;

  const search = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      setFound(await searchRemote(world.server, filters, options.StudyListColumns));
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  const retrieve = async (uid: string): Promise<void> => {
    try {
      const [route, body] = retrieveRequest(source, uid, world.system.DicomAet, modalities[source.name]);
      const { ID } = await world.server.post<{ ID: string }>(route, body);
      setJobs((all) => ({ ...all, [uid]: { id: ID } }));
    } catch (reason) {
      world.report(t("remote.retrieveFailed"), reason);
    }
  };
  const show = (next: Filters): void => world.router.go("filtered-studies", queryOf(next), true);

  return (
    <section class="remote">
      <h1>{t("remote.title", { name: source.name })}</h1>
      {source.type === "dicom" ? <Echo key={source.name} name={source.name} /> : null}
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          void search();
        }}
      >
        {columns
          .filter((column) => column.tag)
          .map((column) => (
            // biome-ignore lint/a11y/noLabelWithoutControl: the filter in it is its control
            <label key={column.name}>
              {tagName(column.name, options.TranslateDicomTags === true)}
              <Filter
                column={column}
                options={options}
                value={column.tag ? (filters.tags[column.tag] ?? "") : ""}
                onChange={(value) => {
                  const tags = { ...filters.tags, [column.tag ?? ""]: value };
                  if (value === "" && column.tag) {
                    delete tags[column.tag];
                  }
                  show({ ...filters, tags });
                }}
              />
            </label>
          ))}
        <Button text={t("remote.search")} kind="main" type="submit" disabled={busy} />
      </form>
      {busy ? <Waiting text={t("remote.searching")} /> : null}
      {error ? <Problem text={failure(error)} onRetry={() => void search()} /> : null}
      {found?.length === 0 && !busy ? <p>{t("list.none")}</p> : null}
      {found && found.length > 0 ? (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column.name} scope="col">
                    {tagName(column.name, options.TranslateDicomTags === true)}
                  </th>
                ))}
                <th scope="col">
                  <span class="hidden">{t("actions")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {found.map((tags) => {
                const uid = tags.StudyInstanceUID ?? "";
                const study: Resource = { ID: uid, Type: "Study", MainDicomTags: tags };
                const job = jobs[uid];
                return (
                  <tr key={uid}>
                    {columns.map((column) => (
                      <td key={column.name}>{cell(study, column, options, language())}</td>
                    ))}
                    <td>
                      {job && job.said === undefined ? (
                        <JobProgress
                          id={job.id}
                          onDone={(ended) =>
                            setJobs((all) => ({
                              ...all,
                              [uid]: {
                                id: job.id,
                                said: ended.State === "Success" ? t("remote.retrieved") : jobFailure(ended),
                              },
                            }))
                          }
                        />
                      ) : (
                        <Button text={t("remote.retrieve")} onClick={() => void retrieve(uid)} />
                      )}
                      {job?.said ? <span role="status">{job.said}</span> : null}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      ) : null}
    </section>
  );
}
