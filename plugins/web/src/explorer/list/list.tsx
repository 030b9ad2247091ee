/** The list of studies: filters, order, endless scrolling, the keyboard, and what is done with what is selected. */
import type { VNode } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { Actions } from "../actions/actions";
import { openWithToken } from "../actions/links";
import { hasViewers, viewersOf } from "../actions/viewers";
import { Button, Link, Problem, Waiting } from "../parts/elements";
import type { Resource } from "../server/types";
import type { World } from "../shell/context";
import { enabled, useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { tagName } from "../texts/tags";
import { language, t } from "../texts/texts";
import type { Column } from "./columns";
import { cell, columnOf, layout, tagOf } from "./columns";
import { Filter } from "./filters";
import type { Filters, Order } from "./query";
import { filtersOf, NONE, ordersOf, queryOf, unfiltered } from "./query";
import { Studies } from "./source";
import { viewOf } from "./window";

const ROW = 40;

/** Encapsulated PDF documents, by SOPClassUID. */
const PDF = "1.2.840.10008.5.1.4.1.1.104.1";

/** The page of the list, with the filters of its address. */
export function StudyList(props: { readonly query: URLSearchParams }): VNode {
  const world = useWorld();
  const options = world.configuration.UiOptions;
  const text = props.query.toString();
  const filters = useMemo(() => filtersOf(new URLSearchParams(text)), [text]);
  const columns = useMemo(() => shownFirst(options.StudyListColumns.map(columnOf)), [options]);
  const [, changed] = useReducer((version: number, _: null) => version + 1, 0);
  const [again, retry] = useReducer((version: number, _: null) => version + 1, 0);

  // Another list for other filters; `again` is for the same ones once more.
  const studies = useMemo(
    () => new Studies(world.server, world.system, options, filters, () => changed(null)),
    [filters, again],
  );
  // Before the first drawing: the answer may be there already.
  useLayoutEffect(() => {
    void studies.start();
    return () => studies.stop();
  }, [studies]);

  const show = useCallback(
    (next: Filters) => {
      const plain = unfiltered(next) && next.order.length === 0;
      world.router.go(plain ? "" : "filtered-studies", queryOf(next));
    },
    [world],
  );

  return (
    <section class="list">
      <h1>{t("list.title")}</h1>
      <Labels filters={filters} onChange={show} />
      <Table
        columns={columns}
        filters={filters}
        studies={studies}
        onFilters={show}
        onChanged={() => retry(null)}
      />
    </section>
  );
}

/** Returns the columns with the patient's name first, where there is room for a few of them only. */
function shownFirst(columns: readonly Column[]): readonly Column[] {
  if (!matchMedia("(max-width: 50rem)").matches) {
    return columns;
  }
  const first = columns.filter((one) => one.name === "PatientName");
  return [...first, ...columns.filter((one) => one.name !== "PatientName")];
}

/** The labels that the list is filtered by, and how. */
function Labels(props: {
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
}): VNode | null {
  const { filters, onChange } = props;
  const world = useWorld();
  const [known, setKnown] = useState<readonly string[]>([]);
  const some = filters.labels.length > 0;
  useEffect(() => {
    const abort = new AbortController();
    if (some) {
      world.server
        .get<string[]>("tools/labels", { signal: abort.signal })
        .then(setKnown)
        .catch((error: unknown) => world.report(t("labels.failed"), error));
    }
    return () => abort.abort();
  }, [world, some]);
  const others = known.filter((one) => !filters.labels.includes(one));
  if (filters.labels.length === 0 && !filters.withoutLabels) {
    return null;
  }
  return (
    <p class="labels">
      {filters.withoutLabels ? t("labels.without") : null}
      {filters.labels.map((label) => (
        <button
          type="button"
          class="label"
          key={label}
          title={t("labels.removeFilter", { label })}
          onClick={() => onChange({ ...filters, labels: filters.labels.filter((one) => one !== label) })}
        >
          {label} ✕
        </button>
      ))}
      {others.length > 0 ? (
        <select
          aria-label={t("labels.another")}
          value=""
          onChange={(event) =>
            onChange({ ...filters, labels: [...filters.labels, event.currentTarget.value] })
          }
        >
          <option value="">{t("labels.another")}</option>
          {others.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      ) : null}
      {some ? (
        <select
          aria-label={t("labels.constraint")}
          value={filters.constraint}
          onChange={(event) => {
            const value = event.currentTarget.value;
            onChange({ ...filters, constraint: value === "Any" || value === "None" ? value : "All" });
          }}
        >
          <option value="All">{t("labels.all")}</option>
          <option value="Any">{t("labels.any")}</option>
          <option value="None">{t("labels.none")}</option>
        </select>
      ) : null}
      <button
        type="button"
        class="plain"
        onClick={() => onChange({ ...filters, labels: [], withoutLabels: false })}
      >
        {t("labels.clear")}
      </button>
    </p>
  );
}

interface TableProps {
  readonly columns: readonly Column[];
  readonly filters: Filters;
  readonly studies: Studies;
  readonly onFilters: (filters: Filters) => void;
  readonly onChanged: () => void;
}

function Table(props: TableProps): VNode {
  const { columns, filters, studies, onFilters, onChanged } = props;
  const world = useWorld();
  const options = world.configuration.UiOptions;
  const scroller = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState(0);
  const [height, setHeight] = useState(600);
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState<string | null>(null);
  const [selected, setSelected] = useState<ReadonlyMap<string, Resource>>(new Map());
  const { state } = studies;
  // With a button for the search, filters wait for it.
  const waits = options.StudyListSearchMode === "search-button";
  const [tags, setTags] = useState(filters.tags);
  useEffect(() => setTags(filters.tags), [filters]);

  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
    setScroll(0);
    setActive(0);
    setOpen(null);
    setSelected(new Map());
  }, [studies]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || typeof ResizeObserver === "undefined") {
      return;
    }
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const view = viewOf(state.total, ROW, scroll, height);
  useEffect(() => {
    if (view.count > 0) {
      studies.want(view.first, view.count);
    }
  }, [studies, view.first, view.count]);

  useSearchKey();

  const go = (study: Resource): void => world.router.go("study", new URLSearchParams({ id: study.ID }));
  const addressOfStudy = (study: Resource): string => `${world.router.root}study?id=${study.ID}`;
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(state.total - 1, to));
    setActive(next);
    const element = scroller.current;
    if (element) {
      const top = next * ROW;
      if (top < element.scrollTop) {
        element.scrollTop = top;
      } else if (top + ROW > element.scrollTop + element.clientHeight) {
        element.scrollTop = top + ROW - element.clientHeight;
      }
    }
  };
  const keys = (event: KeyboardEvent): void => {
    const study = studies.cache.get(active);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: Math.floor(height / ROW),
      PageUp: -Math.floor(height / ROW),
    };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      move(active + step);
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      move(event.key === "Home" ? 0 : state.total - 1);
    } else if (event.key === "Enter" && study && event.target === event.currentTarget) {
      go(study);
    } else if (event.key === " " && study && event.target === event.currentTarget) {
      event.preventDefault();
      toggle(study, !selected.has(study.ID));
    }
  };
  const toggle = (study: Resource, on: boolean): void => {
    const next = new Map(selected);
    if (on) {
      next.set(study.ID, study);
    } else {
      next.delete(study.ID);
    }
    setSelected(next);
  };

  const quick = quickButtons(world);
  const room = 2.6 + 2.1 * (Number(quick.viewer) + Number(quick.report));
  const [grid, least] = layout(columns, 2.2, room);
  const rows = Array.from({ length: view.count }, (_, index) => view.first + index);
  const translate = options.TranslateDicomTags === true;

  return (
    <>
      <div class="toolbar">
        <p role="status" aria-live="polite">
          {state.loading || state.counting
            ? t("loading")
            : summary(state.total, state.more, unfiltered(filters), options)}
        </p>
        {selected.size > 0 ? <span>{t("list.selected", { count: selected.size })}</span> : null}
        {selected.size > 0 ? (
          <Actions level="Study" resources={[...selected.values()]} onChanged={onChanged} />
        ) : null}
        {waits ? (
          <Button
            text={t("remote.search")}
            kind="main"
            onClick={() => (tags === filters.tags ? onChanged() : onFilters({ ...filters, tags }))}
          />
        ) : null}
        {unfiltered(filters) && filters.order.length === 0 ? null : (
          <button type="button" class="plain" onClick={() => onFilters(NONE)}>
            {t("list.clear")}
          </button>
        )}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a table of HTML cannot scroll a million rows */}
      <div
        class="table"
        role="grid"
        aria-rowcount={state.total}
        aria-label={t("list.title")}
        aria-busy={state.loading}
      >
        {/* biome-ignore lint/a11y/useSemanticElements: see above */}
        <div class="heads" role="row" tabIndex={-1} style={{ gridTemplateColumns: grid, minWidth: least }}>
          {/* biome-ignore lint/a11y/useSemanticElements: see above */}
          <span role="columnheader" tabIndex={-1}>
            <span class="hidden">{t("list.select")}</span>
          </span>
          {columns.map((column) => (
            <Head
              key={column.name}
              column={column}
              filters={filters}
              tags={waits ? tags : filters.tags}
              onFilters={onFilters}
              onTags={(next, now) => (waits && !now ? setTags(next) : onFilters({ ...filters, tags: next }))}
              translate={translate}
            />
          ))}
          {/* biome-ignore lint/a11y/useSemanticElements: see above */}
          <span role="columnheader" tabIndex={-1}>
            <span class="hidden">{t("list.more")}</span>
          </span>
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: see above */}
        <div
          class="rows"
          ref={scroller}
          role="rowgroup"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move in it
          tabIndex={0}
          aria-label={t("list.keys")}
          style={{ minWidth: least }}
          onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
          onKeyDown={keys}
        >
          <div style={{ height: `${view.height}px` }} role="presentation">
            <div style={{ transform: `translateY(${view.offset}px)` }} role="presentation">
              {rows.map((index) => {
                const study = studies.cache.get(index);
                return (
                  <Row
                    key={study?.ID ?? `row ${index}`}
                    index={index}
                    study={study}
                    columns={columns}
                    grid={grid}
                    quick={quick}
                    active={index === active}
                    selected={study !== undefined && selected.has(study.ID)}
                    onSelect={toggle}
                    onActive={() => setActive(index)}
                    onOpen={() => setOpen(study && open !== study.ID ? study.ID : null)}
                    address={study ? addressOfStudy(study) : ""}
                    onGo={() => (study ? go(study) : undefined)}
                  />
                );
              })}
            </div>
          </div>
          {state.error ? <Problem text={failure(state.error)} onRetry={onChanged} /> : null}
          {state.loading ? <Waiting /> : null}
        </div>
      </div>
      {open ? (
        <QuickView study={find(studies, rows, open)} onClose={() => setOpen(null)} onChanged={onChanged} />
      ) : null}
    </>
  );
}

