import assert from "node:assert/strict";
import { test } from "node:test";
import { abandoned, placeOf, RequestError, Server } from "../../src/explorer/server/api";
import { tokensOf } from "../../src/explorer/shell/begin";
import { failure } from "../../src/explorer/shell/failure";
import { addressOf, Router, routeOf } from "../../src/explorer/shell/router";

test("places are found behind any prefix, and for any root", () => {
  assert.deepEqual(placeOf("https://host/pre/ui/app/index.html?x=1#/y", "../../"), {
    server: "https://host/pre/",
    pages: "https://host/pre/ui/app/",
    own: "https://host/pre/ui/api/",
  });
  assert.equal(placeOf("https://host/a/b/app/study?id=1", "../../../").server, "https://host/");
});

function serverOf(answer: () => Response | Promise<Response>) {
  const asked: { address: string; request: RequestInit }[] = [];
  const server = new Server(placeOf("http://host/ui/app/", "../../"), async (address, request) => {
    asked.push({ address, request });
    return answer();
  });
  return { server, asked };
}

test("requests have the user's headers, and answers are read as JSON or as they are", async () => {
  const { server, asked } = serverOf(() => Response.json({ a: 1 }));
  server.authorize({ token: "T" });
  assert.deepEqual(await server.post("tools/find", { Level: "Study" }), { a: 1 });
  assert.equal(asked[0]?.address, "http://host/tools/find");
  assert.deepEqual(asked[0]?.request.headers, { token: "T" });
  assert.equal(await serverOf(() => new Response("text")).server.get("x"), "text");
  assert.equal(await serverOf(() => new Response("")).server.get("x"), undefined);
  assert.equal(server.address("a", { b: "1 2", c: undefined }), "http://host/a?b=1+2");
});

test("what was begun before is asked for once, and told to whoever asks", async () => {
  const { server, asked } = serverOf(() => Response.json([1]));
  server.begin("tools/find", { Level: "Study" });
  assert.deepEqual(await server.post("tools/find", { Level: "Study" }), [1]);
  assert.equal(asked.length, 1);
  await server.post("tools/find", { Level: "Study" });
  assert.equal(asked.length, 2);
  const refused = serverOf(() => new Response("", { status: 403 })).server;
  refused.begin("tools/find", {});
  await assert.rejects(refused.post("tools/find", {}), { status: 403 });
});

test("a refusal says what Orthanc says", async () => {
  const { server } = serverOf(() => Response.json({ Message: "Bad", Details: "because" }, { status: 400 }));
  await assert.rejects(server.get("x"), (error: RequestError) => {
    assert.deepEqual([error.status, error.details], [400, "Bad: because"]);
    assert.equal(failure(error), "The server answers with status 400. (Bad: because)");
    return true;
  });
  await assert.rejects(serverOf(() => new Response("<html>", { status: 502 })).server.get("x"), {
    status: 502,
    details: "",
  });
});

test("no answer is told from a request that was given up", async () => {
  const lost = serverOf(() => Promise.reject(new TypeError("network")));
  await assert.rejects(lost.server.get("x"), { status: 0 });
  const left = serverOf(() => Promise.reject(new DOMException("", "AbortError")));
  await assert.rejects(left.server.get("x"), (error) => abandoned(error));
});

for (const status of [0, 401, 403, 404, 503, 507]) {
  test(`status ${status} is said in a sentence with a remedy`, () => {
    assert.match(failure(new RequestError(status, "x")), /^[A-Z].*\.$/);
  });
}

test("addresses of pages, today's and former ones", () => {
  const root = "http://host/ui/app/";
  assert.equal(routeOf(`${root}index.html`, root).page, "");
  assert.equal(routeOf(`${root}settings`, root).page, "settings");
  const old = routeOf(`${root}index.html#/filtered-studies?PatientID=1`, root);
  assert.deepEqual([old.page, old.query.get("PatientID")], ["filtered-studies", "1"]);
  assert.equal(addressOf(root, "", new URLSearchParams()), `${root}index.html`);
});

test("the router tells each step, and writes it into the history", () => {
  const steps: string[] = [];
  const around = {
    location: { href: "http://host/ui/app/" },
    history: {
      state: null,
      pushState: (_: unknown, __: string, to?: string | URL | null) => {
        around.location.href = String(to);
        steps.push(`push ${to}`);
      },
      replaceState: (_: unknown, __: string, to?: string | URL | null) => {
        around.location.href = String(to);
        steps.push(`replace ${to}`);
      },
    },
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
  const router = new Router(around, "http://host/ui/app/");
  const told: string[] = [];
  const stop = router.listen((route) => told.push(route.page));
  router.go("jobs");
  router.go("jobs");
  router.go("settings", new URLSearchParams({ a: "1" }), true);
  stop();
  router.go("");
  assert.deepEqual(told, ["jobs", "jobs", "settings"]);
  assert.deepEqual(steps, [
    "push http://host/ui/app/jobs",
    "replace http://host/ui/app/settings?a=1",
    "push http://host/ui/app/index.html",
  ]);
});

test("a token in the address is kept for the next page", () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
  assert.deepEqual(tokensOf(new URLSearchParams("token=T"), storage), { token: "T" });
  assert.deepEqual(tokensOf(new URLSearchParams(), storage), { token: "T" });
  assert.deepEqual(tokensOf(new URLSearchParams("token="), storage), {});
});
