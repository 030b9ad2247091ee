/** The pages at the address of Orthanc Explorer 2. */
import { render } from "preact";
import { Problem } from "./parts/elements";
import { placeOf, Server } from "./server/api";
import { App } from "./shell/app";
import { begin } from "./shell/begin";
import { failure } from "./shell/failure";
import "./main.css";

const root = document.getElementById("root");
if (root) {
  // How many folders the pages' root has is in the page that the server made, so that any Root works.
  const up = document.documentElement.dataset.up ?? "../../";
  const place = placeOf(location.href, up);
  const server = new Server(place, (address, request) => fetch(address, request));
  begin(server, window)
    .then((start) => render(<App start={start} />, root))
    .catch((error: unknown) =>
      render(<Problem text={failure(error)} onRetry={() => location.reload()} />, root),
    );
}
