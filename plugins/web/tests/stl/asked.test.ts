import assert from "node:assert/strict";
import { test } from "node:test";
import { headersOf, routeOf, viewerOf } from "../../src/stl/asked";

test("the name of the page is that of the viewer", () => {
  assert.equal(viewerOf("/prefix/stl/app/three.html"), "three");
  assert.equal(viewerOf("/stl/app/o3dv.html"), "o3dv");
});

test("an instance is named by its Orthanc identifier, and by nothing else", () => {
  assert.equal(routeOf(new URLSearchParams("instance=0a-1b")), "instances/0a-1b/stl");
  for (const query of ["", "instance=", "instance=../x", "instance=a%2Fb", "other=0a"]) {
    assert.equal(routeOf(new URLSearchParams(query)), null);
  }
});

test("a token in the address is a bearer token", () => {
  const kept = { "auth-token": "old" };
  assert.deepEqual(headersOf(new URLSearchParams("token=T"), kept), { Authorization: "Bearer T" });
  assert.deepEqual(headersOf(new URLSearchParams(""), kept), kept);
});
