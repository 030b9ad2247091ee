/** What can be done with the series or instances that are chosen. */
import type { VNode } from "preact";
import { Actions } from "../actions/actions";
import type { Chosen } from "../parts/selection";
import { among } from "../parts/selection";
import type { Resource } from "../server/types";
import { t } from "../texts/texts";

/** A box that chooses all or none, and the buttons for what is chosen. */
export function Bulk(props: {
  readonly level: "Series" | "Instance";
  readonly all: readonly Resource[];
  readonly chosen: Chosen;
  readonly onChosen: (chosen: Chosen) => void;
  readonly onChanged: () => void;
}): VNode {
  const { level, all, chosen, onChosen, onChanged } = props;
  const picked = among(chosen, all);
  return (
    <div class="toolbar bulk">
      <label>
        <input
          type="checkbox"
          checked={picked.length === all.length}
          indeterminate={picked.length > 0 && picked.length < all.length}
          onChange={(event) => onChosen(new Set(event.currentTarget.checked ? all.map((one) => one.ID) : []))}
        />{" "}
        {t(level === "Series" ? "series.selectAll" : "instances.selectAll")}
      </label>
      {picked.length > 0 ? <span role="status">{t("list.selected", { count: picked.length })}</span> : null}
      {picked.length > 0 ? <Actions level={level} resources={picked} onChanged={onChanged} /> : null}
    </div>
  );
}
