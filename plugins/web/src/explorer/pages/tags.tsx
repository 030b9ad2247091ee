/** All tags of an instance, as a tree that can be searched. */
import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Problem, Waiting } from "../parts/elements";
import { useWorld } from "../shell/context";
import { failure } from "../shell/failure";
import { t } from "../texts/texts";

/** A tag as GET /instances/ID/tags gives it. */
export interface Tag {
  readonly Name: string;
  readonly Type: "String" | "Sequence" | "Null" | "Binary" | "TooLong";
  readonly Value: string | null | readonly Dataset[];
  readonly PrivateCreator?: string;
}

export type Dataset = Readonly<Record<string, Tag>>;

export function TagTree(props: { readonly id: string }): VNode {
  const world = useWorld();
  const [tags, setTags] = useState<Dataset | null>(null);
  const [search, setSearch] = useState("");
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const abort = new AbortController();
    Promise.all([
      world.server.get<Dataset>(`instances/${props.id}/header`, { signal: abort.signal }),
      world.server.get<Dataset>(`instances/${props.id}/tags`, { signal: abort.signal }),
    ])
      .then(([header, dataset]) => setTags({ ...header, ...dataset }))
      .catch((reason: unknown) => (abort.signal.aborted ? undefined : setError(reason)));
    return () => abort.abort();
  }, [props.id, world]);
  const found = useMemo(() => (tags ? searched(tags, search) : null), [tags, search]);
  if (error) {
    return <Problem text={failure(error)} />;
  }
  if (!found) {
    return <Waiting />;
  }
  return (
    <>
      <label class="search">
        {t("tags.search")}
        <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      </label>
      <DatasetPart dataset={found} open={search !== ""} />
    </>
  );
}

/** Returns the tags whose number, name or value has the text, with the sequences around them. */
export function searched(dataset: Dataset, text: string): Dataset {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") {
    return dataset;
  }
  const fits = (number: string, tag: Tag): boolean =>
    number.replace(",", "").includes(wanted.replace(/[,() ]/g, "")) ||
    tag.Name.toLowerCase().includes(wanted) ||
    (typeof tag.Value === "string" && tag.Value.toLowerCase().includes(wanted));
  const kept: [string, Tag][] = [];
  for (const [number, tag] of Object.entries(dataset)) {
    if (fits(number, tag)) {
      kept.push([number, tag]);
    } else if (Array.isArray(tag.Value)) {
      const items = (tag.Value as readonly Dataset[])
        .map((item) => searched(item, text))
        .filter((item) => Object.keys(item).length > 0);
      if (items.length > 0) {
        kept.push([number, { ...tag, Value: items }]);
      }
    }
  }
  return Object.fromEntries(kept);
}

function DatasetPart(props: { readonly dataset: Dataset; readonly open: boolean }): VNode {
  return (
    <ul class="dataset">
      {Object.entries(props.dataset).map(([number, tag]) => (
        <li key={number}>
          {Array.isArray(tag.Value) ? (
            <details open={props.open}>
              <summary>
                <code>{number}</code> {tag.Name} <small>{t("tags.items", { count: tag.Value.length })}</small>
              </summary>
              {(tag.Value as readonly Dataset[]).map((item, index) => (
                <DatasetPart key={index} dataset={item} open={props.open} />
              ))}
            </details>
          ) : (
            <>
              <code>{number}</code> {tag.Name}
              {tag.PrivateCreator ? <small> ({tag.PrivateCreator})</small> : null}: {shownValue(tag)}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function shownValue(tag: Tag): VNode {
  if (tag.Type === "Binary" || tag.Type === "TooLong") {
    return <em>{t(tag.Type === "Binary" ? "tags.binary" : "tags.long")}</em>;
  }
  return <span class="value">{String(tag.Value ?? "")}</span>;
}