function find(studies: Studies, rows: readonly number[], id: string): Resource | undefined {
  return rows.map((index) => studies.cache.get(index)).find((study) => study?.ID === id);
}

function summary(
  total: number,
  more: boolean,
  all: boolean,
  options: { readonly StudyListContentIfNoSearch: string },
): string {
  if (total === 0) {
    return all && options.StudyListContentIfNoSearch === "empty" ? t("list.enterSearch") : t("list.none");
  }
  return more ? t("list.notAll", { count: total }) : t("list.count", { count: total });
}

/** "/" goes to the first filter, as on many pages. */
function useSearchKey(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const target = event.target;
      const typing = target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
      if (event.key === "/" && !typing && !document.querySelector("dialog[open]")) {
        event.preventDefault();
        document.querySelector<HTMLInputElement>(".heads input")?.focus();
      }
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

function Head(props: {
  readonly column: Column;
  readonly filters: Filters;
  readonly tags: Filters["tags"];
  readonly translate: boolean;
  readonly onFilters: (filters: Filters) => void;
  readonly onTags: (tags: Filters["tags"], now: boolean) => void;
}): VNode {
  const { column, filters, onFilters, translate } = props;
  const world = useWorld();
  const options = world.configuration.UiOptions;
  const extended = world.system.Capabilities?.HasExtendedFind === true;
  const orders: readonly Order[] =
    filters.order.length > 0 ? filters.order : ordersOf(options.DefaultOrdering);
  const order = orders.find((one) => one.key === column.tag);
  const direction = order ? (order.descending ? "descending" : "ascending") : "none";
  const sort = (): void => {
    if (column.tag) {
      const descending = order ? !order.descending : false;
      onFilters({ ...filters, order: [{ type: "DicomTag", key: column.tag, descending }] });
    }
  };
  const set = (value: string, now = false): void => {
    if (column.tag) {
      const tags = { ...props.tags, [column.tag]: value };
      if (value === "") {
        delete tags[column.tag];
      }
      props.onTags(tags, now);
    }
  };
  const name = tagName(column.name, translate);
  return (
    /* biome-ignore lint/a11y/useSemanticElements: see Table */
    <span class="head" role="columnheader" tabIndex={-1} aria-sort={direction}>
      {column.orderable && extended ? (
        <button type="button" class="sort" title={t("list.sortBy", { column: name })} onClick={sort}>
          {name.replace("/", "/\u200b")}{" "}
          <span aria-hidden="true">{order ? (order.descending ? "▼" : "▲") : ""}</span>
        </button>
      ) : (
        <span class="sort">{name.replace("/", "/\u200b")}</span>
      )}
      <Filter
        column={column}
        options={options}
        value={column.tag ? (props.tags[column.tag] ?? "") : ""}
        onChange={set}
      />
    </span>
  );
}

/** Which buttons each row has beside the quick view. */
interface Quick {
  readonly viewer: boolean;
  readonly report: boolean;
}

function quickButtons(world: World): Quick {
  return {
    viewer: enabled(world, "EnableViewerQuickButton") && hasViewers(world.configuration),
    report: enabled(world, "EnableReportQuickButton"),
  };
}

/** Opens a study in the first viewer that can show it. */
function ViewerButton(props: { readonly study: Resource; readonly name: string }): VNode | null {
  const world = useWorld();
  const { study } = props;
  const [first] = viewersOf(world.configuration, "Study", [study], world.server.place.server);
  return first ? (
    <button
      type="button"
      class="quiet"
      title={t(first.name)}
      aria-label={t("list.openIn", { viewer: t(first.name), name: props.name })}
      onClick={() =>
        void openWithToken(world, "viewer-instant-link", [study], "Study", first.address, "_blank")
      }
    >
      <span aria-hidden="true">◉</span>
    </button>
  ) : null;
}

/** Opens the newest PDF document of a study. */
function ReportButton(props: { readonly study: Resource; readonly name: string }): VNode | null {
  const world = useWorld();
  const { study } = props;
  if (!tagOf(study, "SOPClassesInStudy").split("\\").includes(PDF)) {
    return null;
  }
  const open = async (): Promise<void> => {
    try {
      const found = await world.server.post<Resource[]>("tools/find", {
        Level: "Instance",
        Query: { SOPClassUID: PDF },
        ParentStudy: study.ID,
        Expand: true,
      });
      const [last] = [...found].sort((a, b) => (b.LastUpdate ?? "").localeCompare(a.LastUpdate ?? ""));
      if (last) {
        const address = world.server.address(`instances/${last.ID}/pdf`);
        await openWithToken(world, "download-instant-link", [study], "Study", address, "_self");
      }
    } catch (error) {
      world.report(t("list.reportFailed"), error);
    }
  };
  return (
    <button
      type="button"
      class="quiet"
      title={t("list.report")}
      aria-label={t("list.reportOf", { name: props.name })}
      onClick={() => void open()}
    >
      <span aria-hidden="true">▤</span>
    </button>
  );
}

interface RowProps {
  readonly index: number;
  readonly study: Resource | undefined;
  readonly columns: readonly Column[];
  readonly grid: string;
  readonly quick: Quick;
  readonly active: boolean;
  readonly selected: boolean;
  readonly address: string;
  readonly onSelect: (study: Resource, on: boolean) => void;
  readonly onActive: () => void;
  readonly onOpen: () => void;
  readonly onGo: () => void;
}

function Row(props: RowProps): VNode {
  const { study, columns, index } = props;
  const world = useWorld();
  const options = world.configuration.UiOptions;
  const who = study ? tagOf(study, "PatientName") || study.ID : "";
  return (
    /* biome-ignore lint/a11y/useSemanticElements: see Table */
    <div
      class={`row${props.active ? " active" : ""}${props.selected ? " chosen" : ""}`}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 1}
      aria-selected={props.selected}
      style={{ gridTemplateColumns: props.grid, height: `${ROW}px` }}
      onFocusCapture={props.onActive}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see Table */}
      <span role="gridcell" tabIndex={-1}>
        {study ? (
          <input
            type="checkbox"
            aria-label={t("list.selectStudy", { name: who })}
            checked={props.selected}
            onChange={(event) => props.onSelect(study, event.currentTarget.checked)}
          />
        ) : null}
      </span>
      {columns.map((column, place) => (
        /* biome-ignore lint/a11y/useSemanticElements: see Table */
        <span role="gridcell" tabIndex={-1} key={column.name} class={study ? "" : "empty"}>
          {study ? (
            place === firstOf(columns) ? (
              <Link address={props.address} onFollow={props.onGo}>
                {cell(study, column, options, language()) || "–"}
              </Link>
            ) : (
              cell(study, column, options, language())
            )
          ) : null}
          {study && place === firstOf(columns) && (study.Labels ?? []).length > 0 ? (
            <span class="line">
              {(study.Labels ?? []).map((label) => (
                <span class="label small" key={label}>
                  {label}
                </span>
              ))}
            </span>
          ) : null}
        </span>
      ))}
      {/* biome-ignore lint/a11y/useSemanticElements: see Table */}
      <span role="gridcell" tabIndex={-1}>
        {study && props.quick.report ? <ReportButton study={study} name={who} /> : null}
        {study && props.quick.viewer ? <ViewerButton study={study} name={who} /> : null}
        {study && enabled(world, "EnableStudyList") ? (
          <button
            type="button"
            class="quiet"
            title={t("list.quickView")}
            aria-label={t("list.quickViewOf", { name: who })}
            onClick={props.onOpen}
          >
            <span aria-hidden="true">▸</span>
          </button>
        ) : null}
      </span>
    </div>
  );
}

