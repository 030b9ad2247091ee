/** What the tests of buttons share: pages of Orthanc Explorer, with a stand-in for its jQuery. */

import { Window } from "happy-dom";
import type { DialogOptions, Explorer, Page, Selection, Study } from "../../src/viewers/explorer";

interface Found extends Selection {
  readonly what: string | Element;
}

/** One dialog that was opened: where, and with what. */
export interface Dialog {
  readonly place: string | Element;
  readonly options: DialogOptions;
}

/** Orthanc Explorer with the element `info` on the page `page`, at the address of the resource `uuid`. */
export class StandIn {
  readonly document: Document;
  readonly $: Explorer;
  readonly asked: string[] = [];
  readonly dialogs: Dialog[] = [];
  private readonly handlers = new Map<string, () => void>();

  constructor(page: Page, info: string, uuid = "") {
    const window = new Window();
    window.document.body.innerHTML = `<div id="${page}"><ul id="${info}"></ul></div>`;
    this.document = window.document as unknown as Document;
    const find = (what: string | Element): Found => ({
      what,
      live: (event, handler) => {
        this.handlers.set(`${what} ${event}`, handler);
      },
      simpledialog2: (options) => {
        this.dialogs.push({ place: what, options });
      },
    });
    const getJSON = (address: string, done: (study: Study) => void): void => {
      this.asked.push(address);
      done({ ID: "the study", MainDicomTags: { StudyInstanceUID: "1.2&3" } });
    };
    this.$ = Object.assign(find, { getJSON, mobile: { pageData: { uuid } } });
  }

  /** Returns the pages that somebody wants to prepare. */
  get prepared(): string[] {
    return [...this.handlers.keys()];
  }

  /** Lets something happen to a page, as jQuery Mobile does. */
  happened(page: Page, event: string): void {
    this.handlers.get(`#${page} ${event}`)?.();
  }

  /** Lets jQuery Mobile make the page, and returns what lies directly below its first element. */
  created(page: Page): Element | undefined {
    this.happened(page, "pagebeforecreate");
    return this.document.getElementById(page)?.children[1];
  }

  /** Clicks on an element; tells whether the browser would follow it, and whether the page hears of it. */
  click(button: Element): { followed: boolean; heard: boolean } {
    let heard = false;
    this.document.body.addEventListener("click", () => {
      heard = true;
    });
    const view = this.document.defaultView;
    if (view === null) {
      throw new Error("the document has no window");
    }
    const event = new view.window.MouseEvent("click", { bubbles: true, cancelable: true });
    return { followed: button.dispatchEvent(event), heard };
  }
}

/** Returns the attributes of an element by name, with its text. */
export function described(one: Element | undefined): Record<string, string> {
  const attributes = [...(one?.attributes ?? [])].map(({ name, value }) => [name, value]);
  return { ...Object.fromEntries(attributes), text: one?.textContent ?? "" };
}

/** Returns the element that jQuery was asked for. */
export function content(selection: Selection): Element {
  const { what } = selection as Found;
  if (typeof what === "string") {
    throw new Error(`an element was expected, and not ${what}`);
  }
  return what;
}
