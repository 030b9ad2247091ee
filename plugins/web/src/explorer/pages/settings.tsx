/** What the server is and has: the system, statistics, plugins, the level of its log, modalities and peers. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { size } from "../parts/dicom";
import { Button } from "../parts/elements";
import { plugin, useLater, useWorld } from "../shell/context";
import { language, t } from "../texts/texts";

const LEVELS = ["default", "verbose", "trace"] as const;

export function SettingsPage(): VNode {
  const world = useWorld();
  const { system, configuration } = world;
  const { statistics, modalities, peers } = useLater();
  const rows: readonly (readonly [string, string])[] = [
    [t("settings.name"), system.Name],
    [t("settings.version"), system.Version],
    [t("settings.aet"), `${system.DicomAet} : ${system.DicomPort}`],
    [t("settings.database"), `${system.DatabaseBackendPlugin ?? "SQLite"} (${system.DatabaseVersion})`],
    [t("settings.storage"), system.StorageAreaPlugin ?? t("settings.files")],
    ...(statistics
      ? ([
          [t("settings.patients"), statistics.CountPatients.toLocaleString(language())],
          [t("settings.studies"), statistics.CountStudies.toLocaleString(language())],
          [t("settings.series"), statistics.CountSeries.toLocaleString(language())],
          [t("settings.instances"), statistics.CountInstances.toLocaleString(language())],
          [t("settings.disk"), size(statistics.TotalDiskSizeMB * 1_048_576, language())],
        ] as const)
      : []),
  ];
  return (
    <section class="settings">
      <h1>{t("side.settings")}</h1>
      <table class="tags">
        <caption>{t("settings.system")}</caption>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {WORKING.filter((one) => plugin(world, one)).map((one) => (
        <Status key={one} name={one} />
      ))}
      <LogLevel />
      {Object.keys(modalities).length > 0 ? (
        <Targets title={t("side.modalities")} names={Object.keys(modalities)} route="modalities" />
      ) : null}
      {peers.length > 0 ? <Targets title={t("settings.peers")} names={peers} route="peers" /> : null}
      <table class="tags">
        <caption>{t("settings.plugins")}</caption>
        <tbody>
          {Object.entries(configuration.Plugins)
            .sort(([a], [b]) => a.localeCompare(b))
            .map(([id, about]) => (
              <tr key={id}>
                <th scope="row">
                  {about.RootUri && about.Enabled && id !== "orthanc-explorer-2" ? (
                    <a
                      href={new URL(about.RootUri.replace(/^(\.\.\/)+/, ""), world.server.place.server).href}
                    >
                      {id}
                    </a>
                  ) : (
                    id
                  )}
                </th>
                <td>{about.Version}</td>
                <td>{about.Enabled ? about.Description : t("settings.off")}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}

/** Plugins that say how far they are with their work. */
const WORKING = ["delayed-deletion", "advanced-storage", "housekeeper"] as const;

function Status(props: { readonly name: string }): VNode | null {
  const world = useWorld();
  const [status, setStatus] = useState<Readonly<Record<string, unknown>>>({});
  useEffect(() => {
    const abort = new AbortController();
    world.server
      .get<Record<string, unknown>>(`plugins/${props.name}/status`, { signal: abort.signal })
      .then(setStatus)
      .catch((error: unknown) => world.report(t("settings.statusFailed", { name: props.name }), error));
    return () => abort.abort();
  }, [world, props.name]);
  return (
    <table class="tags">
      <caption>{props.name}</caption>
      <tbody>
        {Object.entries(status).map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{typeof value === "object" ? JSON.stringify(value) : String(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LogLevel(): VNode {
  const world = useWorld();
  const [level, setLevel] = useState<string>("");
  useEffect(() => {
    world.server
      .text("tools/log-level")
      .then((text) => setLevel(text.trim()))
      .catch((error: unknown) => world.report(t("settings.levelFailed"), error));
  }, [world]);
  const set = async (next: string): Promise<void> => {
    try {
      await world.server.put("tools/log-level", next);
      setLevel(next);
    } catch (error) {
      world.report(t("settings.levelFailed"), error);
    }
  };
  return (
    <p>
      <label>
        {t("settings.level")}{" "}
        <select value={level} onChange={(event) => void set(event.currentTarget.value)}>
          {LEVELS.map((one) => (
            <option key={one} value={one}>
              {t(`settings.level.${one}`)}
            </option>
          ))}
        </select>
      </label>
    </p>
  );
}

function Targets(props: {
  readonly title: string;
  readonly names: readonly string[];
  readonly route: string;
}): VNode {
  const world = useWorld();
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({});
  const echo = async (name: string): Promise<void> => {
    const say = (text: string): void => setSaid((all) => ({ ...all, [name]: text }));
    say(t("settings.echoing"));
    try {
      if (props.route === "modalities") {
        await world.server.post(`modalities/${encodeURIComponent(name)}/echo`, { Timeout: 10 });
      } else {
        await world.server.get(`peers/${encodeURIComponent(name)}/system`);
      }
      say(t("settings.echoed"));
    } catch (error) {
      say(t("settings.notEchoed"));
      world.report(t("settings.echoFailed", { name }), error);
    }
  };
  return (
    <table class="tags">
      <caption>{props.title}</caption>
      <tbody>
        {props.names.map((name) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <Button text={t("settings.echo")} onClick={() => void echo(name)} />
            </td>
            <td role="status">{said[name]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
