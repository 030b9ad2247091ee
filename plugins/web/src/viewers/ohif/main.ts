import type { Explorer } from "../explorer";
import { addButtons } from "./buttons";

declare const $: Explorer;

/** The plugin writes true or false in its place. */
declare const IS_DICOM_WEB: boolean;

addButtons($, document, IS_DICOM_WEB);
