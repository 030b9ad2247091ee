/** The viewers that can open studies or series, and their addresses. */
import { tagOf } from "../list/columns";
import type { Configuration, Level, Resource } from "../server/types";
import type { Key } from "../texts/texts";

/** A viewer that can show what is chosen. */
export interface Viewer {
  readonly id: string;
  readonly name: Key;
  readonly address: string;
}

/** What a viewer needs of the studies. */
interface Subject {
  readonly level: Level;
  readonly resources: readonly Resource[];
  readonly modalities: readonly string[];
  readonly classes: readonly string[];
  readonly studies: readonly string[];
}

interface Entry {
  readonly name: Key;
  /** The plugin that it needs, if any. */
  readonly plugin?: string;
  /** The options of which it needs one, if any. */
  readonly option?: string | readonly string[];
  readonly address: (subject: Subject, configuration: Configuration, server: string) => string | null;
}

const WSI = "1.2.840.10008.5.1.4.1.1.77.1.6";
const STL = "1.2.840.10008.5.1.4.1.1.104.3";

function ohif(mode: string): Entry["address"] {
  return (subject, configuration, server) => {
    const root = String(configuration.UiOptions.OhifViewer3PublicRoot ?? "/ohif/");
    const base = new URL(root.replace(/^\//, ""), server).href;
    if (subject.studies.length === 0) {
      return null;
    }
    if (configuration.Plugins.ohif?.DataSource === "dicom-json") {
      const [only] = subject.resources;
      return subject.resources.length === 1 && only && subject.level === "Study"
        ? `${base}${mode}url=${encodeURIComponent(`../studies/${only.ID}/ohif-dicom-json`)}`
        : null;
    }
    return `${base}${mode}StudyInstanceUIDs=${subject.studies.map(encodeURIComponent).join(",")}`;
  };
}

/** OHIF 2, elsewhere: it shows one study. */
function ohif2(subject: Subject, configuration: Configuration): string | null {
  const { EnableOpenInOhifViewer, OhifViewerPublicRoot } = configuration.UiOptions;
  const [uid] = subject.studies;
  return EnableOpenInOhifViewer === true && uid && subject.studies.length === 1
    ? `${String(OhifViewerPublicRoot)}Viewer/${uid}`
    : null;
}

const has = (subject: Subject, ...modalities: readonly string[]): boolean =>
  modalities.some((one) => subject.modalities.includes(one));

const single = (subject: Subject, level: Level): Resource | null =>
  subject.level === level && subject.resources.length === 1 ? (subject.resources[0] ?? null) : null;

/** The viewers by their names in OrthancExplorer2.UiOptions.ViewersOrdering. */
const VIEWERS: Readonly<Record<string, Entry>> = {
  "stone-webviewer": {
    name: "viewer.stone",
    plugin: "stone-webviewer",
    address: ({ studies }, _, server) =>
      studies.length > 0 ? `${server}stone-webviewer/index.html?study=${studies.join(",")}` : null,
  },
  "osimis-web-viewer": {
    name: "viewer.osimis",
    plugin: "osimis-web-viewer",
    address: (subject, _, server) => {
      const one = single(subject, "Study") ?? single(subject, "Series");
      return one ? `${server}osimis-viewer/app/index.html?${subject.level.toLowerCase()}=${one.ID}` : null;
    },
  },
  "web-viewer": {
    name: "viewer.web",
    plugin: "web-viewer",
    address: (subject, _, server) => {
      const one = single(subject, "Series");
      return one ? `${server}web-viewer/app/viewer.html?series=${one.ID}` : null;
    },
  },
  ohif: {
    name: "viewer.ohif",
    option: ["EnableOpenInOhifViewer3", "EnableOpenInOhifViewer"],
    address: (subject, configuration, server) =>
      configuration.UiOptions.EnableOpenInOhifViewer3 === true
        ? ohif("viewer?")(subject, configuration, server)
        : ohif2(subject, configuration),
  },
  "ohif-vr": {
    name: "viewer.ohifVr",
    option: "EnableOpenInOhifViewer3",
    address: (subject, configuration, server) =>
      has(subject, "CT", "MR", "PT")
        ? ohif("viewer?hangingprotocolId=mprAnd3DVolumeViewport&")(subject, configuration, server)
        : null,
  },
  "ohif-tmtv": {
    name: "viewer.ohifTmtv",
    option: "EnableOpenInOhifViewer3",
    address: (subject, configuration, server) =>
      has(subject, "CT") && has(subject, "PT") ? ohif("tmtv?")(subject, configuration, server) : null,
  },
  "ohif-seg": {
    name: "viewer.ohifSeg",
    option: "EnableOpenInOhifViewer3",
    address: (subject, configuration, server) =>
      has(subject, "CT", "MR", "PT") ? ohif("segmentation?")(subject, configuration, server) : null,
  },
  "ohif-micro": {
    name: "viewer.ohifMicro",
    option: "EnableOpenInOhifViewer3",
    address: (subject, configuration, server) =>
      has(subject, "SM") ? ohif("microscopy?")(subject, configuration, server) : null,
  },
  meddream: {
    name: "viewer.meddream",
    option: "EnableOpenInMedDreamViewer",
    address: ({ studies }, configuration) =>
      studies.length > 0
        ? `${String(configuration.UiOptions.MedDreamViewerPublicRoot)}?study=${studies.join(",")}`
        : null,
  },
  volview: {
    name: "viewer.volview",
    plugin: "volview",
    address: (subject, _, server) => {
      const one = single(subject, "Study") ?? single(subject, "Series");
      const route = subject.level === "Study" ? "studies" : "series";
      return one
        ? `${server}volview/index.html?names=[archive.zip]&urls=[../${route}/${one.ID}/archive]`
        : null;
    },
  },
  wsi: {
    name: "viewer.wsi",
    plugin: "wsi",
    address: (subject, _, server) => {
      const one = single(subject, "Series");
      return one && (has(subject, "SM") || subject.classes.includes(WSI))
        ? `${server}wsi/app/viewer.html?series=${one.ID}`
        : null;
    },
  },
  stl: {
    name: "viewer.stl",
    plugin: "stl",
    address: (subject, _, server) => {
      const one = single(subject, "Instance");
      return one && subject.classes.includes(STL) ? `${server}stl/app/o3dv.html?instance=${one.ID}` : null;
    },
  },
  weasis: {
    name: "viewer.weasis",
    option: "EnableOpenInWeasisViewer",
    plugin: "dicom-web",
    address: ({ studies }, _, server) =>
      studies.length > 0
        ? `weasis://?${encodeURIComponent(
            `$dicom:rs --url "${server}dicom-web" ${studies.map((uid) => `-r "studyUID=${uid}"`).join(" ")}`,
          )}`
        : null,
  },
};

/** Tells whether a viewer is there and switched on. */
function ready(entry: Entry, configuration: Configuration): boolean {
  const options = [entry.option ?? []].flat();
  return (
    (entry.plugin === undefined || configuration.Plugins[entry.plugin]?.Enabled === true) &&
    (options.length === 0 || options.some((one) => configuration.UiOptions[one] === true))
  );
}

/** Tells whether there is any viewer. */
export function hasViewers(configuration: Configuration): boolean {
  return Object.values(VIEWERS).some((entry) => ready(entry, configuration));
}

/** Returns the viewers that can open the resources, in the configured order; those that it does not name come last. */
export function viewersOf(
  configuration: Configuration,
  level: Level,
  resources: readonly Resource[],
  server: string,
): Viewer[] {
  const list = (tag: string): string[] =>
    resources.flatMap((one) => tagOf(one, tag).split("\\").filter(Boolean));
  const subject: Subject = {
    level,
    resources,
    modalities: [...list("ModalitiesInStudy"), ...list("Modality")],
    classes: [...list("SOPClassesInStudy"), ...list("SOPClassUID")],
    studies: [...new Set(list("StudyInstanceUID"))],
  };
  const order = configuration.UiOptions.ViewersOrdering;
  const names = [...order, ...Object.keys(VIEWERS).filter((one) => !order.includes(one))];
  return names.flatMap((id) => {
    const entry = VIEWERS[id];
    if (!entry || !ready(entry, configuration)) {
      return [];
    }
    const address = entry.address(subject, configuration, server);
    return address === null ? [] : [{ id, name: entry.name, address }];
  });
}
