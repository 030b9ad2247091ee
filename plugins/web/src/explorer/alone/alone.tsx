/** Pages that need no account: where a shared link leads, opening a study from elsewhere, and the inbox. */
import type { VNode } from "preact";
import { lazy, Suspense } from "preact/compat";
import { Waiting } from "../parts/elements";
import type { Server } from "../server/api";
import type { Keycloak } from "../server/types";
import type { Router } from "../shell/router";

/** GET api/pre-login-configuration. */
export interface Before {
  readonly Keycloak: Keycloak | null;
  readonly TokensLandingOptions: readonly LandingOption[] | null;
  readonly Inbox: Inbox | null;
}

/** OrthancExplorer2.Tokens.LandingOptions. */
export interface LandingOption {
  readonly Type: "open-viewer-button" | "download-study" | "custom";
  readonly Id?: string;
  readonly Title?: string;
  readonly Url?: string;
  readonly EnableForMultipleResources?: boolean;
}

/** OrthancExplorer2.Inbox. */
export interface Inbox {
  readonly EnableAnonymousAccess?: boolean;
  readonly Title: string;
  readonly IntroTextHtml: string;
  readonly SuccessTextHtml: string;
  readonly FailureTextHtml: string;
  readonly CommitUrl?: string;
  readonly FormValidationUrl?: string;
  readonly ProcessingMonitoringUrl?: string;
  readonly FormFields?: readonly FormField[];
}

export interface FormField {
  readonly Type: "Text" | "Choice" | "UserGroupsChoice" | "MultilineText" | "File";
  readonly Id: string;
  readonly Title?: string;
  readonly Placeholder?: string;
  readonly Choices?: readonly string[];
}

export interface AloneProps {
  readonly server: Server;
  readonly router: Router;
  readonly before: Before;
}

const pages = (): Promise<typeof import("../pages/pages")> => import("../pages/pages");

const PAGES = {
  "token-landing.html": lazy(() => pages().then((all) => ({ default: all.Landing }))),
  "retrieve-and-view.html": lazy(() => pages().then((all) => ({ default: all.Retrieve }))),
  "inbox.html": lazy(() => pages().then((all) => ({ default: all.InboxPage }))),
} as const;

/** Tells whether a page stands alone. */
export function isAlone(page: string): page is keyof typeof PAGES {
  return page in PAGES;
}

export function Alone(props: AloneProps & { readonly page: keyof typeof PAGES }): VNode {
  const Page = PAGES[props.page];
  return (
    <main id="main" class="alone">
      <Suspense fallback={<Waiting />}>
        <Page server={props.server} router={props.router} before={props.before} />
      </Suspense>
    </main>
  );
}
