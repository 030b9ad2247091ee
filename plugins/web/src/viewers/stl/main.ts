import { RequestError, Server } from "../../explorer/server/api";
import type { Explorer } from "../explorer";
import { addButtons } from "./buttons";

declare const $: Explorer;

/** The plugin writes true or false in the place of each. */
declare const IS_NIFTI_ENABLED: boolean;
declare const IS_NEXUS_ENABLED: boolean;

const up = new URL("../", location.href.replace(/[?#].*$/, "")).href;

addButtons({
  $,
  document,
  server: new Server({ server: up, pages: up, own: up }, (address, request) => fetch(address, request)),
  options: { nifti: IS_NIFTI_ENABLED, nexus: IS_NEXUS_ENABLED },
  go: (address) => location.assign(address),
  because: (error) =>
    error instanceof RequestError && error.details !== "" ? error.details : "The server does not answer.",
});
