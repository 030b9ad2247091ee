/** The buttons for 3D models in Orthanc Explorer: on the pages of a study, of a series and of an instance. */
import type { Server } from "../../explorer/server/api";
import { addButton, beforeCreate, type Explorer, element, linkList, openDialog, shown } from "../explorer";

/** What the buttons work with. */
export interface World {
  readonly $: Explorer;
  readonly document: Document;
  readonly server: Server;
  readonly options: { readonly nifti: boolean; readonly nexus: boolean };
  /** Opens another page. */
  readonly go: (address: string) => void;
  /** Says in a sentence what went wrong with a request. */
  readonly because: (error: unknown) => string;
}

const STL = "1.2.840.10008.5.1.4.1.1.104.3";
const RT_STRUCT = "1.2.840.10008.5.1.4.1.1.481.3";

const VIEWERS = [
  { title: "Online 3D Viewer", page: "o3dv.html" },
  { title: "Plain viewer (three.js)", page: "three.html" },
] as const;

const RESOLUTIONS = [256, 128, 512] as const;

const DIALOG = "stl-dialog";

/** A kind of file that becomes a model of a study. */
interface Kind {
  readonly id: string;
  readonly title: string;
  readonly accept: string;
  readonly body: (study: string, description: string, file: File) => Promise<Body>;
}

interface Body {
  readonly route: string;
  readonly content: object;
}

const KINDS: Readonly<Record<"stl" | "nifti" | "nexus", Kind>> = {
  stl: {
    id: "study-attach-stl",
    title: "Attach STL model",
    accept: ".stl,model/stl",
    body: async (Parent, SeriesDescription, file) => ({
      route: "tools/create-dicom",
      content: {
        Parent,
        Tags: { SeriesDescription },
        Content: `data:model/stl;base64,${await base64(file)}`,
      },
    }),
  },
  nifti: {
    id: "study-attach-nifti",
    title: "Attach NIfTI 3D model",
    accept: ".nii,.nii.gz,.gz",
    body: async (ParentStudy, SeriesDescription, file) => ({
      route: "stl/encode-nifti",
      content: {
        ParentStudy,
        Tags: { SeriesDescription },
        Nifti: `data:application/octet-stream;base64,${await base64(file)}`,
      },
    }),
  },
  nexus: {
    id: "study-attach-nexus",
    title: "Attach Nexus model",
    accept: ".nxs,.nxz",
    body: async (Parent, SeriesDescription, file) => ({
      route: "stl/create-nexus",
      content: { Parent, Tags: { SeriesDescription }, Content: await base64(file) },
    }),
  },
};

/** What Orthanc answers when it has made an instance. */
interface Made {
  readonly ParentSeries: string;
}

/** Adds the buttons. */
export function addButtons(world: World): void {
  onInstances(world, "series");
  onInstances(world, "instance");
  beforeCreate(world.$, "study", () => {
    const { nifti, nexus } = world.options;
    const kinds = [KINDS.stl, ...(nifti ? [KINDS.nifti] : []), ...(nexus ? [KINDS.nexus] : [])];
    for (const kind of kinds.reverse()) {
      onClick(addButton(world.document, kind.id, kind.title, "study-info"), () => attach(world, kind));
    }
  });
}

/** Adds the buttons of one instance, which are hidden until it is known what the instance is. */
function onInstances(world: World, page: "series" | "instance"): void {
  const { $, document, server } = world;
  let instance = "";
  const buttons: Record<string, HTMLAnchorElement> = {};
  beforeCreate($, page, () => {
    const view = addButton(document, `${page}-stl-viewer`, "STL viewer", `${page}-info`);
    const make = addButton(document, `${page}-stl-generate`, "Generate 3D model", `${page}-info`);
    onClick(view, () => choose(world, page, instance));
    onClick(make, () => void generate(world, page, instance));
    buttons[STL] = view;
    buttons[RT_STRUCT] = make;
    hide(buttons);
  });
  $(`#${page}`).live("pagebeforeshow", () => {
    hide(buttons);
    const asked = shown($);
    const look = async (): Promise<void> => {
      const only = page === "instance" ? asked : await onlyInstance(server, asked);
      const kind = only === null ? "" : (await server.text(`instances/${only}/metadata/SopClassUid`)).trim();
      const button = buttons[kind];
      // Another page may be open by now.
      if (only !== null && button && asked === shown($)) {
        instance = only;
        button.style.display = "";
      }
    };
    look().catch(() => hide(buttons));
  });
}

