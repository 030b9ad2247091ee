/** The side bar: where one can go. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { NONE, queryOf } from "../list/query";
import { Button, Link } from "../parts/elements";
import { LANGUAGES, language, number, t } from "../texts/texts";
import { enabled, plugin, useLater, useWorld } from "./context";
import { hasEnded } from "./jobs";
import type { Route } from "./router";
import { addressOf } from "./router";

/** Where the language is kept that the user chose. */
export const LANGUAGE_KEY = "orthanc-explorer-language";

/** The side bar. `open` matters on a narrow screen only. */
export function SideBar(props: { readonly route: Route; readonly open: boolean }): VNode {
  const world = useWorld();
  const { configuration, server, system } = world;
  const { statistics, modalities, dicomWebServers } = useLater();
  const options = configuration.UiOptions;
  const remote = (type: "dicom" | "dicom-web", name: string): URLSearchParams =>
    queryOf({ ...NONE, source: { type, name } });
  const logo =
    configuration.CustomLogoUrl ?? (configuration.HasCustomLogo ? "customizable/custom-logo" : null);
  const languages = Object.entries(LANGUAGES).filter(([code]) => options.AvailableLanguages.includes(code));

  return (
    <nav id="side" class={props.open ? "side open" : "side"} aria-label={t("menu")}>
      <p class="brand">
        {logo ? <img src={logo} alt={configuration.CustomTitle ?? "Orthanc"} /> : <strong>Orthanc</strong>}
        {enabled(world, "ShowOrthancName") ? <span>{system.Name}</span> : null}
      </p>
      <ul>
        <Entry page="" query={null} {...props} current={["", "filtered-studies", "study"]}>
          {t("side.studies")}{" "}
          {statistics ? <span class="count">{number(statistics.CountStudies)}</span> : null}
        </Entry>
        {enabled(world, "EnableStudyList") && system.HasLabels !== false ? <LabelEntries {...props} /> : null}
        {enabled(world, "EnableUpload") ? (
          <Entry page="upload" query={null} {...props}>
            {t("side.upload")}
          </Entry>
        ) : null}
        {enabled(world, "EnableDicomModalities") && Object.keys(modalities).length > 0 ? (
          <li>
            <details>
              <summary>{t("side.modalities")}</summary>
              <ul>
                {Object.keys(modalities).map((name) => (
                  <Entry key={name} page="filtered-studies" query={remote("dicom", name)} {...props}>
                    {name}
                  </Entry>
                ))}
              </ul>
            </details>
          </li>
        ) : null}
        {enabled(world, "EnableDicomWebServers") && dicomWebServers.length > 0 ? (
          <li>
            <details>
              <summary>{t("side.dicomWeb")}</summary>
              <ul>
                {dicomWebServers.map((name) => (
                  <Entry key={name} page="filtered-studies" query={remote("dicom-web", name)} {...props}>
                    {name}
                  </Entry>
                ))}
              </ul>
            </details>
          </li>
        ) : null}
        {enabled(world, "EnableWorklists") && plugin(world, "orthanc-worklists") ? (
          <Entry page="worklists" query={null} {...props}>
            {t("side.worklists")}
          </Entry>
        ) : null}
        {enabled(world, "EnableAuditLogs") && plugin(world, "authorization") ? (
          <Entry page="audit-logs" query={null} {...props}>
            {t("side.audit")}
          </Entry>
        ) : null}
        {enabled(world, "EnableJobsList") ? (
          <Entry page="jobs" query={null} {...props}>
            {t("side.jobs")}
          </Entry>
        ) : null}
        {enabled(world, "EnableSettings") ? (
          <Entry page="settings" query={null} {...props}>
            {t("side.settings")}
          </Entry>
        ) : null}
        {enabled(world, "EnableSettings") ? (
          <Entry page="settings-metrics" query={null} {...props}>
            {t("metrics.title")}
          </Entry>
        ) : null}
        {enabled(world, "EnablePermissionsEdition") ? (
          <>
            <Entry page="settings-labels" query={null} {...props}>
              {t("labels.title")}
            </Entry>
            <Entry page="settings-permissions" query={null} {...props}>
              {t("permissions.title")}
            </Entry>
          </>
        ) : null}
        {enabled(world, "EnableLinkToLegacyUi") ? (
          <li>
            <a href={server.address("app/explorer.html")}>{t("side.legacy")}</a>
          </li>
        ) : null}
      </ul>
      <MyJobs />
      <footer>
        {configuration.Profile?.name ? <p>{configuration.Profile.name}</p> : null}
        {world.account && enabled(world, "EnableChangePassword") ? (
          <Button text={t("side.password")} onClick={world.account.changePassword} />
        ) : null}
        {world.account ? <Button text={t("side.logout")} onClick={world.account.logout} /> : null}
        {languages.length > 1 ? (
          <label>
            <span class="hidden">{t("side.language")}</span>
            <select
              value={language()}
              onChange={(event) => {
                localStorage.setItem(LANGUAGE_KEY, event.currentTarget.value);
                location.reload();
              }}
            >
              {languages.map(([code, name]) => (
                <option key={code} value={code} lang={code}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        {plugin(world, "authorization") ? null : <p class="version">Orthanc {system.Version}</p>}
      </footer>
    </nav>
  );
}

/** The jobs that the user has begun in this window. */
function MyJobs(): VNode | null {
  const { jobs, configuration, router } = useWorld();
  const [mine, setMine] = useState(jobs.all);
  useEffect(() => jobs.listen(setMine), [jobs]);
  if (mine.length === 0) {
    return null;
  }
  const ended = mine.some(({ job }) => job !== null && hasEnded(job));
  return (
    <section class="mine" aria-label={t("side.myJobs")}>
      <h2>{t("side.myJobs")}</h2>
      <ul>
        {mine.map(({ id, job }) => (
          <li key={id}>
            {configuration.UiOptions.EnableJobsList === true ? (
              <Link address={addressOf(router.root, "jobs")} onFollow={() => router.go("jobs")}>
                {job?.Type ?? t("loading")}
              </Link>
            ) : (
              <span>{job?.Type ?? t("loading")}</span>
            )}{" "}
            {job && hasEnded(job) ? (
              t(`jobs.state.${job.State}`)
            ) : (
              <progress max={100} value={job?.Progress ?? 0} aria-label={t("jobs.progress")} />
            )}
          </li>
        ))}
      </ul>
      {ended ? <Button text={t("side.forgetJobs")} onClick={() => jobs.clear()} /> : null}
    </section>
  );
}

function Entry(props: {
  readonly page: string;
  readonly query: URLSearchParams | null;
  readonly route: Route;
  readonly current?: readonly string[];
  readonly children: ComponentChildren;
}): VNode {
  const { router } = useWorld();
  const query = props.query ?? new URLSearchParams();
  const same = (props.current ?? [props.page]).includes(props.route.page);
  const here = same && (props.query === null ? true : props.route.query.toString() === query.toString());
  const remote = props.route.query.has("source-type");
  return (
    <li>
      <Link
        address={addressOf(router.root, props.page, query)}
        current={here && (props.page !== "" || !remote)}
        onFollow={() => router.go(props.page, query)}
      >
        {props.children}
      </Link>
    </li>
  );
}

/** The labels of this server, with how many studies have each. */
function LabelEntries(props: { readonly route: Route }): VNode | null {
  const world = useWorld();
  const [labels, setLabels] = useState<readonly string[]>([]);
  const [counts, setCounts] = useState<Readonly<Record<string, number>>>({});
  const counted = enabled(world, "EnableLabelsCount") && world.system.Capabilities?.HasExtendedFind === true;
  useEffect(() => {
    const abort = new AbortController();
    const load = async (): Promise<void> => {
      const found = await world.server.get<string[]>("tools/labels", { signal: abort.signal });
      setLabels(found);
      for (const label of counted ? found : []) {
        const { Count } = await world.server.post<{ Count: number }>(
          "tools/count-resources",
          { Level: "Study", Query: {}, Labels: [label], LabelsConstraint: "All" },
          { signal: abort.signal },
        );
        setCounts((all) => ({ ...all, [label]: Count }));
      }
    };
    load().catch((error: unknown) => world.report(t("labels.failed"), error));
    return () => abort.abort();
  }, [world, counted]);
  if (labels.length === 0) {
    return null;
  }
  return (
    <li>
      <details>
        <summary>{t("side.labels")}</summary>
        <ul>
          {labels.map((label) => (
            <Entry
              key={label}
              page="filtered-studies"
              query={queryOf({ ...NONE, labels: [label] })}
              {...props}
            >
              {label} {counts[label] === undefined ? null : <span class="count">{counts[label]}</span>}
            </Entry>
          ))}
          <Entry page="filtered-studies" query={queryOf({ ...NONE, withoutLabels: true })} {...props}>
            {t("labels.without")}
          </Entry>
        </ul>
      </details>
    </li>
  );
}
