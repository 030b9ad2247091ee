/** Adding a PDF, a picture, or a 3D model to a study, as a series of its own. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { day } from "../parts/dicom";
import { Button, Dialog } from "../parts/elements";
import type { Json } from "../server/api";
import type { Resource } from "../server/types";
import { useWorld } from "../shell/context";
import { tagName } from "../texts/tags";
import { t } from "../texts/texts";

type Kind = "pdf" | "image" | "stl";

/** What a file is by its type or its name; null when it cannot become a series. */
export function kindOf(file: { readonly type: string; readonly name: string }): Kind | null {
  if (file.type === "application/pdf") {
    return "pdf";
  }
  if (file.type === "image/jpeg" || file.type === "image/png") {
    return "image";
  }
  return file.type === "model/stl" || /\.stl$/i.test(file.name) ? "stl" : null;
}

/** Returns the tags for a new series, with $TODAY$ and the like replaced. */
export function tagsFor(
  defaults: Readonly<Record<string, string>>,
  study: Resource,
  fileDate: Date,
): Record<string, string> {
  const two = (one: number): string => String(one).padStart(2, "0");
  const values: Readonly<Record<string, string>> = {
    $TODAY$: day(0),
    $STUDY_DATE$: study.MainDicomTags.StudyDate ?? "",
    $FILE_DATE$: `${fileDate.getFullYear()}${two(fileDate.getMonth() + 1)}${two(fileDate.getDate())}`,
  };
  return Object.fromEntries(Object.entries(defaults).map(([tag, value]) => [tag, values[value] ?? value]));
}

export function AddSeriesDialog(props: {
  readonly study: Resource;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}): VNode {
  const world = useWorld();
  const [file, setFile] = useState<File | null>(null);
  const [tags, setTags] = useState<Readonly<Record<string, string>>>({});
  const [busy, setBusy] = useState(false);
  const kind = file ? kindOf(file) : null;
  const choose = (chosen: File | null): void => {
    setFile(chosen);
    const found = chosen ? kindOf(chosen) : null;
    if (chosen && found) {
      const all = (world.configuration.UiOptions.AddSeriesDefaultTags ?? {}) as Record<
        Kind,
        Record<string, string>
      >;
      setTags(tagsFor(all[found] ?? {}, props.study, new Date(chosen.lastModified)));
    }
  };
  const add = async (): Promise<void> => {
    if (!file || !kind) {
      return;
    }
    setBusy(true);
    try {
      const content = await dataUri(file, kind);
      const body: Record<string, Json> = { Parent: props.study.ID, Tags: { ...tags }, Content: content };
      await world.server.post("tools/create-dicom", body);
      world.notify({ kind: "done", text: t("add.done") });
      props.onClose();
      props.onChanged();
    } catch (error) {
      world.report(t("add.failed"), error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("add.title")} onClose={props.onClose}>
      <label>
        {t("add.file")}
        <input
          type="file"
          accept="application/pdf,image/jpeg,image/png,.stl"
          onChange={(event) => choose(event.currentTarget.files?.[0] ?? null)}
        />
      </label>
      {file && !kind ? <p role="alert">{t("add.kinds")}</p> : null}
      {kind
        ? Object.entries(tags).map(([tag, value]) => (
            <label key={tag}>
              {tagName(tag, true)}
              <input
                value={value}
                onInput={(event) => setTags({ ...tags, [tag]: event.currentTarget.value })}
              />
            </label>
          ))
        : null}
      <footer>
        <Button text={t("add.button")} kind="main" disabled={!kind || busy} onClick={() => void add()} />
        <Button text={t("cancel")} onClick={props.onClose} />
      </footer>
    </Dialog>
  );
}

/** Orthanc goes by the type in the address: browsers do not know that of a 3D model. */
function dataUri(file: File, kind: Kind): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onerror = () => failed(reader.error);
    reader.onload = () => {
      const text = String(reader.result);
      done(kind === "stl" ? text.replace(/^data:[^;,]*/, "data:model/stl") : text);
    };
    reader.readAsDataURL(file);
  });
}