function hide(buttons: Readonly<Record<string, HTMLElement>>): void {
  for (const button of Object.values(buttons)) {
    button.style.display = "none";
  }
}

function onClick(button: HTMLElement, act: () => void): void {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    act();
  });
}

/** Returns the instance of a series that has one. */
async function onlyInstance(server: Server, series: string): Promise<string | null> {
  const { Instances } = await server.get<{ Instances: string[] }>(`series/${series}`);
  return Instances.length === 1 ? (Instances[0] ?? null) : null;
}

/** Lets the user choose a viewer. */
function choose(world: World, page: "series" | "instance", instance: string): void {
  const links = VIEWERS.map((one) => ({
    title: one.title,
    href: `../stl/app/${one.page}?instance=${instance}`,
  }));
  openDialog(world.$, world.document, page, DIALOG, "STL viewer", linkList(world.document, links));
}

/** A form, and where it says what went wrong. */
interface Form {
  readonly form: HTMLFormElement;
  readonly say: (text: string) => void;
}

function formOf(document: Document): Form {
  const form = element(document, "form", { style: "padding: 1em" });
  const said = element(document, "p", { role: "alert" });
  form.append(said);
  return {
    form,
    say: (text) => {
      said.textContent = text;
    },
  };
}

function labelled(document: Document, text: string, input: HTMLElement): HTMLLabelElement {
  const label = element(document, "label", {}, text);
  label.append(input);
  return label;
}

/** Adds the button of a form: it sends what `body` makes, and opens the series of the answer. */
function submits(world: World, { form, say }: Form, title: string, body: () => Promise<Body> | string): void {
  const button = element(world.document, "button", { type: "submit", "data-theme": "b" }, title);
  form.append(button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = body();
    if (typeof asked === "string") {
      say(asked);
      return;
    }
    button.disabled = true;
    say("The model is being made …");
    asked
      .then(({ route, content }) => world.server.post<Made>(route, content))
      .then((made) => world.go(`explorer.html#series?uuid=${made.ParentSeries}`))
      .catch((error: unknown) => {
        button.disabled = false;
        say(`The model was not made: ${world.because(error)}`);
      });
  });
}

/** Lets the user choose what a model of an RT-STRUCT shows. */
async function generate(world: World, page: "series" | "instance", instance: string): Promise<void> {
  const { $, document, server } = world;
  const made = formOf(document);
  const { form } = made;
  let names: string[] = [];
  try {
    names = await server.get<string[]>(`stl/rt-struct/${instance}`);
  } catch (error) {
    made.say(world.because(error));
    openDialog($, document, page, DIALOG, "Generate 3D model", form);
    return;
  }
  const structure = element(document, "select", { name: "structure" });
  structure.append(...names.map((name) => element(document, "option", { value: name }, name)));
  const resolution = element(document, "select", { name: "resolution" });
  resolution.append(
    ...RESOLUTIONS.map((one) => element(document, "option", { value: String(one) }, String(one))),
  );
  const smooth = element(document, "input", { name: "smooth", type: "checkbox", checked: "" });
  form.append(
    labelled(document, "Structure", structure),
    labelled(document, "Resolution", resolution),
    labelled(document, "Smooth", smooth),
  );
  submits(world, made, "Generate", () =>
    Promise.resolve({
      route: "stl/encode-rtstruct",
      content: {
        Instance: instance,
        RoiNames: [structure.value],
        Resolution: Number(resolution.value),
        Smooth: smooth.checked,
      },
    }),
  );
  openDialog($, document, page, DIALOG, "Generate 3D model", form);
}

/** Lets the user choose a file that becomes a model of the study. */
function attach(world: World, kind: Kind): void {
  const { $, document } = world;
  const study = shown($);
  const made = formOf(document);
  const file = element(document, "input", { name: "file", type: "file", accept: kind.accept });
  const description = element(document, "input", { name: "description", type: "text", value: "3D model" });
  made.form.append(labelled(document, "File", file), labelled(document, "Series description", description));
  submits(world, made, "Attach", () => {
    const chosen = file.files?.[0];
    return chosen ? kind.body(study, description.value, chosen) : "Choose a file first.";
  });
  openDialog($, document, "study", DIALOG, kind.title, made.form);
}

/** Returns the bytes of a file in base64. */
export async function base64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const parts: string[] = [];
  // A multiple of 3, so that the parts can be put together; few enough to be arguments.
  const step = 0x6000;
  for (let at = 0; at < bytes.length; at += step) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + step))));
  }
  return parts.join("");
}
