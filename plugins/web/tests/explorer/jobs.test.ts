import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestError } from "../../src/explorer/server/api";
import type { Job } from "../../src/explorer/server/types";
import { jobsOf } from "../../src/explorer/shell/jobs";

/** A server whose jobs are in these states; an error is its refusal. */
function world(states: Record<string, Job["State"] | RequestError>, most: unknown = 3) {
  const kept = new Map<string, string>();
  const asked: string[] = [];
  const server = {
    get: async <T>(route: string): Promise<T> => {
      const id = route.replace("jobs/", "");
      asked.push(id);
      const state = states[id];
      if (state instanceof Error) {
        throw state;
      }
      return { ID: id, State: state, Progress: 50 } as T;
    },
  };
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
  return { states, asked, make: () => jobsOf(server, storage, most) };
}

const ids = (all: readonly { readonly id: string }[]): string[] => all.map(({ id }) => id);

test("the newest jobs come first, each once, and no more than wanted", () => {
  const jobs = world({}).make();
  for (const id of ["a", "b", "b", "c", "d"]) {
    jobs.add(id);
  }
  assert.deepEqual(ids(jobs.all), ["d", "c", "b"]);
  const none = world({}, 0).make();
  none.add("a");
  assert.deepEqual(none.all, []);
});

test("jobs that have ended are not asked for again, and can be cleared", async () => {
  const there = world({ a: "Success", b: "Running" });
  const jobs = there.make();
  jobs.add("a");
  jobs.add("b");
  await jobs.look();
  await jobs.look();
  assert.deepEqual(there.asked, ["b", "a", "b"]);
  jobs.clear();
  assert.deepEqual(ids(jobs.all), ["b"]);
});

test("jobs that the server does not know are forgotten; without an answer they stay", async () => {
  const there = world({ a: new RequestError(404, "x"), b: new RequestError(0, "x") });
  const jobs = there.make();
  jobs.add("a");
  jobs.add("b");
  await jobs.look();
  assert.deepEqual(ids(jobs.all), ["b"]);
});

test("a page that is loaded again still has them, and listeners are told of changes", () => {
  const there = world({});
  there.make().add("a");
  const jobs = there.make();
  assert.deepEqual(ids(jobs.all), ["a"]);
  const told: number[] = [];
  const stop = jobs.listen((mine) => told.push(mine.length));
  jobs.add("b");
  jobs.tell({ ID: "b", State: "Success" } as Job);
  stop();
  jobs.clear();
  assert.deepEqual(told, [2, 2]);
  assert.deepEqual(ids(jobs.all), ["a"]);
});
