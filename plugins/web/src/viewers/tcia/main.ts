import type { Explorer } from "../explorer";
import { addButtons } from "./buttons";

declare const $: Explorer;

addButtons($, document);
