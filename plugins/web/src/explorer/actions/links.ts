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

/** Returns an address with a token; Weasis takes it as a header. */
export function withToken(address: string, token: string): string {
  if (address.startsWith("weasis:")) {
    return address + encodeURIComponent(` -H "Authorization: Bearer ${token}"`);
  }
  return `${address}${address.includes("?") ? "&" : "?"}token=${encodeURIComponent(token)}`;
}

/** Returns the name that an answer gives its file, or the address for it, or that ends the address. */
export function savedAs(address: string, disposition: string | null): string {
  const { pathname, searchParams } = new URL(address);
  const said = /filename="?([^";]+)"?/.exec(disposition ?? "")?.[1];
  return searchParams.get("filename") ?? said ?? pathname.split("/").at(-1) ?? "";
}

/** Downloads a file with the headers of the user, which a link would not send. */
async function save(world: World, address: string): Promise<void> {
  try {
    const answer = await world.server.send("GET", address, undefined);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = savedAs(address, answer.headers.get("Content-Disposition"));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    world.report(t("download.failed"), error);
  }
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
  const { RequiredForLinks, InstantLinksValidity } = world.configuration.Tokens;
  const { DownloadInstantLinksUseRestApiWithAuthHeaders, InstantLinksReuseTokenFromUri } =
    world.configuration.AdvancedOptions;
  if (kind === "download-instant-link" && DownloadInstantLinksUseRestApiWithAuthHeaders === true) {
    await save(world, address);
    return;
  }
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
  if (!RequiredForLinks) {
    const reused = InstantLinksReuseTokenFromUri ? localStorage.getItem(InstantLinksReuseTokenFromUri) : null;
    go(reused === null ? address : withToken(address, reused));
    return;
  }
  try {
    const token = await world.server.put<Token>(`auth/tokens/${kind}`, {
      Resources: studiesOf(resources, level),
      Type: kind,
      ValidityDuration: InstantLinksValidity,
    });
    go(token.Url ?? withToken(address, token.Token));
  } catch (error) {
    opened?.close();
    world.report(
      t("link.failed"),
      error instanceof RequestError ? error : new RequestError(0, String(error)),
    );
  }
}
