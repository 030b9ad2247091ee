/** Orthanc Explorer, as far as buttons of viewers use it: jQuery 1.7 and jQuery Mobile 1.1 are global there. */

/** What jQuery has found in the page. */
export interface Selection {
  /** Calls `handler` at each `event` of what is found, now or later. */
  live(event: string, handler: () => void): void;
  simpledialog2(options: DialogOptions): void;
}

/** What jQuery Mobile's dialog is asked for: here always one with content of our own. */
export interface DialogOptions {
  readonly mode: "blank";
  readonly animate: boolean;
  readonly headerText: string;
  readonly headerClose: boolean;
  readonly forceInput: boolean;
  readonly width: string;
  readonly blankContent: Selection;
}

/** What Orthanc tells of a study. */
export interface Study {
  readonly ID: string;
  readonly MainDicomTags: { readonly StudyInstanceUID: string };
}

/** The global `$` of Orthanc Explorer. */
export interface Explorer {
  (found: string | Element): Selection;
  getJSON(address: string, done: (study: Study) => void): void;
  readonly mobile: {
    /** What the address of the open page says: the Orthanc identifier of what it shows. */
    readonly pageData: { readonly uuid: string };
  };
}

/** The pages of Orthanc Explorer, by the identifiers of their elements. */
export type Page = "lookup" | "study" | "series" | "instance";

/** Calls `prepare` before jQuery Mobile makes a page of the markup: what is added by then gets its looks. */
export function beforeCreate($: Explorer, page: Page, prepare: () => void): void {
  $(`#${page}`).live("pagebeforecreate", prepare);
}

/** Returns the Orthanc identifier of what the open page shows, as a part of an address. */
export function shown($: Explorer): string {
  return encodeURIComponent($.mobile.pageData.uuid);
}

/** Returns a new element with these attributes. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  document: Document,
  name: Name,
  attributes: Readonly<Record<string, string>>,
  text = "",
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.textContent = text;
  return made;
}

/** Adds a button below the element with the identifier `above`, if the page has one, and returns it. */
export function addButton(document: Document, id: string, text: string, above: string): HTMLAnchorElement {
  const looks = { href: "#", "data-role": "button", "data-icon": "search", "data-theme": "e" };
  const button = element(document, "a", { id, ...looks }, text);
  document.getElementById(above)?.after(button);
  return button;
}

/** Opens a dialog with the content on a page. */
export function openDialog(
  $: Explorer,
  document: Document,
  page: Page,
  id: string,
  title: string,
  content: Element,
): void {
  // The dialog takes its content away from the page, so that it needs a new one each time.
  document.getElementById(id)?.remove();
  const place = element(document, "div", { id });
  document.getElementById(page)?.append(place);
  $(place).simpledialog2({
    mode: "blank",
    animate: false,
    headerText: title,
    headerClose: true,
    forceInput: false,
    width: "100%",
    blankContent: $(content),
  });
}

/** Returns a list of links that open beside the page. */
export function linkList(
  document: Document,
  links: readonly { readonly title: string; readonly href: string }[],
): HTMLUListElement {
  const made = element(document, "ul", { "data-role": "listview", "data-theme": "d" });
  for (const { title, href } of links) {
    const entry = element(document, "li", { "data-icon": "arrow-r" });
    entry.append(element(document, "a", { href, target: "_blank", rel: "close" }, title));
    made.append(entry);
  }
  return made;
}
