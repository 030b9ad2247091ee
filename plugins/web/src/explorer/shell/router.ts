/** Which page an address shows, and how to get to another. */

/** A page and its arguments. */
export interface Route {
  /** What comes after the pages' root, such as "filtered-studies"; "" for the list. */
  readonly page: string;
  readonly query: URLSearchParams;
}

/** Returns the route of an address. What was written with # before OrthancExplorer2 1.13 is understood too. */
export function routeOf(address: string, root: string): Route {
  const url = new URL(address);
  const rest = url.href.slice(root.length).replace(/[?#].*$/, "");
  const old = /^#\/([^?]*)\??(.*)$/.exec(url.hash);
  const page = old ? (old[1] ?? "") : rest;
  const query = new URLSearchParams(old ? (old[2] ?? "") : url.search);
  return { page: page === "index.html" ? "" : page.replace(/\/$/, ""), query };
}

/** The address of a route. */
export function addressOf(
  root: string,
  page: string,
  query: URLSearchParams = new URLSearchParams(),
): string {
  const text = query.toString();
  return `${root}${page === "" ? "index.html" : page}${text === "" ? "" : `?${text}`}`;
}

/** The parts of a window that a router needs. */
export interface Surroundings {
  readonly location: { readonly href: string };
  readonly history: Pick<History, "pushState" | "replaceState" | "state">;
  addEventListener(event: "popstate", handler: () => void): void;
  removeEventListener(event: "popstate", handler: () => void): void;
}

/** Goes from page to page without loading the program again. */
export class Router {
  private readonly listeners = new Set<(route: Route) => void>();

  constructor(
    private readonly around: Surroundings,
    readonly root: string,
  ) {
    around.addEventListener("popstate", () => this.tell());
  }

  /** Where the user is. */
  get route(): Route {
    return routeOf(this.around.location.href, this.root);
  }

  /** Goes to a page, as a new step of the history, or in place of the present one. */
  go(page: string, query?: URLSearchParams, replace = false): void {
    const address = addressOf(this.root, page, query);
    if (address !== this.around.location.href) {
      this.around.history[replace ? "replaceState" : "pushState"](null, "", address);
    }
    this.tell();
  }

  /** Calls `listener` at each step until the function that is returned is called. */
  listen(listener: (route: Route) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(): void {
    const route = this.route;
    for (const listener of this.listeners) {
      listener(route);
    }
  }
}
