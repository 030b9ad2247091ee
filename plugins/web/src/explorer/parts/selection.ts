/** What is chosen of a list, by check boxes. */

export type Chosen = ReadonlySet<string>;

/** Returns the choice with one more, or one less. */
export function toggled(chosen: Chosen, id: string, on: boolean): Chosen {
  const next = new Set(chosen);
  if (on) {
    next.add(id);
  } else {
    next.delete(id);
  }
  return next;
}

/** Returns what is chosen of these, in their order: what is not there any more is not chosen. */
export function among<T extends { readonly ID: string }>(chosen: Chosen, all: readonly T[]): T[] {
  return all.filter((one) => chosen.has(one.ID));
}
