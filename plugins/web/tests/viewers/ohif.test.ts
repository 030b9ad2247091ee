import assert from "node:assert/strict";
import { test } from "node:test";
import { addButtons } from "../../src/viewers/ohif/buttons";
import { content, described, StandIn } from "./explorer";

const BUTTON = { href: "#", "data-role": "button", "data-icon": "search", "data-theme": "e" };

/** Returns Orthanc Explorer after the button of a study was clicked `times` times, and what a click did. */
function opened(isDicomWeb: boolean, times = 1) {
  const page = new StandIn("study", "study-info", "a/b");
  addButtons(page.$, page.document, isDicomWeb);
  const button = page.created("study");
  assert.ok(button);
  let clicked = { followed: true, heard: true };
  for (let time = 0; time < times; time += 1) {
    clicked = page.click(button);
  }
  return { page, button, clicked };
}

function links(page: StandIn): Record<string, string>[] {
  const [dialog] = page.dialogs;
  assert.ok(dialog);
  return [...content(dialog.options.blankContent).querySelectorAll("li a")].map(described);
}

test("a study has a button with the looks of Orthanc Explorer's own", () => {
  assert.deepEqual(described(opened(true).button), { id: "study-ohif", ...BUTTON, text: "Open OHIF viewer" });
});

test("a click asks Orthanc for the study and goes nowhere else", () => {
  const { page, clicked } = opened(true);
  assert.deepEqual(page.asked, ["../studies/a%2Fb"]);
  assert.deepEqual(clicked, { followed: false, heard: false });
});

test("the dialog has a link for each mode of OHIF, each in a window of its own", () => {
  const { page } = opened(true);
  const uid = "StudyInstanceUIDs=1.2%263";
  const link = (href: string, text: string) => ({
    href: `../ohif/${href}`,
    target: "_blank",
    rel: "close",
    text,
  });
  assert.deepEqual(links(page), [
    link(`viewer?${uid}`, "Basic viewer"),
    link(`viewer?hangingprotocolId=mprAnd3DVolumeViewport&${uid}`, "Volume rendering"),
    link(`tmtv?${uid}`, "Total metabolic tumor volume"),
    link(`segmentation?${uid}`, "Segmentation"),
    link(`microscopy?${uid}`, "Microscopy"),
  ]);
});

test("the list in the dialog gets the looks of Orthanc Explorer", () => {
  const [dialog] = opened(true).page.dialogs;
  assert.ok(dialog);
  const { blankContent, ...options } = dialog.options;
  const list = content(blankContent);
  assert.deepEqual(options, {
    mode: "blank",
    animate: false,
    headerText: "Open OHIF viewer",
    headerClose: true,
    forceInput: false,
    width: "100%",
  });
  assert.deepEqual(
    [list.tagName, list.getAttribute("data-role"), list.getAttribute("data-theme")],
    ["UL", "listview", "d"],
  );
  assert.deepEqual(
    [...list.children].map((one) => one.getAttribute("data-icon")),
    Array(5).fill("arrow-r"),
  );
});

test("without DICOMweb OHIF reads what the plugin tells of the study", () => {
  const { page } = opened(false);
  assert.equal(links(page)[0]?.href, "../ohif/viewer?url=../studies/the%20study/ohif-dicom-json");
});

test("each click opens the dialog at a new place on the page, and leaves no other there", () => {
  const { page } = opened(true, 2);
  const places = page.document.querySelectorAll("#study > #ohif-dialog");
  assert.equal(page.dialogs.length, 2);
  assert.deepEqual([...places], [page.dialogs[1]?.place]);
  assert.notEqual(page.dialogs[0]?.place, page.dialogs[1]?.place);
});

test("with DICOMweb the first page leads to the list of studies", () => {
  const page = new StandIn("lookup", "lookup-result");
  addButtons(page.$, page.document, true);
  assert.deepEqual(described(page.created("lookup")), {
    id: "lookup-ohif",
    ...BUTTON,
    href: "../ohif/",
    target: "_blank",
    text: "Open OHIF study list",
  });
});

test("without DICOMweb OHIF cannot list studies, and only a study has a button", () => {
  const page = new StandIn("lookup", "lookup-result");
  addButtons(page.$, page.document, false);
  assert.deepEqual(page.prepared, ["#study pagebeforecreate"]);
});
