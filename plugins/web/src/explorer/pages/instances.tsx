/** The instances of a series: an image at a time, and all that is known of it. */
import type { VNode } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Actions } from "../actions/actions";
import { viewOf } from "../list/window";
import { Problem, Waiting } from "../parts/elements";
import type { Chosen } from "../parts/selection";
import { toggled } from "../parts/selection";
import type { Resource } from "../server/types";
import { useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { t } from "../texts/texts";
import { Bulk } from "./bulk";
import { Stored } from "./stored";
import { TagTree } from "./tags";

const PDF = "1.2.840.10008.5.1.4.1.1.104.1";
const VIDEOS = [
  "1.2.840.10008.1.2.4.100",
  "1.2.840.10008.1.2.4.101",
  "1.2.840.10008.1.2.4.102",
  "1.2.840.10008.1.2.4.103",
];

export function Instances(props: { readonly series: Resource; readonly onChanged: () => void }): VNode {
  const { series } = props;
  const world = useWorld();
  const [instances, setInstances] = useState<readonly Resource[] | null>(null);
  const [at, setAt] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const [chosen, setChosen] = useState<Chosen>(new Set());
  // Orthanc does not list the SOP class: it is known once the file has been looked at.
  const [known, setKnown] = useState<{ readonly id: string; readonly sopClass: string } | null>(null);
  const onKnown = useCallback((id: string, sopClass: string) => setKnown({ id, sopClass }), []);
  useEffect(() => {
    const abort = new AbortController();
    world.server
      .get<Resource[]>(`series/${series.ID}/instances`, { signal: abort.signal })
      .then((found) => {
        setInstances(sorted(found).map((one) => within(series, one)));
        setAt((now) => Math.max(0, Math.min(now, found.length - 1)));
      })
      .catch((reason: unknown) => (abort.signal.aborted ? undefined : setError(reason)));
    return () => abort.abort();
  }, [series, world]);
  if (error) {
    return <Problem text={failure(error)} />;
  }
  const instance = instances?.[at];
  if (!instances) {
    return <Waiting />;
  }
  if (!instance) {
    return <p>{t("instances.none")}</p>;
  }
  return (
    <div class="instances">
      {instances.length > 1 ? (
        <label class="pager">
          {t("instances.at", { at: at + 1, count: instances.length })}
          <input
            type="range"
            min={0}
            max={instances.length - 1}
            value={at}
            onInput={(event) => setAt(Number(event.currentTarget.value))}
          />
        </label>
      ) : null}
      <Preview key={instance.ID} id={instance.ID} onKnown={onKnown} />
      <Actions
        level="Instance"
        resources={[known?.id === instance.ID ? ofClass(instance, known.sopClass) : instance]}
        onChanged={props.onChanged}
      />
      <details>
        <summary>{t("instances.tags")}</summary>
        <TagTree key={instance.ID} id={instance.ID} />
      </details>
      <Stored key={instance.ID} level="Instance" id={instance.ID} />
      {instances.length > 1 ? (
        <details class="picker">
          <summary>{t("instances.list")}</summary>
          <Bulk
            level="Instance"
            all={instances}
            chosen={chosen}
            onChosen={setChosen}
            onChanged={props.onChanged}
          />
          <Picker instances={instances} chosen={chosen} at={at} onChosen={setChosen} onShow={setAt} />
        </details>
      ) : null}
    </div>
  );
}

/** How high a row of the picker is, and all that are in view, in pixels. */
const ROW = 32;
const ROOM = 8 * ROW;

/** The instances with check boxes; however many there are, a few rows are in the page. */
function Picker(props: {
  readonly instances: readonly Resource[];
  readonly chosen: Chosen;
  readonly at: number;
  readonly onChosen: (chosen: Chosen) => void;
  readonly onShow: (at: number) => void;
}): VNode {
  const { instances, chosen } = props;
  const [scroll, setScroll] = useState(0);
  const view = viewOf(instances.length, ROW, scroll, ROOM);
  return (
    <div
      class="picked"
      style={{ maxHeight: `${ROOM}px` }}
      onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
    >
      <div style={{ height: `${view.height}px` }}>
        <ul class="picks" style={{ transform: `translateY(${view.offset}px)` }}>
          {instances.slice(view.first, view.first + view.count).map((one, index) => {
            const place = view.first + index;
            const number = t("instances.number", {
              number: one.MainDicomTags.InstanceNumber ?? String(place + 1),
            });
            return (
              <li class="pick" key={one.ID} style={{ height: `${ROW}px` }}>
                <input
                  type="checkbox"
                  aria-label={t("instances.select", { name: number })}
                  checked={chosen.has(one.ID)}
                  onChange={(event) => props.onChosen(toggled(chosen, one.ID, event.currentTarget.checked))}
                />
                <button
                  type="button"
                  class="quiet"
                  aria-pressed={place === props.at}
                  onClick={() => props.onShow(place)}
                >
                  {number}
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}

/** Returns an instance with what its buttons need of its series and study. */
function within(series: Resource, instance: Resource): Resource {
  return {
    ...instance,
    MainDicomTags: { ...series.MainDicomTags, ...instance.MainDicomTags },
    PatientMainDicomTags: series.PatientMainDicomTags ?? {},
    ...(series.ParentStudy ? { ParentStudy: series.ParentStudy } : {}),
  };
}

/** Returns the instance with its SOP class. */
function ofClass(instance: Resource, sopClass: string): Resource {
  return { ...instance, MainDicomTags: { ...instance.MainDicomTags, SOPClassUID: sopClass } };
}

function sorted(instances: readonly Resource[]): Resource[] {
  const number = (one: Resource): number =>
    one.IndexInSeries ?? Number(one.MainDicomTags.InstanceNumber ?? Number.POSITIVE_INFINITY);
  return [...instances].sort((a, b) => number(a) - number(b));
}

/** The window that the user wants, as typed; the file's own where nothing is. */
interface Window {
  readonly center: string;
  readonly width: string;
}

const WINDOW = [
  ["center", "preview.center"],
  ["width", "preview.width"],
] as const;

/** Returns the arguments of an address for a window; both values are needed for one. */
export function windowQuery(window: Window): string {
  const { center, width } = window;
  return center === "" || !(Number(width) > 0) ? "" : `?window-center=${center}&window-width=${width}`;
}

/** The picture of an instance, frame by frame, or its document or video. */
function Preview(props: {
  readonly id: string;
  readonly onKnown: (id: string, sopClass: string) => void;
}): VNode {
  const { id, onKnown } = props;
  const world = useWorld();
  const [kind, setKind] = useState<"image" | "pdf" | "video" | "none" | null>(null);
  const [frames, setFrames] = useState(1);
  const [frame, setFrame] = useState(0);
  const [windowed, setWindowed] = useState(true);
  const [window, setWindow] = useState<Window>({ center: "", width: "" });
  const [source, setSource] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const abort = new AbortController();
    const signal = abort.signal;
    const look = async (): Promise<void> => {
      const tags = await world.server.get<Record<string, string>>(`instances/${id}/simplified-tags`, {
        signal,
      });
      const syntax = await world.server.text(`instances/${id}/metadata/TransferSyntax`, { signal });
      onKnown(id, tags.SOPClassUID ?? "");
      // Without a window in the file, its values go from black to white.
      setWindowed(tags.WindowCenter !== undefined);
      setFrames(Math.max(1, Number(tags.NumberOfFrames ?? 1) || 1));
      setKind(
        tags.SOPClassUID === PDF
          ? "pdf"
          : VIDEOS.includes(syntax.trim())
            ? "video"
            : tags.Rows === undefined
              ? "none"
              : "image",
      );
    };
    look().catch((reason: unknown) => (signal.aborted ? undefined : setError(reason)));
    return () => abort.abort();
  }, [id, world, onKnown]);

  useEffect(() => {
    if (kind === null || kind === "none") {
      return;
    }
    const abort = new AbortController();
    let address: string | null = null;
    const route = {
      image: `instances/${id}/frames/${frame}/${windowed ? `rendered${windowQuery(window)}` : "preview"}`,
      pdf: `instances/${id}/pdf`,
      video: `instances/${id}/frames/0/raw`,
    }[kind];
    world.server
      .blob(route, { signal: abort.signal, headers: kind === "image" ? { Accept: "image/png" } : {} })
      .then((blob) => {
        const type = { image: blob.type, pdf: "application/pdf", video: "video/mp4" }[kind];
        address = URL.createObjectURL(new Blob([blob], { type }));
        setSource(address);
        setError(null);
      })
      .catch((reason: unknown) => (abort.signal.aborted ? undefined : setError(reason)));
    return () => {
      abort.abort();
      if (address) {
        URL.revokeObjectURL(address);
      }
    };
  }, [kind, id, frame, windowed, window, world]);

  if (error) {
    return <Problem text={`${t("preview.failed")} ${failure(error)}`} />;
  }
  if (kind === "none") {
    return <p>{t("preview.none")}</p>;
  }
  if (source === null) {
    return <Waiting />;
  }
  return (
    <figure class="preview">
      {kind === "pdf" ? <iframe src={source} title={t("preview.pdf")} /> : null}
      {/* biome-ignore lint/a11y/useMediaCaption: what a modality films has no captions */}
      {kind === "video" ? <video src={source} controls aria-label={t("preview.video")} /> : null}
      {kind === "image" ? (
        <img src={source} alt={t("preview.image", { at: frame + 1, count: frames })} />
      ) : null}
      {kind === "image" ? (
        <figcaption>
          {frames > 1 ? (
            <label class="frame">
              {t("preview.frame", { at: frame + 1, count: frames })}
              <input
                type="range"
                min={0}
                max={frames - 1}
                value={frame}
                onInput={(event) => setFrame(Number(event.currentTarget.value))}
              />
            </label>
          ) : null}
          <label class="frame">
            <input
              type="checkbox"
              checked={windowed}
              onChange={(event) => setWindowed(event.currentTarget.checked)}
            />{" "}
            {t("preview.window")}
          </label>
          {windowed
            ? WINDOW.map(([one, text]) => (
                <label class="frame" key={one}>
                  {t(text)}
                  <input
                    type="number"
                    value={window[one]}
                    onChange={(event) => setWindow({ ...window, [one]: event.currentTarget.value })}
                  />
                </label>
              ))
            : null}
        </figcaption>
      ) : null}
    </figure>
  );
}
