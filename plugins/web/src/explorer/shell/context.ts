/** What every page knows: the server, what it can do, who uses it, and how to say things. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Server } from "../server/api";
import type { Configuration, Modality, Statistics, System } from "../server/types";
import type { Jobs } from "./jobs";
import type { Account } from "./keycloak";
import type { Router } from "./router";

/** A line that is shown for a while, or until it is closed when something went wrong. */
export interface Notice {
  readonly kind: "done" | "problem";
  readonly text: string;
  readonly details?: string;
}

/** What there is at the start of the pages. */
export interface World {
  readonly server: Server;
  readonly router: Router;
  readonly configuration: Configuration;
  readonly system: System;
  /** The jobs that the user has begun here. */
  readonly jobs: Jobs;
  /** The user's account at Keycloak, if that is where users log in. */
  readonly account: Account | null;
  readonly notify: (notice: Notice) => void;
  /** Says what went wrong with what the user asked for; what was given up is not said. */
  readonly report: (what: string, error: unknown) => void;
}

/** What the first list does not need, and does not wait for. */
export interface Later {
  readonly statistics: Statistics | null;
  readonly modalities: Readonly<Record<string, Modality>>;
  readonly peers: readonly string[];
  readonly dicomWebServers: readonly string[];
}

export const NOTHING_YET: Later = { statistics: null, modalities: {}, peers: [], dicomWebServers: [] };

const LaterContext = createContext<Later>(NOTHING_YET);

export const LaterProvider = LaterContext.Provider;

/** Returns what has come after the first list; the component is drawn again when it comes. */
export function useLater(): Later {
  return useContext(LaterContext);
}

const Context = createContext<World | null>(null);

export const WorldProvider = Context.Provider;

/** Returns what there is. To be called in components below WorldProvider. */
export function useWorld(): World {
  const world = useContext(Context);
  if (world === null) {
    throw new Error("no WorldProvider is above this component");
  }
  return world;
}

/** Tells whether an option of the interface is on. */
export function enabled(world: World, option: string): boolean {
  return world.configuration.UiOptions[option] === true;
}

/** Tells whether a plugin is there and works. */
export function plugin(world: World, name: string): boolean {
  return world.configuration.Plugins[name]?.Enabled === true;
}
