/** What is done before the first page: who the user is, what the server can do, and which language is spoken. */
import type { ListOptions } from "../list/query";
import { filtersOf } from "../list/query";
import { hasExtendedFind, pageRequest, showsRecent, waitsForSearch } from "../list/source";
import type { Server } from "../server/api";
import { RequestError } from "../server/api";
import type { Configuration, Keycloak, Modality, Statistics, System, UiOptions } from "../server/types";
import { choose, LANGUAGES, language, speak } from "../texts/texts";
import type { Start } from "./app";
import type { Later } from "./context";
import { jobsOf } from "./jobs";
import { Router, routeOf } from "./router";
import { LANGUAGE_KEY } from "./side";

/** Tokens that come in the address, and are sent as headers of the same names. */
const TOKENS = ["token", "auth-token", "authorization"] as const;

/** What the server writes into the page, so that the first list can be asked for before anything else is known. */
export interface Hints {
  /** Whether users log in at Keycloak. */
  readonly Login: boolean;
  /** Whether what a user may do is known only from api/configuration. */
  readonly Profiles: boolean;
  readonly HasExtendedFind: boolean;
  readonly UiOptions: ListOptions &
    Pick<UiOptions, "DefaultLanguage" | "AvailableLanguages"> & { readonly EnableStudyList: boolean };
}

/** Returns the hints of a page, if it has any. */
export function hintsOf(page: HTMLElement): Hints | null {
  const text = page.dataset.hints;
  return text ? (JSON.parse(text) as Hints) : null;
}

/** Returns what is there for the pages. What a user may not read is as if there were none of it. */
export async function begin(server: Server, around: Window, hints: Hints | null): Promise<Start> {
  const account = await enter(server, around, hints);
  if (hints && !hints.Profiles) {
    beginList(server, around.location.href, hints.UiOptions, hints.HasExtendedFind);
  }
  const asked = Promise.all([
    server.get<Configuration>(new URL("configuration", server.place.own).href),
    server.get<System>("system"),
  ]);
  const speaking = hints ? speakIn(around, hints.UiOptions) : null;
  const [configuration, system] = await asked;
  const options = configuration.UiOptions;
  // Links have it later, when the address has gone.
  const reused = configuration.AdvancedOptions.InstantLinksReuseTokenFromUri;
  const token = reused ? new URLSearchParams(around.location.search).get(reused) : null;
  if (reused && token !== null) {
    around.localStorage.setItem(reused, token);
  }
  around.document.title = configuration.CustomTitle ?? "Orthanc";
  const list = beginList(server, around.location.href, options, hasExtendedFind(system));
  const later = (): Promise<Later> => rest(server, configuration, list);
  const [known] = await Promise.all([list ? later : later(), speaking ?? speakIn(around, options)]);
  const router = new Router(around, server.place.pages);
  const jobs = jobsOf(server, around.sessionStorage, options.MaxMyJobsHistorySize);
  return { server, router, configuration, system, account, jobs, later: known };
}

/** Lets the user log in where that is necessary, or takes the tokens of the address. */
async function enter(server: Server, around: Window, hints: Hints | null): Promise<Start["account"]> {
  if (!hints || hints.Login) {
    const before = await server.get<{ Keycloak: Keycloak | null }>(
      new URL("pre-login-configuration", server.place.own).href,
    );
    if (before.Keycloak) {
      const { login } = await import("./keycloak");
      return login(server, before.Keycloak);
    }
  }
  server.authorize(tokensOf(new URLSearchParams(around.location.search), around.localStorage));
  return null;
}

/** Returns what the list does not need. What no page will show is not asked for: the server may refuse it to this user. */
async function rest(
  server: Server,
  configuration: Configuration,
  list: Promise<unknown> | null,
): Promise<Later> {
  const options = configuration.UiOptions;
  const any = (...names: readonly string[]): boolean => names.some((one) => options[one] === true);
  // An index that does one thing at a time is left to the list first.
  const counted = async (): Promise<Statistics | null> => {
    await list;
    return optional(server.get<Statistics>("statistics"), null);
  };
  const [statistics, modalities, peers, dicomWebServers] = await Promise.all([
    any("EnableStudyList", "EnableSettings") ? counted() : null,
    any("EnableDicomModalities", "EnableSendTo", "EnableSettings")
      ? optional(server.get<Record<string, Modality>>("modalities?expand"), {})
      : {},
    any("EnableSendTo", "EnableSettings") ? optional(server.get<string[]>("peers"), []) : [],
    any("EnableDicomWebServers", "EnableSendTo") && configuration.Plugins["dicom-web"]?.Enabled
      ? optional(server.get<string[]>("dicom-web/servers"), [])
      : [],
  ]);
  return { statistics, modalities, peers, dicomWebServers };
}

/** Asks for the first studies where the list is what will be shown, and returns when they have come; null for other pages. */
function beginList(
  server: Server,
  address: string,
  options: ListOptions & { readonly EnableStudyList?: unknown },
  extended: boolean,
): Promise<void> | null {
  const { page, query } = routeOf(address, server.place.pages);
  const filters = filtersOf(query);
  const isList = (page === "" || page === "filtered-studies") && filters.source.type === "local";
  if (!isList || options.EnableStudyList !== true) {
    return null;
  }
  return waitsForSearch(filters, options) || showsRecent(filters, options, extended)
    ? Promise.resolve()
    : server.begin("tools/find", pageRequest(filters, options, extended, 0));
}

function speakIn(
  around: Window,
  options: Pick<UiOptions, "DefaultLanguage" | "AvailableLanguages">,
): Promise<void> {
  return speakAs(around, options.DefaultLanguage, options.AvailableLanguages);
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
