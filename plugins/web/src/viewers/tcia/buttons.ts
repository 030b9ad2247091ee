/** The button that opens the page of Tcia, on the page of Orthanc Explorer where studies are looked up. */

import { addButton, beforeCreate, type Explorer } from "../explorer";

/** Adds the button. */
export function addButtons($: Explorer, document: Document): void {
  beforeCreate($, "lookup", () => {
    const button = addButton(document, "lookup-tcia", "The Cancer Imaging Archive", "lookup-result");
    button.setAttribute("href", "../tcia/app/index.html");
    // jQuery Mobile would load the page into its own.
    button.setAttribute("rel", "external");
  });
}
