/** What the address of the page asks for. */

/** The viewers, by the names of their pages. */
export type Name = "three" | "o3dv";

/** Returns the viewer whose page this is. */
export function viewerOf(path: string): Name {
  return path.endsWith("/three.html") ? "three" : "o3dv";
}

/** Returns the route of the model that the query names, or null when it names none. */
export function routeOf(query: URLSearchParams): string | null {
  const instance = query.get("instance") ?? "";
  return /^[0-9a-f-]+$/.test(instance) ? `instances/${instance}/stl` : null;
}

/** Returns the headers for a token in the query: a bearer token goes before those of the other pages. */
export function headersOf(
  query: URLSearchParams,
  kept: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const token = query.get("token");
  return token ? { Authorization: `Bearer ${token}` } : kept;
}
