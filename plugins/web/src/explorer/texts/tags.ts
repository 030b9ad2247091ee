/** The names of DICOM tags and columns in the user's language. */
import { columnKey } from "../list/columns";
import { t } from "./texts";

/** Returns how people call a tag: "Patient's name", or its keyword where there is no text for it or none is wanted. */
export function tagName(keyword: string, translate: boolean): string {
  const key = columnKey(keyword);
  return key !== null && (translate || /^[a-z]/.test(keyword)) ? t(key) : keyword;
}
