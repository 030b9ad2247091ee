/** Adding and taking away labels, of one resource or of many. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Dialog } from "../parts/elements";
import type { Level, Resource } from "../server/types";
import { useWorld } from "../shell/context";
import { t } from "../texts/texts";
import { route } from "./files";

/** What Orthanc takes as a label. */
const LABEL = /^[A-Za-z0-9_-]{1,64}$/;

export function LabelsDialog(props: {
  readonly level: Level;
  readonly resources: readonly Resource[];
  readonly onClose: () => void;
  readonly onChanged: () => void;
}): VNode {
  const { level, resources } = props;
  const world = useWorld();
  const only = world.configuration.UiOptions.AvailableLabels;
  const [labels, setLabels] = useState<readonly string[]>([
    ...new Set(resources.flatMap((one) => one.Labels ?? [])),
  ]);
  const [known, setKnown] = useState<readonly string[]>(only);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (only.length === 0) {
      world.server
        .get<string[]>("tools/labels")
        .then(setKnown)
        .catch((error: unknown) => world.report(t("labels.failed"), error));
    }
  }, [world, only]);

  const change = async (label: string, add: boolean): Promise<void> => {
    setBusy(true);
    try {
      for (const one of resources) {
        const address = `${route(level)}/${one.ID}/labels/${encodeURIComponent(label)}`;
        await (add ? world.server.put(address, "") : world.server.remove(address));
      }
      setLabels((all) => (add ? [...new Set([...all, label])] : all.filter((one) => one !== label)));
      setText("");
      props.onChanged();
    } catch (error) {
      world.report(t(add ? "labels.addFailed" : "labels.removeFailed", { label }), error);
    } finally {
      setBusy(false);
    }
  };
  const wrong = text !== "" && (!LABEL.test(text) || (only.length > 0 && !only.includes(text)));

  return (
    <Dialog title={t("labels.title")} onClose={props.onClose}>
      <p class="labels">
        {labels.map((label) => (
          <button
            type="button"
            class="label"
            key={label}
            disabled={busy}
            title={t("labels.remove", { label })}
            aria-label={t("labels.remove", { label })}
            onClick={() => void change(label, false)}
          >
            {label} ✕
          </button>
        ))}
        {labels.length === 0 ? t("labels.noneYet") : null}
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text !== "" && !wrong) {
            void change(text, true);
          }
        }}
      >
        <label>
          {t("labels.add")}
          <input
            list="known-labels"
            value={text}
            aria-invalid={wrong}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <datalist id="known-labels">
          {known.map((label) => (
            <option key={label} value={label} />
          ))}
        </datalist>
        {wrong ? (
          <p role="alert">
            {only.length > 0 ? t("labels.onlyThese", { labels: only.join(", ") }) : t("labels.rule")}
          </p>
        ) : null}
        <footer>
          <Button
            text={t("labels.addButton")}
            kind="main"
            type="submit"
            disabled={busy || text === "" || wrong}
          />
          <Button text={t("close")} onClick={props.onClose} />
        </footer>
      </form>
    </Dialog>
  );
}
