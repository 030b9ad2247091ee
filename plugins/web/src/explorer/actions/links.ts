/** Links that leave the pages, with a token where the server wants one. */
import type { Json } from "../server/api";
import { RequestError } from "../server/api";
import type { Level, Resource } from "../server/types";
import type { World } from "../shell/context";
import { t } from "../texts/texts";

/** The answer of PUT /auth/tokens/…. */
interface Token {
  readonly Token: string;
  readonly Url?: string | null;
}

/** Returns the studies that the resources are of, each once, as tokens are asked for. */
export function studiesOf(resources: readonly Resource[], level: Level): Json[] {
  const studies = new Map<string, Json>();
  for (const one of resources) {
    const OrthancId = level === "Study" ? one.ID : (one.ParentStudy ?? one.ID);
    studies.set(OrthancId, { OrthancId, DicomUid: one.MainDicomTags.StudyInstanceUID ?? "", Level: "study" });
  }
  return [...studies.values()];
}

/** Opens an address in a window, with a token of this kind in it where links need one. */
export async function openWithToken(
  world: World,
  kind: string,
  resources: readonly Resource[],
  level: Level,
  address: string,
  target: "_blank" | "_self",
): Promise<void> {
  // A window that is opened later, when the token has come, would be taken for a pop-up.
  const opened = target === "_blank" ? window.open("about:blank", "_blank") : null;
  const go = (to: string): void => {
    if (opened) {
      opened.opener = null;
      opened.location.replace(to);
    } else {
      location.assign(to);
    }
  };
  if (!world.configuration.Tokens.RequiredForLinks) {
    go(address);
    return;
  }
  try {
    const token = await world.server.put<Token>(`auth/tokens/${kind}`, {
      Resources: studiesOf(resources, level),
      Type: kind,
      ValidityDuration: world.configuration.Tokens.InstantLinksValidity,
    });
    go(token.Url ?? `${address}${address.includes("?") ? "&" : "?"}token=${encodeURIComponent(token.Token)}`);
  } catch (error) {
    opened?.close();
    world.report(
      t("link.failed"),
      error instanceof RequestError ? error : new RequestError(0, String(error)),
    );
  }
}
