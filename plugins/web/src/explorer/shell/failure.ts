/** What went wrong, in the user's language. */
import { RequestError } from "../server/api";
import { t } from "../texts/texts";

/** Returns a sentence that says what went wrong and what to do. */
export function failure(error: unknown): string {
  if (!(error instanceof RequestError)) {
    return error instanceof Error ? error.message : String(error);
  }
  const said = error.details === "" ? "" : ` (${error.details})`;
  switch (error.status) {
    case 0:
      return t("failure.noAnswer");
    case 401:
      return t("failure.login");
    case 403:
      return t("failure.forbidden");
    case 404:
      return t("failure.gone");
    case 503:
      return t("failure.busy") + said;
    case 507:
      return t("failure.full") + said;
    default:
      return t("failure.status", { status: error.status }) + said;
  }
}
