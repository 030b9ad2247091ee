/** A study: its tags, its series, their instances, and what can be done with each. */
import type { VNode } from "preact";
import { useCallback, useEffect, useReducer, useState } from "preact/hooks";
import { Actions } from "../actions/actions";
import { describe } from "../actions/describe";
import { NONE, queryOf } from "../list/query";
import { date, name, time } from "../parts/dicom";
import { CopySign, Link, Problem, Waiting } from "../parts/elements";
import type { Chosen } from "../parts/selection";
import { toggled } from "../parts/selection";
import { RequestError } from "../server/api";
import type { Resource, Tags } from "../server/types";
import { enabled, plugin, useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { addressOf } from "../shell/router";
import { tagName } from "../texts/tags";
import { language, t } from "../texts/texts";
import { Bulk } from "./bulk";
import { Instances } from "./instances";
import { Stored } from "./stored";

interface Loaded {
  readonly study: Resource;
  readonly series: readonly Resource[];
  readonly others: number;
}

/** The page of a study. */
export function StudyPage(props: { readonly id: string }): VNode {
  const { id } = props;
  const world = useWorld();
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [again, reload] = useReducer((version: number, _: null) => version + 1, 0);
  const [chosen, setChosen] = useState<Chosen>(new Set());
  useEffect(() => {
    const abort = new AbortController();
    const signal = abort.signal;
    const load = async (): Promise<void> => {
      const [study, series] = await Promise.all([
        world.server.get<Resource>(`studies/${id}?requested-tags=ModalitiesInStudy;SOPClassesInStudy`, {
          signal,
        }),
        world.server.get<Resource[]>(`studies/${id}/series`, { signal }),
      ]);
      const same = samePatient(study, world.configuration.UiOptions.ShowSamePatientStudiesFilter);
      const found = Object.keys(same).length
        ? await world.server.post<string[]>(
            "tools/find",
            { Level: "Study", Query: same, Expand: false, Limit: 1000 },
            { signal },
          )
        : [];
      setLoaded({
        study,
        series: sorted(series).map((one) => within(study, one)),
        others: Math.max(0, found.length - 1),
      });
      setError(null);
    };
    load().catch((reason: unknown) => {
      if (signal.aborted) {
        return;
      }
      // Its last series may have been deleted here.
      if (again > 0 && reason instanceof RequestError && reason.status === 404) {
        world.router.go("");
      } else {
        setError(reason);
      }
    });
    return () => abort.abort();
  }, [id, world, again]);
  const changed = useCallback(() => reload(null), []);

  if (error) {
    return <Problem text={failure(error)} onRetry={changed} />;
  }
  if (!loaded) {
    return <Waiting />;
  }
  const { study, series, others } = loaded;
  const options = world.configuration.UiOptions;
  const patient = study.PatientMainDicomTags ?? {};
  const logs = new URLSearchParams({ "resource-id": study.ID });
  const same = queryOf({ ...NONE, tags: samePatient(study, options.ShowSamePatientStudiesFilter) });
  return (
    <article class="study">
      <h1>
        {name(patient.PatientName) || patient.PatientID || t("study.unnamed")}{" "}
        <small>{study.MainDicomTags.StudyDescription}</small>
      </h1>
      <Actions level="Study" resources={[study]} onChanged={changed} onGone={() => world.router.go("")} />
      <p class="labels">
        {(study.Labels ?? []).map((label) => (
          <span class="label" key={label}>
            {label}
          </span>
        ))}
      </p>
      {others > 0 ? (
        <p>
          <Link
            address={addressOf(world.router.root, "filtered-studies", same)}
            onFollow={() => world.router.go("filtered-studies", same)}
          >
            {t("study.others", { count: others })}
          </Link>
        </p>
      ) : null}
      {enabled(world, "EnableAuditLogs") && plugin(world, "authorization") ? (
        <p>
          <Link
            address={addressOf(world.router.root, "audit-logs", logs)}
            onFollow={() => world.router.go("audit-logs", logs)}
          >
            {t("side.audit")}
          </Link>
        </p>
      ) : null}
      <div class="columns">
        <TagTable title={t("study.patient")} tags={patient} names={options.PatientMainTags} />
        <TagTable title={t("study.study")} tags={study.MainDicomTags} names={options.StudyMainTags} />
      </div>
      <Stored level="Study" id={study.ID} />
      <h2>{t("study.series", { count: series.length })}</h2>
      {series.length > 1 ? (
        <Bulk level="Series" all={series} chosen={chosen} onChosen={setChosen} onChanged={changed} />
      ) : null}
      {series.map((one) => (
        <div class="choice" key={one.ID}>
          {series.length > 1 ? (
            <input
              type="checkbox"
              aria-label={t("series.select", { name: describe(one) })}
              checked={chosen.has(one.ID)}
              onChange={(event) => setChosen(toggled(chosen, one.ID, event.currentTarget.checked))}
            />
          ) : null}
          <SeriesPart series={one} open={series.length === 1} onChanged={changed} />
        </div>
      ))}
    </article>
  );
}

/** Returns a series with what its buttons need of its study: the viewers go by studies. */
function within(study: Resource, series: Resource): Resource {
  const uid = study.MainDicomTags.StudyInstanceUID ?? "";
  return {
    ...series,
    MainDicomTags: { ...series.MainDicomTags, StudyInstanceUID: uid },
    PatientMainDicomTags: study.PatientMainDicomTags ?? {},
  };
}

/** The filters that find the studies of the same patient. */
function samePatient(study: Resource, names: readonly string[]): Record<string, string> {
  const all = { ...study.MainDicomTags, ...study.PatientMainDicomTags };
  return Object.fromEntries(names.map((tag) => [tag, all[tag] ?? ""]).filter(([, value]) => value !== ""));
}

function sorted(series: readonly Resource[]): Resource[] {
  const number = (one: Resource): number =>
    Number(one.MainDicomTags.SeriesNumber ?? Number.POSITIVE_INFINITY);
  return [...series].sort((a, b) => number(a) - number(b));
}

/** Tags with a button that copies each value. */
export function TagTable(props: {
  readonly title: string;
  readonly tags: Tags;
  readonly names: readonly string[];
}): VNode {
  const world = useWorld();
  const options = world.configuration.UiOptions;
  const copy = async (value: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
      world.notify({ kind: "done", text: t("copied") });
    } catch (error) {
      world.report(t("copyFailed"), error);
    }
  };
  return (
    <table class="tags">
      <caption>{props.title}</caption>
      <tbody>
        {props.names
          .filter((tag) => props.tags[tag] !== undefined)
          .map((tag) => {
            const value = props.tags[tag] ?? "";
            return (
              <tr key={tag}>
                <th scope="row">{tagName(tag, options.TranslateDicomTags === true)}</th>
                <td>{shown(tag, value, options.DateFormat)}</td>
                <td>
                  <button
                    type="button"
                    class="quiet"
                    aria-label={t("copyValue", { name: tagName(tag, true) })}
                    onClick={() => void copy(value)}
                  >
                    <CopySign />
                  </button>
                </td>
              </tr>
            );
          })}
      </tbody>
    </table>
  );
}

function shown(tag: string, value: string, format: string): string {
  if (tag.endsWith("Date")) {
    return date(value, format, language());
  }
  if (tag.endsWith("Time")) {
    return time(value);
  }
  return tag === "PatientName" || tag.endsWith("PhysicianName") || tag.endsWith("Physician")
    ? name(value)
    : value;
}

function SeriesPart(props: {
  readonly series: Resource;
  readonly open: boolean;
  readonly onChanged: () => void;
}): VNode {
  const { series } = props;
  const world = useWorld();
  const [open, setOpen] = useState(props.open);
  const tags = series.MainDicomTags;
  return (
    <details class="series" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="modality">{tags.Modality}</span> {tags.SeriesDescription ?? tags.SeriesInstanceUID}{" "}
        <small>{t("series.instances", { count: series.Instances?.length ?? 0 })}</small>
      </summary>
      {open ? (
        <>
          <Actions level="Series" resources={[series]} onChanged={props.onChanged} />
          <TagTable
            title={t("study.seriesTags")}
            tags={tags}
            names={world.configuration.UiOptions.SeriesMainTags}
          />
          <Stored level="Series" id={series.ID} />
          <Instances series={series} onChanged={props.onChanged} />
        </>
      ) : null}
    </details>
  );
}
