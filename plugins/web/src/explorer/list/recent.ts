/** The studies that came last, by the log of changes: for an index that cannot put studies in order. */
import type { Server } from "../server/api";
import { RequestError } from "../server/api";
import type { Resource } from "../server/types";

/** How many changes are asked for at a time, and how many times at most: each instance is a change, too. */
const PAGE = 1000;
const PAGES = 100;

/** How many studies are asked for at a time. */
const TOGETHER = 6;

/** GET /changes. */
interface Changes {
  readonly Changes: readonly Change[];
  readonly Last: number;
}

interface Change {
  readonly Seq: number;
  readonly ChangeType: string;
  readonly ID: string;
}

/** Returns the newest studies, the newest first, and no more than `most`. */
export async function recentStudies(
  server: Server,
  most: number,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<Resource[]> {
  const ids = await recentIds(server, most, signal);
  const found: (Resource | null)[] = [];
  for (let at = 0; at < ids.length; at += TOGETHER) {
    const some = ids.slice(at, at + TOGETHER);
    found.push(...(await Promise.all(some.map((id) => studyOf(server, id, tags, signal)))));
  }
  return found.filter((one) => one !== null);
}

async function recentIds(server: Server, most: number, signal: AbortSignal): Promise<string[]> {
  const ids = new Set<string>();
  let { Last: end } = await server.get<Changes>("changes?last", { signal });
  for (let page = 0; page < PAGES && end > 0 && ids.size < most; page++) {
    const since = Math.max(0, end - PAGE);
    const route = `changes?since=${since}&limit=${end - since}`;
    const { Changes: changes } = await server.get<Changes>(route, { signal });
    for (const { Seq, ChangeType, ID } of [...changes].reverse()) {
      // Numbers are left out where something was deleted, so the page may reach into the one before it.
      if (Seq <= end && (ChangeType === "NewStudy" || ChangeType === "StableStudy")) {
        ids.add(ID);
      }
    }
    end = since;
  }
  return [...ids].slice(0, most);
}

/** Returns a study; null for one that has been deleted meanwhile. */
async function studyOf(
  server: Server,
  id: string,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<Resource | null> {
  try {
    return await server.get<Resource>(`studies/${id}?requested-tags=${tags.join(";")}`, { signal });
  } catch (error) {
    if (error instanceof RequestError && error.status === 404) {
      return null;
    }
    throw error;
  }
}
