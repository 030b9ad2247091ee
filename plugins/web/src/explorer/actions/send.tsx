/** Sending to a modality, a peer, or a DICOMweb server. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Button, Dialog } from "../parts/elements";
import type { Job, Level, Resource } from "../server/types";
import { plugin, useLater, useWorld } from "../shell/context";
import { t } from "../texts/texts";
import { JobProgress, jobFailure } from "./job";

type Kind = "modality" | "peer" | "transfers" | "dicomweb";

/** Where one can send to. */
interface Target {
  readonly kind: Kind;
  readonly name: string;
}

export function SendDialog(props: {
  readonly level: Level;
  readonly resources: readonly Resource[];
  readonly onClose: () => void;
}): VNode {
  const { level, resources } = props;
  const world = useWorld();
  const { modalities, peers, dicomWebServers } = useLater();
  const targets: Target[] = [
    ...Object.keys(modalities).map((name) => ({ kind: "modality" as const, name })),
    ...peers.map((name) => ({ kind: "peer" as const, name })),
    ...(plugin(world, "transfers") ? peers.map((name) => ({ kind: "transfers" as const, name })) : []),
    ...dicomWebServers.map((name) => ({ kind: "dicomweb" as const, name })),
  ];
  const [chosen, setChosen] = useState(0);
  const [job, setJob] = useState<string | null>(null);
  const [ended, setEnded] = useState<Job | null>(null);

  const send = async (target: Target): Promise<void> => {
    setEnded(null);
    try {
      setJob((await world.server.post<{ ID: string }>(...request(target, level, resources))).ID);
    } catch (error) {
      world.report(t("send.failed", { name: target.name }), error);
    }
  };
  const target = targets[chosen];
  const texts = {
    modality: "send.modality",
    peer: "send.peer",
    transfers: "send.transfers",
    dicomweb: "send.dicomWeb",
  } as const;

  return (
    <Dialog title={t("send.title")} onClose={props.onClose}>
      <label>
        {t("send.to")}
        <select value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
          {targets.map((one, index) => (
            <option key={`${one.kind} ${one.name}`} value={index}>
              {t(texts[one.kind], { name: one.name })}
            </option>
          ))}
        </select>
      </label>
      {job && !ended ? <JobProgress key={job} id={job} onDone={setEnded} /> : null}
      {ended ? (
        <p role="status">
          {ended.State === "Success" ? t("send.done") : t("send.failedJob", { reason: jobFailure(ended) })}
        </p>
      ) : null}
      <footer>
        <Button
          text={t("send.button")}
          kind="main"
          disabled={target === undefined || (job !== null && ended === null)}
          onClick={() => (target ? void send(target) : undefined)}
        />
        <Button text={t("close")} onClick={props.onClose} />
      </footer>
    </Dialog>
  );
}

/** The route and the body of the request that begins to send. */
export function request(target: Target, level: Level, resources: readonly Resource[]): [string, object] {
  const ids = resources.map((one) => one.ID);
  const name = encodeURIComponent(target.name);
  switch (target.kind) {
    case "modality":
      return [`modalities/${name}/store`, { Resources: ids, Synchronous: false }];
    case "peer":
      return [`peers/${name}/store`, { Resources: ids, Synchronous: false }];
    case "transfers":
      return [
        "transfers/send",
        { Resources: ids.map((ID) => ({ Level: level, ID })), Compression: "gzip", Peer: target.name },
      ];
    case "dicomweb":
      return [`dicom-web/servers/${name}/stow`, { Resources: ids, Synchronous: false }];
  }
}
