import assert from "node:assert/strict";
import { test } from "node:test";
import type { Filters } from "../../src/explorer/list/query";
import {
  countRequest,
  filtersOf,
  findRequest,
  NONE,
  ordersOf,
  orderText,
  queryOf,
  requestedTags,
  typed,
  unfiltered,
  wildcards,
} from "../../src/explorer/list/query";
import { options } from "./world";

test("filters in an address come back as they were", () => {
  const text =
    "PatientName=*DOE*&ModalitiesInStudy=CT%5CMR&labels=a%2Cb&labels-constraint=Any&order-by=DicomTag%2CStudyDate%2CDESC" +
    "&source-type=dicom&remote-source=pacs";
  const filters = filtersOf(new URLSearchParams(text));
  assert.deepEqual(filters, {
    tags: { PatientName: "*DOE*", ModalitiesInStudy: "CT\\MR" },
    labels: ["a", "b"],
    constraint: "Any",
    withoutLabels: false,
    order: [{ type: "DicomTag", key: "StudyDate", descending: true }],
    source: { type: "dicom", name: "pacs" },
  } satisfies Filters);
  assert.equal(queryOf(filters).toString(), text);
});

test("what is no filter is not taken for one", () => {
  assert.deepEqual(
    filtersOf(new URLSearchParams("token=x&forceRefresh=1&PatientID=&labels-constraint=Odd")),
    NONE,
  );
  assert.equal(queryOf(NONE).toString(), "");
  assert.ok(unfiltered(NONE));
  assert.ok(!unfiltered({ ...NONE, withoutLabels: true }));
});

test("orders are read as Orthanc Explorer 2 writes them, and odd ones left out", () => {
  const orders = ordersOf("Metadata,LastUpdate,DESC; DicomTag,PatientName,ASC;odd;Other,,ASC");
  assert.deepEqual(orders, [
    { type: "Metadata", key: "LastUpdate", descending: true },
    { type: "DicomTag", key: "PatientName", descending: false },
  ]);
  assert.equal(orderText(orders), "Metadata,LastUpdate,DESC;DicomTag,PatientName,ASC");
});

for (const [text, asked] of [
  ["doe", "*doe*"],
  ['"doe', "doe*"],
  ['doe"', "*doe"],
  ['"doe"', "doe"],
  ["d*e", "d*e"],
  [" ", ""],
] as const) {
  test(`typing ${text} asks for ${asked}, and is shown again`, () => {
    assert.equal(wildcards(text, true), asked);
    assert.equal(typed(asked, true), text.trim());
  });
}

test("without automatic wildcards a text is asked for as it is", () => {
  assert.equal(wildcards("doe", false), "doe");
  assert.equal(typed("*doe*", false), "*doe*");
});

test("a page of the list is asked for with order and offset where the index has them", () => {
  const filters = { ...NONE, tags: { PatientName: "*DOE*" }, labels: ["a"] };
  assert.deepEqual(findRequest(filters, options, true, 50, 50), {
    Level: "Study",
    Query: { PatientName: "*DOE*" },
    RequestedTags: [
      "ModalitiesInStudy",
      "NumberOfStudyRelatedSeries",
      "NumberOfStudyRelatedInstances",
      "SOPClassesInStudy",
    ],
    Expand: true,
    Limit: 50,
    Labels: ["a"],
    LabelsConstraint: "All",
    OrderBy: [{ Type: "Metadata", Key: "LastUpdate", Direction: "DESC" }],
    Since: 50,
  });
  const plain = findRequest({ ...NONE, withoutLabels: true }, options, false, 0, 101);
  assert.deepEqual(
    [plain.OrderBy, plain.Since, plain.Labels, plain.LabelsConstraint],
    [undefined, undefined, [], "None"],
  );
});

test("counting asks for the same studies", () => {
  assert.deepEqual(countRequest({ ...NONE, tags: { PatientID: "1" } }), {
    Level: "Study",
    Query: { PatientID: "1" },
  });
});

test("columns of counts need what Orthanc computes", () => {
  assert.deepEqual(requestedTags(["seriesCount"]), [
    "NumberOfStudyRelatedSeries",
    "ModalitiesInStudy",
    "SOPClassesInStudy",
  ]);
  assert.ok(requestedTags(["instancesCount"]).includes("NumberOfStudyRelatedInstances"));
});
