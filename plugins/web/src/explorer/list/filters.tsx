/** The row of filters above the list, one for each column. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { day, fromInput, toInput } from "../parts/dicom";
import type { UiOptions } from "../server/types";
import { tagName } from "../texts/tags";
import type { Key } from "../texts/texts";
import { t } from "../texts/texts";
import type { Column } from "./columns";
import { typed, wildcards } from "./query";

interface Props {
  readonly column: Column;
  readonly options: UiOptions;
  readonly value: string;
  /** `now` is for a user who asks for it, with Enter. */
  readonly onChange: (value: string, now?: boolean) => void;
}

/** The filter of one column. */
export function Filter(props: Props): VNode {
  switch (props.column.kind) {
    case "text":
      return <TextFilter {...props} />;
    case "date":
      return <DateFilter {...props} />;
    case "modalities":
      return <ModalitiesFilter {...props} />;
    case "none":
      return <span />;
  }
}

function TextFilter({ column, options, value, onChange }: Props): VNode {
  const add = options.AutoAddWildcardsToSearchFields === true && column.name !== "StudyInstanceUID";
  const [text, setText] = useState(typed(value, add));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => setText(typed(value, add)), [value, add]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const commit = (typedNow: string, entered = false): void => {
    clearTimeout(timer.current);
    onChange(wildcards(typedNow, add), entered);
  };
  return (
    <input
      type="search"
      aria-label={t("list.filterBy", { column: tagName(column.name, true) })}
      value={text}
      onInput={(event) => {
        const now = event.currentTarget.value;
        setText(now);
        clearTimeout(timer.current);
        const enough = now === "" || now.length >= options.StudyListSearchAsYouTypeMinChars;
        if (options.StudyListSearchMode !== "search-button" && enough) {
          timer.current = setTimeout(() => commit(now), options.StudyListSearchAsYouTypeDelay);
        }
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          commit(event.currentTarget.value, true);
        }
      }}
      onBlur={(event) => {
        if (
          options.StudyListSearchMode === "search-button" &&
          event.currentTarget.value !== typed(value, add)
        ) {
          commit(event.currentTarget.value);
        }
      }}
    />
  );
}

/** Spans of days up to today: the text that names them, and how many days ago they begin and end. */
const PRESETS: readonly (readonly [Key, number, number])[] = [
  ["date.today", 0, 0],
  ["date.yesterday", 1, 1],
  ["date.last7", 6, 0],
  ["date.last31", 30, 0],
  ["date.last90", 89, 0],
  ["date.last365", 364, 0],
];

function DateFilter({ column, value, onChange }: Props): VNode {
  const [from = "", to = from] = value.includes("-") ? value.split("-") : [value];
  const set = (start: string, end: string): void => {
    onChange(start === "" && end === "" ? "" : start === end ? start : `${start}-${end}`);
  };
  const preset = PRESETS.find(([, start, end]) => value !== "" && day(start) === from && day(end) === to);
  const name = tagName(column.name, true);
  return (
    <details class="popover">
      <summary aria-label={t("list.filterBy", { column: name })}>
        {preset ? t(preset[0]) : value === "" ? "–" : `${toInput(from)} – ${toInput(to)}`}
      </summary>
      <div>
        {PRESETS.map(([key, start, end]) => (
          <button type="button" class="plain" key={key} onClick={() => set(day(start), day(end))}>
            {t(key)}
          </button>
        ))}
        <label>
          {t("date.from")}
          <input
            type="date"
            value={toInput(from)}
            onChange={(event) => set(fromInput(event.currentTarget.value), to)}
          />
        </label>
        <label>
          {t("date.to")}
          <input
            type="date"
            value={toInput(to)}
            onChange={(event) => set(from, fromInput(event.currentTarget.value))}
          />
        </label>
        <button type="button" class="plain" onClick={() => set("", "")}>
          {t("date.any")}
        </button>
      </div>
    </details>
  );
}

function ModalitiesFilter({ options, value, onChange }: Props): VNode {
  const chosen = value.split("\\").filter(Boolean);
  const set = (modality: string, on: boolean): void => {
    onChange((on ? [...chosen, modality] : chosen.filter((one) => one !== modality)).join("\\"));
  };
  return (
    <details class="popover">
      <summary aria-label={t("list.filterBy", { column: t("column.modalities") })}>
        {chosen.length === 0 ? "–" : chosen.join(", ")}
      </summary>
      <div class="checks">
        {options.ModalitiesFilter.map((modality) => (
          <label key={modality}>
            <input
              type="checkbox"
              checked={chosen.includes(modality)}
              onChange={(event) => set(modality, event.currentTarget.checked)}
            />
            {modality}
          </label>
        ))}
        <button type="button" class="plain" onClick={() => onChange("")}>
          {t("list.allModalities")}
        </button>
      </div>
    </details>
  );
}
