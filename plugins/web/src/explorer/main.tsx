/** The pages at the address of Orthanc Explorer 2. */
import { render } from "preact";
import type { Before } from "./alone/alone";
import { Alone, isAlone } from "./alone/alone";
import { Problem } from "./parts/elements";
import { placeOf, Server } from "./server/api";
import { App } from "./shell/app";
import { begin, hintsOf, speakAs, tokensOf } from "./shell/begin";
import { failure } from "./shell/failure";
import { Router } from "./shell/router";
import "./main.css";

async function main(root: HTMLElement): Promise<void> {
  // How many folders the pages' root has is in the page that the server made, so that any Root works.
  const place = placeOf(location.href, document.documentElement.dataset.up ?? "../../");
  const server = new Server(place, (address, request) => fetch(address, request));
  const router = new Router(window, place.pages);
  const { page } = router.route;
  if (isAlone(page)) {
    await speakAs(window, null, []);
    // The token of a shared link is not the user's own: it is only looked at.
    if (page !== "token-landing.html") {
      server.authorize(tokensOf(new URLSearchParams(location.search), localStorage));
    }
    const before = await server.get<Before>(new URL("pre-login-configuration", place.own).href);
    render(<Alone page={page} server={server} router={router} before={before} />, root);
  } else {
    render(<App start={await begin(server, window, hintsOf(document.documentElement))} />, root);
  }
}

const root = document.getElementById("root");
if (root) {
  main(root).catch((error: unknown) =>
    render(<Problem text={failure(error)} onRetry={() => location.reload()} />, root),
  );
}
