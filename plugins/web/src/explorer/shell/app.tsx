/** The frame of all pages: the side bar, the notices, and the page that the address names. */
import type { VNode } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { StudyList } from "../list/list";
import { Button, Problem, Waiting } from "../parts/elements";
import { abandoned } from "../server/api";
import { t } from "../texts/texts";
import type { Later, Notice, World } from "./context";
import { enabled, LaterProvider, NOTHING_YET, WorldProvider } from "./context";
import { failure } from "./failure";
import type { Route } from "./router";
import { SideBar } from "./side";

const pages = (): Promise<typeof import("../pages/pages")> => import("../pages/pages");
const Study = lazy(() => pages().then((all) => ({ default: all.StudyPage })));
const Upload = lazy(() => pages().then((all) => ({ default: all.UploadPage })));
const Jobs = lazy(() => pages().then((all) => ({ default: all.JobsPage })));
const Settings = lazy(() => pages().then((all) => ({ default: all.SettingsPage })));
const Remote = lazy(() => pages().then((all) => ({ default: all.RemotePage })));
const Worklists = lazy(() => pages().then((all) => ({ default: all.WorklistsPage })));
const Audit = lazy(() => pages().then((all) => ({ default: all.AuditPage })));
const Metrics = lazy(() => pages().then((all) => ({ default: all.MetricsPage })));
const Permissions = lazy(() => pages().then((all) => ({ default: all.PermissionsPage })));
const LabelSettings = lazy(() => pages().then((all) => ({ default: all.LabelsPage })));

/** What every page knows, but for how to tell the user something. */
export interface Start extends Omit<World, "notify" | "report"> {
  /** What else there is: at once, or for a list later. */
  readonly later: Later | (() => Promise<Later>);
}

/** The pages. */
export function App(props: { readonly start: Start }): VNode {
  const { start } = props;
  const [route, setRoute] = useState<Route>(start.router.route);
  const [notices, setNotices] = useState<readonly (Notice & { readonly id: number })[]>([]);
  const [menu, setMenu] = useState(false);
  const [later, setLater] = useState(typeof start.later === "function" ? NOTHING_YET : start.later);
  useEffect(
    () =>
      start.router.listen((next) => {
        setRoute(next);
        setMenu(false);
      }),
    [start],
  );

  const close = useCallback((id: number) => setNotices((all) => all.filter((one) => one.id !== id)), []);
  const notify = useCallback(
    (notice: Notice) => {
      const id = Date.now() + Math.random();
      setNotices((all) => [...all, { ...notice, id }]);
      if (notice.kind === "done") {
        setTimeout(() => close(id), 6000);
      }
    },
    [close],
  );
  const world = useMemo<World>(
    () => ({
      ...start,
      notify,
      report: (what, error) => {
        if (!abandoned(error)) {
          notify({ kind: "problem", text: `${what} ${failure(error)}` });
        }
      },
    }),
    [start, notify],
  );

  useEffect(() => {
    if (typeof start.later === "function") {
      start.later().then(setLater, (error: unknown) => notify({ kind: "problem", text: failure(error) }));
    }
  }, [start, notify]);

  return (
    <WorldProvider value={world}>
      <LaterProvider value={later}>
        <a class="skip" href="#main">
          {t("skip")}
        </a>
        <button
          type="button"
          class="menu quiet"
          aria-expanded={menu}
          aria-controls="side"
          aria-label={t("menu")}
          onClick={() => setMenu(!menu)}
        >
          ☰
        </button>
        <SideBar route={route} open={menu} />
        <main id="main" tabIndex={-1}>
          <Suspense fallback={<Waiting />}>{page(world, route)}</Suspense>
        </main>
        <div class="notices" role="status" aria-live="polite">
          {notices.map((notice) => (
            <div
              key={notice.id}
              class={`notice ${notice.kind}`}
              role={notice.kind === "problem" ? "alert" : undefined}
            >
              <p>{notice.text}</p>
              <Button text={t("close")} sign="✕" kind="quiet" onClick={() => close(notice.id)} />
            </div>
          ))}
        </div>
      </LaterProvider>
    </WorldProvider>
  );
}

function page(world: World, route: Route): VNode {
  const source = route.query.get("source-type");
  switch (route.page) {
    case "":
    case "filtered-studies":
      if (source === "dicom" || source === "dicom-web") {
        return <Remote query={route.query} />;
      }
      return enabled(world, "EnableStudyList") ? (
        <StudyList query={route.query} />
      ) : (
        <Problem text={t("failure.forbidden")} />
      );
    case "study":
      return <Study id={route.query.get("id") ?? ""} key={route.query.get("id")} />;
    case "upload":
      return <Upload />;
    case "jobs":
      return <Jobs />;
    case "settings":
      return <Settings />;
    case "settings-metrics":
      return <Metrics />;
    case "settings-permissions":
      return <Permissions />;
    case "settings-labels":
      return <LabelSettings />;
    case "worklists":
      return <Worklists />;
    case "audit-logs":
      return <Audit query={route.query} />;
    default:
      return <Problem text={t("failure.noPage", { page: route.page })} />;
  }
}
