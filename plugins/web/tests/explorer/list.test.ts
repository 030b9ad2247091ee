import assert from "node:assert/strict";
import { test } from "node:test";
import { cell, columnKey, columnOf, layout } from "../../src/explorer/list/columns";
import { NONE } from "../../src/explorer/list/query";
import { Studies } from "../../src/explorer/list/source";
import { Cache, HIGHEST, viewOf } from "../../src/explorer/list/window";
import { Server } from "../../src/explorer/server/api";
import type { Resource, System } from "../../src/explorer/server/types";
import { options } from "./world";

const PLACE = { server: "http://host/", pages: "http://host/ui/app/", own: "http://host/ui/api/" };

test("a bounded number of rows is drawn, however long the list is", () => {
  for (const total of [0, 1, 20, 1000, 1_000_000]) {
    for (const part of [0, 0.1, 0.5, 0.999, 1]) {
      const height = Math.min(total * 40, HIGHEST);
      const view = viewOf(total, 40, part * Math.max(0, height - 600), 600);
      assert.ok(view.count <= 31, `${total} ${part}: ${view.count}`);
      assert.ok(view.first >= 0 && view.first + view.count <= total);
      assert.ok(view.height <= HIGHEST);
    }
  }
});

test("the first and the last row can be reached", () => {
  const start = viewOf(1_000_000, 40, 0, 600);
  assert.deepEqual([start.first, start.count], [0, 23]);
  const end = viewOf(1_000_000, 40, HIGHEST - 600, 600);
  assert.equal(end.first + end.count, 1_000_000);
  const short = viewOf(10, 40, 0, 600);
  assert.deepEqual([short.first, short.count, short.offset, short.height], [0, 10, 0, 400]);
});

test("what was looked at long ago is forgotten", () => {
  const cache = new Cache<number>(10, 3);
  for (const page of [0, 1, 2, 3]) {
    cache.put(page, [page * 10, page * 10 + 1]);
  }
  assert.equal(cache.get(0), undefined);
  assert.equal(cache.get(31), 31);
  assert.deepEqual(cache.missing(5, 20), [0]);
});

function study(id: string, tags: Record<string, string> = {}): Resource {
  return { ID: id, Type: "Study", MainDicomTags: tags };
}

/** A server that has some studies; it says what it is asked for. */
function listOf(total: number, extended: boolean) {
  const asked: { route: string; body: Record<string, unknown>; signal: AbortSignal | null | undefined }[] =
    [];
  const server = new Server(PLACE, async (address, request) => {
    const body = JSON.parse(String(request.body)) as Record<string, unknown>;
    asked.push({ route: new URL(address).pathname, body, signal: request.signal });
    if (address.endsWith("count-resources")) {
      return Response.json({ Count: total });
    }
    const since = Number(body.Since ?? 0);
    const count = Math.max(0, Math.min(total - since, Number(body.Limit)));
    return Response.json(Array.from({ length: count }, (_, index) => study(`study ${since + index}`)));
  });
  let told = 0;
  const system = { Capabilities: { HasExtendedFind: extended } } as System;
  const list = new Studies(server, system, options, NONE, () => {
    told += 1;
  });
  return { list, asked, told: () => told };
}

test("a list counts its studies, and asks for what is looked at only", async () => {
  const { list, asked } = listOf(1000, true);
  await list.start();
  assert.deepEqual([list.state.total, list.state.loading, list.state.more], [1000, false, false]);
  assert.equal(list.cache.get(49)?.ID, "study 49");
  list.want(120, 20);
  list.want(120, 20);
  await new Promise((later) => setTimeout(later, 5));
  assert.equal(list.cache.get(125)?.ID, "study 125");
  assert.equal(asked.filter((one) => one.route === "/tools/find").length, 2);
});

test("what fits on one page is counted already", async () => {
  const { list, asked } = listOf(20, true);
  await list.start();
  assert.deepEqual([list.state.total, list.state.counting, asked.length], [20, false, 1]);
});

test("without an index that can page, the list says that there are more", async () => {
  const { list, asked } = listOf(1000, false);
  await list.start();
  assert.deepEqual([list.state.total, list.state.more], [100, true]);
  assert.deepEqual(
    asked.map((one) => one.route),
    ["/tools/find"],
  );
});

