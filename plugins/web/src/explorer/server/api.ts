/** Calls of Orthanc's REST API, and of the plugin's own, from pages that lie in `<Root>app/`. */

/** Where Orthanc's API is, seen from the page. */
export interface Place {
  /** Orthanc's root, ending with a slash, such as "https://host/prefix/". */
  readonly server: string;
  /** The root of the pages, such as "https://host/prefix/ui/app/". */
  readonly pages: string;
  /** The plugin's own routes, such as "https://host/prefix/ui/api/". */
  readonly own: string;
}

/** Finds the places from the address of the page, whatever is before them (a reverse proxy), and however deep the root is. */
export function placeOf(address: string, up: string): Place {
  const pages = new URL(".", address.replace(/[?#].*$/, "")).href;
  return { pages, own: new URL("../api/", pages).href, server: new URL(up, pages).href };
}

/** What went wrong with a request, in words for people. */
export class RequestError extends Error {
  constructor(
    /** The status of HTTP; 0 when there was no answer. */
    readonly status: number,
    message: string,
    /** What the server says beside it. */
    readonly details = "",
  ) {
    super(message);
    this.name = "RequestError";
  }
}

/** The values that JSON can hold. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What a request may have. */
export interface Options {
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The part of `fetch` that is used here. */
export type Fetch = (address: string, request: RequestInit) => Promise<Response>;

/** Orthanc, as the pages call it. */
export class Server {
  private headers: Record<string, string> = {};
  private readonly begun = new Map<string, Promise<unknown>>();

  constructor(
    readonly place: Place,
    private readonly fetch: Fetch,
  ) {}

  /** Sends this header with each request from now on, such as a token. */
  authorize(headers: Readonly<Record<string, string>>): void {
    this.headers = { ...headers };
  }

  /** What is sent with each request. */
  authorization(): Readonly<Record<string, string>> {
    return this.headers;
  }

  /** The address of a route, such as "studies/ID/archive", for a link. */
  address(route: string, parameters: Readonly<Record<string, string | undefined>> = {}): string {
    const address = new URL(route, this.place.server);
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) {
        address.searchParams.set(name, value);
      }
    }
    return address.href;
  }

  get<T>(route: string, options: Options = {}): Promise<T> {
    return this.json<T>("GET", route, undefined, options);
  }

  post<T>(route: string, body: Json | object, options: Options = {}): Promise<T> {
    const text = JSON.stringify(body);
    const begun = this.begun.get(`${route} ${text}`);
    if (begun) {
      this.begun.delete(`${route} ${text}`);
      return begun as Promise<T>;
    }
    return this.json<T>("POST", route, text, options);
  }

  /** Begins a request that a page will make soon, once: the page then gets this answer. Returns when it has come. */
  async begin(route: string, body: Json | object): Promise<void> {
    const text = JSON.stringify(body);
    const answer = this.begun.get(`${route} ${text}`) ?? this.json<unknown>("POST", route, text, {});
    this.begun.set(`${route} ${text}`, answer);
    try {
      await answer;
    } catch {
      // Whoever asks for it learns of a failure.
    }
  }

  put<T>(route: string, body: Json | object | string, options: Options = {}): Promise<T> {
    return this.json<T>("PUT", route, typeof body === "string" ? body : JSON.stringify(body), options);
  }

  async remove(route: string, options: Options = {}): Promise<void> {
    await this.send("DELETE", route, undefined, options);
  }

  async text(route: string, options: Options = {}): Promise<string> {
    return (await this.send("GET", route, undefined, options)).text();
  }

  async blob(route: string, options: Options = {}): Promise<Blob> {
    return (await this.send("GET", route, undefined, options)).blob();
  }

  private async json<T>(
    method: string,
    route: string,
    body: string | undefined,
    options: Options,
  ): Promise<T> {
    const answer = await this.send(method, route, body, options);
    const text = await answer.text();
    if (text === "") {
      return undefined as T;
    }
    try {
      return JSON.parse(text) as T;
    } catch {
      return text as T;
    }
  }

  /** Makes a request; what is not an answer of success is a RequestError. `route` may be a whole address. */
  async send(
    method: string,
    route: string,
    body: BodyInit | undefined,
    options: Options = {},
  ): Promise<Response> {
    const address = new URL(route, this.place.server).href;
    let answer: Response;
    try {
      answer = await this.fetch(address, {
        method,
        headers: { ...this.headers, ...options.headers },
        ...(body === undefined ? {} : { body }),
        ...(options.signal ? { signal: options.signal } : {}),
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") {
        throw error;
      }
      throw new RequestError(0, `${method} ${route}`, error instanceof Error ? error.message : "");
    }
    if (!answer.ok) {
      throw await refusal(method, route, answer);
    }
    return answer;
  }
}

/** Tells whether a request was given up, which is no error. */
export function abandoned(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** What Orthanc says of a request that it refuses. */
async function refusal(method: string, route: string, answer: Response): Promise<RequestError> {
  let details = "";
  try {
    const said = JSON.parse(await answer.text()) as { Details?: unknown; Message?: unknown };
    details = [said.Message, said.Details].filter((one) => typeof one === "string" && one !== "").join(": ");
  } catch {
    // A proxy's page, or nothing: the status says enough.
  }
  return new RequestError(answer.status, `${method} ${route}`, details);
}
