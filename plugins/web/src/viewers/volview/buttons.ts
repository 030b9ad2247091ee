/** The button that opens VolView, on the pages of a study and of a series in Orthanc Explorer. */

import { addButton, beforeCreate, type Explorer, shown } from "../explorer";

/** The pages with a button, and what Orthanc's routes call the level of each. */
const LEVELS = { study: "studies", series: "series" } as const;

/** Adds the buttons. */
export function addButtons($: Explorer, document: Document): void {
  add($, document, "study");
  add($, document, "series");
}

function add($: Explorer, document: Document, page: keyof typeof LEVELS): void {
  beforeCreate($, page, () => {
    const button = addButton(document, `${page}-volview`, "Open Kitware's VolView", `${page}-info`);
    button.setAttribute("target", "_blank");
    button.addEventListener("click", () => {
      const archive = `../${LEVELS[page]}/${shown($)}/archive`;
      button.setAttribute("href", `../volview/index.html?names=[archive.zip]&urls=[${archive}]`);
    });
  });
}
