/** The buttons that open OHIF, on the page of a study and on the first page of Orthanc Explorer. */

import { addButton, beforeCreate, type Explorer, linkList, openDialog, type Study, shown } from "../explorer";

interface Mode {
  readonly title: string;
  /** Where OHIF opens a study in this mode: up to what says which study. */
  readonly path: string;
}

const MODES: readonly Mode[] = [
  { title: "Basic viewer", path: "viewer?" },
  { title: "Volume rendering", path: "viewer?hangingprotocolId=mprAnd3DVolumeViewport&" },
  { title: "Total metabolic tumor volume", path: "tmtv?" },
  { title: "Segmentation", path: "segmentation?" },
  { title: "Microscopy", path: "microscopy?" },
];

const TITLE = "Open OHIF viewer";
const DIALOG = "ohif-dialog";

/** Adds the buttons; `isDicomWeb` tells whether OHIF reads through DICOMweb, and so can list studies too. */
export function addButtons($: Explorer, document: Document, isDicomWeb: boolean): void {
  beforeCreate($, "study", () => {
    addButton(document, "study-ohif", TITLE, "study-info").addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      $.getJSON(`../studies/${shown($)}`, (study) => choose($, document, query(study, isDicomWeb)));
    });
  });
  if (isDicomWeb) {
    beforeCreate($, "lookup", () => {
      const button = addButton(document, "lookup-ohif", "Open OHIF study list", "lookup-result");
      button.setAttribute("href", "../ohif/");
      button.setAttribute("target", "_blank");
    });
  }
}

/** Returns what says in an address which study OHIF is to open. */
function query(study: Study, isDicomWeb: boolean): string {
  return isDicomWeb
    ? `StudyInstanceUIDs=${encodeURIComponent(study.MainDicomTags.StudyInstanceUID)}`
    : `url=../studies/${encodeURIComponent(study.ID)}/ohif-dicom-json`;
}

/** Lets the user choose a mode for the study of `query`. */
function choose($: Explorer, document: Document, query: string): void {
  const links = MODES.map(({ title, path }) => ({ title, href: `../ohif/${path}${query}` }));
  openDialog($, document, "study", DIALOG, TITLE, linkList(document, links));
}
