/** The pages of both viewers of 3D models: three.html and o3dv.html. */
import { placeOf, Server } from "../explorer/server/api";
import { speakAs, tokensOf } from "../explorer/shell/begin";
import { failure } from "../explorer/shell/failure";
import { t } from "../explorer/texts/texts";
import { headersOf, routeOf, viewerOf } from "./asked";
import "../explorer/main.css";
import "./page.css";

function say(root: HTMLElement, role: "status" | "alert", text: string): void {
  const paragraph = document.createElement("p");
  paragraph.setAttribute("role", role);
  paragraph.textContent = text;
  root.replaceChildren(paragraph);
}

async function main(root: HTMLElement): Promise<void> {
  const query = new URLSearchParams(location.search);
  const server = new Server(placeOf(location.href, "../../"), (address, request) => fetch(address, request));
  server.authorize(headersOf(query, tokensOf(new URLSearchParams(), localStorage)));
  await speakAs(window, null, []);
  document.title = t("viewer.stl");
  const route = routeOf(query);
  if (route === null) {
    say(root, "alert", t("stl.noInstance"));
    return;
  }
  say(root, "status", t("loading"));
  let model: Blob;
  try {
    model = await server.blob(route);
  } catch (error) {
    say(root, "alert", failure(error));
    return;
  }
  try {
    const { show } = await (viewerOf(location.pathname) === "three" ? import("./three") : import("./o3dv"));
    await show(model, root);
    root.dataset.shown = "true";
  } catch (error) {
    say(root, "alert", `${t("stl.notShown")} (${failure(error)})`);
  }
}

const root = document.getElementById("root");
if (root) {
  void main(root);
}
