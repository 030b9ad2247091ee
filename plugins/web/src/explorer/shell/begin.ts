/** What is done before the first page: who the user is, what the server can do, and which language is spoken. */
import { filtersOf } from "../list/query";
import { pageRequest, waitsForSearch } from "../list/source";
import type { Server } from "../server/api";
import { RequestError } from "../server/api";
import type { Configuration, Keycloak, Modality, Statistics, System, UiOptions } from "../server/types";
import { choose, LANGUAGES, language, speak } from "../texts/texts";
import type { Start } from "./app";
import { Router, routeOf } from "./router";
import { LANGUAGE_KEY } from "./side";

/** Tokens that come in the address, and are sent as headers of the same names. */
const TOKENS = ["token", "auth-token", "authorization"] as const;

/** Returns what is there for the pages. What a user may not read is as if there were none of it. */
export async function begin(server: Server, around: Window): Promise<Start> {
  const before = await server.get<{ Keycloak: Keycloak | null }>(
    new URL("pre-login-configuration", server.place.own).href,
  );
  let account: Start["account"] = null;
  if (before.Keycloak) {
    const { login } = await import("./keycloak");
    account = await login(server, before.Keycloak);
  } else {
    server.authorize(tokensOf(new URLSearchParams(around.location.search), around.localStorage));
  }
  const [configuration, system] = await Promise.all([
    server.get<Configuration>(new URL("configuration", server.place.own).href),
    server.get<System>("system"),
  ]);
  const options = configuration.UiOptions;
  const { document } = around;
  document.title = configuration.CustomTitle ?? "Orthanc";
  beginList(server, around.location.href, options, system);
  // What no page will show is not asked for: the server may refuse it to this user.
  const any = (...names: readonly string[]): boolean => names.some((one) => options[one] === true);
  const [statistics, modalities, peers, dicomWebServers] = await Promise.all([
    any("EnableStudyList", "EnableSettings") ? optional(server.get<Statistics>("statistics"), null) : null,
    any("EnableDicomModalities", "EnableSendTo", "EnableSettings")
      ? optional(server.get<Record<string, Modality>>("modalities?expand"), {})
      : {},
    any("EnableSendTo", "EnableSettings") ? optional(server.get<string[]>("peers"), []) : [],
    any("EnableDicomWebServers", "EnableSendTo") && configuration.Plugins["dicom-web"]?.Enabled
      ? optional(server.get<string[]>("dicom-web/servers"), [])
      : [],
    speakAs(around, options.DefaultLanguage, options.AvailableLanguages),
  ]);
  return {
    server,
    router: new Router(around, server.place.pages),
    configuration,
    system,
    statistics,
    modalities,
    peers,
    dicomWebServers,
    account,
  };
}

/** Asks for the first studies where the list is what will be shown, while the rest is on its way. */
function beginList(server: Server, address: string, options: UiOptions, system: System): void {
  const { page, query } = routeOf(address, server.place.pages);
  const filters = filtersOf(query);
  const isList = (page === "" || page === "filtered-studies") && filters.source.type === "local";
  if (isList && options.EnableStudyList === true && !waitsForSearch(filters, options)) {
    server.begin("tools/find", pageRequest(filters, options, system, 0));
  }
}

/** Speaks the user's language, of those that are available; of all, where none is named. */
export async function speakAs(
  around: Window,
  configured: string | null,
  available: readonly string[],
): Promise<void> {
  const all = available.length > 0 ? available : Object.keys(LANGUAGES);
  await speak(choose(around.localStorage.getItem(LANGUAGE_KEY), configured, around.navigator.languages, all));
  around.document.documentElement.lang = language();
}

/** Returns the headers for tokens in the address, which are kept for the next page, or that were kept. */
export function tokensOf(
  query: URLSearchParams,
  kept: Pick<Storage, "getItem" | "setItem">,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of TOKENS) {
    const given = query.get(name);
    if (given !== null) {
      kept.setItem(name, given);
    }
    const value = given ?? kept.getItem(name);
    if (value !== null && value !== "") {
      headers[name] = value;
    }
  }
  return headers;
}

async function optional<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof RequestError && error.status !== 0) {
      return otherwise;
    }
    throw error;
  }
}