test("the newest studies are found in the log of changes, where the index cannot put them in order", async () => {
  const log = [
    { Seq: 1, ChangeType: "NewStudy", ID: "old" },
    { Seq: 1500, ChangeType: "NewInstance", ID: "image" },
    { Seq: 1600, ChangeType: "NewStudy", ID: "gone" },
    { Seq: 1700, ChangeType: "NewStudy", ID: "new" },
    { Seq: 2000, ChangeType: "StableStudy", ID: "old" },
    { Seq: 2400, ChangeType: "NewSeries", ID: "series" },
  ];
  const asked: string[] = [];
  const server = new Server(PLACE, async (address) => {
    const { pathname, search, searchParams } = new URL(address);
    asked.push(pathname + search);
    if (pathname === "/changes") {
      const since = Number(searchParams.get("since"));
      const last = search === "?last";
      const some = log.filter(({ Seq }) => Seq > since).slice(0, Number(searchParams.get("limit")));
      return Response.json({ Changes: last ? log.slice(-1) : some, Last: last ? 2400 : 0 });
    }
    const id = pathname.replace("/studies/", "");
    return id === "gone" ? new Response("{}", { status: 404 }) : Response.json(study(id));
  });
  const ui = { ...options, StudyListContentIfNoSearch: "most-recents" };
  const list = new Studies(server, {} as System, ui, NONE, () => undefined);
  await list.start();
  assert.deepEqual(
    [0, 1, 2].map((at) => list.cache.get(at)?.ID),
    ["old", "new", undefined],
  );
  assert.deepEqual([list.state.total, list.state.more], [2, false]);
  assert.deepEqual(asked.slice(0, 4), [
    "/changes?last",
    "/changes?since=1400&limit=1000",
    "/changes?since=400&limit=1000",
    "/changes?since=0&limit=400",
  ]);
  assert.ok(asked[4]?.startsWith("/studies/old?requested-tags=ModalitiesInStudy;"));
  // A search is a search.
  const searched = new Studies(
    server,
    {} as System,
    ui,
    { ...NONE, tags: { PatientID: "x" } },
    () => undefined,
  );
  await searched.start();
  assert.equal(asked.at(-1), "/tools/find");
});

test("a list that is left gives its requests up, and that is no error", async () => {
  const { list, asked } = listOf(10, true);
  const begun = list.start();
  list.stop();
  assert.ok(asked.every((one) => one.signal?.aborted));
  await begun;
  assert.equal(list.state.error, null);
});

test("a list that fails says so", async () => {
  const server = new Server(PLACE, async () => new Response("{}", { status: 500 }));
  const list = new Studies(server, {} as System, options, NONE, () => undefined);
  await list.start();
  assert.equal((list.state.error as Error).name, "RequestError");
});

test("cells show names, dates and counts as people read them", () => {
  const one = study("x", {
    PatientName: "Yamada^Tarou=山田^太郎",
    StudyDate: "20261128",
    ModalitiesInStudy: "CT\\MR",
    NumberOfStudyRelatedSeries: "2",
    NumberOfStudyRelatedInstances: "80",
  });
  const shown = (name: string, format = "dd/MM/yyyy"): string =>
    cell(one, columnOf(name), { ...options, DateFormat: format }, "en");
  assert.equal(shown("PatientName"), "Yamada, Tarou · 山田, 太郎");
  assert.equal(shown("StudyDate"), "28/11/2026");
  assert.equal(shown("modalities"), "CT, MR");
  assert.equal(shown("seriesAndInstancesCount"), "2/80");
  assert.equal(shown("seriesCount"), "2");
  assert.equal(shown("instancesCount"), "80");
  assert.equal(shown("StudyDescription"), "");
});

test("each column of the defaults has a name in the user's language", () => {
  for (const column of options.StudyListColumns) {
    assert.notEqual(columnKey(column), null, column);
  }
});

test("a table is as wide as its columns need at least", () => {
  const [grid, least] = layout([columnOf("PatientName"), columnOf("modalities")], 2, 3);
  assert.equal(grid, "2rem minmax(8rem, 2fr) minmax(5.8rem, 0.5fr) 3rem");
  assert.equal(least, "22rem");
});