/** The column whose cell is the link: the patient's name where there is one. */
function firstOf(columns: readonly Column[]): number {
  return Math.max(
    0,
    columns.findIndex((column) => column.name === "PatientName"),
  );
}

/** A study's series and buttons beside the list, without leaving it. */
function QuickView(props: {
  readonly study: Resource | undefined;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}): VNode | null {
  const { study } = props;
  const world = useWorld();
  const [series, setSeries] = useState<readonly Resource[] | null>(null);
  const id = study?.ID;
  useEffect(() => {
    if (!id) {
      return;
    }
    const abort = new AbortController();
    setSeries(null);
    world.server
      .get<Resource[]>(`studies/${id}/series`, { signal: abort.signal })
      .then(setSeries)
      .catch((error: unknown) => world.report(t("series.failed"), error));
    return () => abort.abort();
  }, [id, world]);
  if (!study) {
    return null;
  }
  return (
    <aside class="quickview" aria-label={t("list.quickView")}>
      <header class="over-head">
        <h2>{tagOf(study, "StudyDescription") || tagOf(study, "StudyInstanceUID")}</h2>
        <button type="button" class="quiet" aria-label={t("close")} onClick={props.onClose}>
          ✕
        </button>
      </header>
      <Actions level="Study" resources={[study]} onChanged={props.onChanged} />
      {series === null ? (
        <Waiting />
      ) : (
        <ul>
          {series.map((one) => (
            <li key={one.ID}>
              {one.MainDicomTags.Modality} · {one.MainDicomTags.SeriesDescription ?? ""} ·{" "}
              {t("series.instances", { count: one.Instances?.length ?? 0 })}
            </li>
          ))}
        </ul>
      )}
    </aside>
  );
}
