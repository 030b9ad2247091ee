/** The page of Tcia. */
import { render } from "preact";
import { placeOf, Server } from "../explorer/server/api";
import { speakAs, tokensOf } from "../explorer/shell/begin";
import { t } from "../explorer/texts/texts";
import { Page } from "./page";
import "../explorer/main.css";
import "./page.css";

async function main(root: HTMLElement): Promise<void> {
  const server = new Server(placeOf(location.href, "../../"), (address, request) => fetch(address, request));
  server.authorize(tokensOf(new URLSearchParams(location.search), localStorage));
  await speakAs(window, null, []);
  document.title = t("tcia.title");
  render(<Page server={server} />, root);
}

const root = document.getElementById("root");
if (root) {
  void main(root);
}
