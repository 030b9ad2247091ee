/** The buttons for studies, series or instances: what can be done with what is chosen. */
import type { VNode } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import { Button, Question } from "../parts/elements";
import type { Level, Resource } from "../server/types";
import { enabled, plugin, useLater, useWorld } from "../shell/context";
import { t } from "../texts/texts";
import { AnonymizeDialog, ModifyDialog } from "./change";
import { CustomButtons } from "./custom";
import { describe } from "./describe";
import { fileName, route } from "./files";
import { LabelsDialog } from "./labels";
import { openWithToken } from "./links";
import { MergeDialog } from "./merge";
import { convertible } from "./nifti";
import { SendDialog } from "./send";
import { AddSeriesDialog } from "./series";
import { ShareDialog } from "./share";
import { viewersOf } from "./viewers";

const WorklistDialog = lazy(() => import("../pages/pages").then((all) => ({ default: all.WorklistDialog })));

type Open =
  | "delete"
  | "send"
  | "labels"
  | "modify"
  | "anonymize"
  | "merge"
  | "share"
  | "add"
  | "worklist"
  | null;

/** The buttons. `onChanged` is called when something was changed, `onGone` when it is not there any more under its name. */
export function Actions(props: {
  readonly level: Level;
  readonly resources: readonly Resource[];
  readonly onChanged: () => void;
  readonly onGone?: () => void;
}): VNode {
  const { level, resources, onChanged } = props;
  const onGone = props.onGone ?? onChanged;
  const world = useWorld();
  const { server, configuration, system } = world;
  const { modalities, peers, dicomWebServers } = useLater();
  const [open, setOpen] = useState<Open>(null);
  const [only] = resources;
  const single = resources.length === 1 ? only : undefined;
  const viewers = viewersOf(configuration, level, resources, server.place.server);
  const targets = Object.keys(modalities).length + peers.length + dicomWebServers.length > 0;

  // One instance is a file.
  const packed = level !== "Instance" || resources.length > 1;

  const openDownload = (address: string): void =>
    void openWithToken(world, "download-instant-link", resources, level, address, "_self");

  const download = (kind: "archive" | "media"): void => {
    const ids = resources.map((one) => one.ID).join(",");
    const address = single
      ? server.address(`${route(level)}/${single.ID}/${kind}`, {
          filename: kind === "archive" ? fileName(configuration.UiOptions, level, single) : undefined,
        })
      : server.address(kind === "archive" ? "tools/create-archive" : "tools/create-media", {
          resources: ids,
        });
    openDownload(address);
  };

  const toNifti = async (one: Resource): Promise<void> => {
    try {
      if (await convertible(server, level, one)) {
        openDownload(server.address(`${route(level)}/${one.ID}/nifti?compress`));
      } else {
        world.notify({ kind: "problem", text: t("download.niftiNeeds") });
      }
    } catch (error) {
      world.report(t("download.niftiNeeds"), error);
    }
  };

  const remove = async (): Promise<void> => {
    setOpen(null);
    try {
      if (system.ApiVersion >= 33 || resources.length > 1) {
        await server.post("tools/bulk-delete", { Resources: resources.map((one) => one.ID) });
      } else if (single) {
        await server.remove(`${route(level)}/${single.ID}`);
      }
      world.notify({ kind: "done", text: t("delete.done", { count: resources.length }) });
      onGone();
    } catch (error) {
      world.report(t("delete.failed"), error);
    }
  };

  return (
    <fieldset class="actions" aria-label={t("actions")}>
      {viewers.map((viewer) => (
        <button
          type="button"
          class="plain"
          key={viewer.id}
          onClick={() =>
            void openWithToken(world, "viewer-instant-link", resources, level, viewer.address, "_blank")
          }
        >
          {t(viewer.name)}
        </button>
      ))}
      {enabled(world, "EnableDownloadZip") && packed ? (
        <Button text={t("download.zip")} onClick={() => download("archive")} />
      ) : null}
      {enabled(world, "EnableDownloadDicomDir") && packed ? (
        <Button text={t("download.dicomdir")} onClick={() => download("media")} />
      ) : null}
      {enabled(world, "EnableDownloadDicomFile") && level === "Instance" && single ? (
        <Button
          text={t("download.file")}
          onClick={() =>
            openDownload(
              server.address(`instances/${single.ID}/file`, {
                filename: fileName(configuration.UiOptions, level, single),
              }),
            )
          }
        />
      ) : null}
      {plugin(world, "neuro") && (level === "Series" || level === "Instance") && single && volume(single) ? (
        <Button text={t("download.nifti")} onClick={() => void toNifti(single)} />
      ) : null}
      {enabled(world, "EnableSendTo") && targets ? (
        <Button text={t("send.title")} onClick={() => setOpen("send")} />
      ) : null}
      {enabled(world, "EnableEditLabels") && system.HasLabels !== false ? (
        <Button text={t("labels.title")} onClick={() => setOpen("labels")} />
      ) : null}
      {enabled(world, "EnableModification") && single && (level === "Study" || level === "Series") ? (
        <Button text={t("modify.title")} onClick={() => setOpen("modify")} />
      ) : null}
      {enabled(world, "EnableAnonymization") && single && (level === "Study" || level === "Series") ? (
        <Button text={t("anonymize.title")} onClick={() => setOpen("anonymize")} />
      ) : null}
      {enabled(world, "EnableModification") && (level === "Study" || level === "Series") ? (
        <Button text={t("merge.title")} onClick={() => setOpen("merge")} />
      ) : null}
      {enabled(world, "EnableAddSeries") && single && level === "Study" ? (
        <Button text={t("add.title")} onClick={() => setOpen("add")} />
      ) : null}
      {enabled(world, "EnableWorklists") &&
      plugin(world, "orthanc-worklists") &&
      single &&
      level === "Study" ? (
        <Button text={t("worklists.forPatient")} onClick={() => setOpen("worklist")} />
      ) : null}
      {enabled(world, "EnableShares") && level === "Study" ? (
        <Button text={t("share.title")} onClick={() => setOpen("share")} />
      ) : null}
      <CustomButtons level={level} resources={resources} onChanged={onChanged} />
      {enabled(world, "EnableApiViewMenu") && single ? <ApiMenu level={level} id={single.ID} /> : null}
      {enabled(world, "EnableDeleteResources") ? (
        <Button text={t("delete.title")} kind="danger" onClick={() => setOpen("delete")} />
      ) : null}

      {open === "delete" ? (
        <Question
          title={t("delete.title")}
          danger
          yes={t("delete.yes")}
          text={
            <>
              <p>{t("delete.question", { count: resources.length })}</p>
              <ul>
                {resources.slice(0, 10).map((one) => (
                  <li key={one.ID}>{describe(one)}</li>
                ))}
                {resources.length > 10 ? <li>{t("delete.more", { count: resources.length - 10 })}</li> : null}
              </ul>
            </>
          }
          onYes={() => void remove()}
          onNo={() => setOpen(null)}
        />
      ) : null}
      {open === "send" ? (
        <SendDialog level={level} resources={resources} onClose={() => setOpen(null)} />
      ) : null}
      {open === "labels" ? (
        <LabelsDialog
          level={level}
          resources={resources}
          onClose={() => setOpen(null)}
          onChanged={onChanged}
        />
      ) : null}
      {open === "modify" && single ? (
        <ModifyDialog level={level} resource={single} onClose={() => setOpen(null)} onChanged={onChanged} />
      ) : null}
      {open === "anonymize" && single ? (
        <AnonymizeDialog
          level={level}
          resource={single}
          onClose={() => setOpen(null)}
          onChanged={onChanged}
        />
      ) : null}
      {open === "merge" ? (
        <MergeDialog
          level={level}
          resources={resources}
          onClose={() => setOpen(null)}
          onChanged={onChanged}
        />
      ) : null}
      {open === "add" && single ? (
        <AddSeriesDialog study={single} onClose={() => setOpen(null)} onChanged={onChanged} />
      ) : null}
      {open === "worklist" && single ? (
        <Suspense fallback={null}>
          <WorklistDialog
            patient={single.PatientMainDicomTags ?? {}}
            onClose={() => setOpen(null)}
            onCreated={() => {
              setOpen(null);
              world.notify({ kind: "done", text: t("worklists.created") });
            }}
          />
        </Suspense>
      ) : null}
      {open === "share" ? <ShareDialog resources={resources} onClose={() => setOpen(null)} /> : null}
    </fieldset>
  );
}

function volume(one: Resource): boolean {
  return ["CT", "MR", "PT", "NM"].includes(one.MainDicomTags.Modality ?? "");
}

/** Links to what the REST API says of a resource. */
function ApiMenu(props: { readonly level: Level; readonly id: string }): VNode {
  const world = useWorld();
  const base = `${route(props.level)}/${props.id}`;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(props.id);
    world.notify({ kind: "done", text: t("copied") });
  };
  return (
    <details class="popover">
      <summary>{t("api.title")}</summary>
      <div>
        {[
          "",
          "/metadata?expand",
          "/statistics",
          "/attachments?expand",
          ...(props.level === "Instance" ? ["/tags?simplify"] : []),
        ].map((rest) => (
          <a key={rest} href={world.server.address(base + rest)} target="_blank" rel="noopener">
            /{base.replace(props.id, "…")}
            {rest}
          </a>
        ))}
        <Button text={t("api.copyId")} onClick={() => void copy()} />
      </div>
    </details>
  );
}
