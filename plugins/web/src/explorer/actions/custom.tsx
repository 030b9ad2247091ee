/** Buttons of the configuration: OrthancExplorer2.UiOptions.CustomButtons. */
import type { VNode } from "preact";
import type { Json } from "../server/api";
import type { Level, Resource } from "../server/types";
import type { World } from "../shell/context";
import { useWorld } from "../shell/context";
import { t } from "../texts/texts";

/** A button as the configuration describes it. */
export interface CustomButton {
  readonly Id: string;
  readonly HttpMethod?: string;
  readonly Url: string;
  readonly Target?: string;
  readonly Tooltip?: string;
  readonly Payload?: Json;
  readonly Refresh?: boolean;
  readonly StartMessage?: string;
}

/** Returns the value with {UUID}, {uuids} and tags in braces replaced, in texts at any depth. */
export function replaced(value: Json, resources: readonly Resource[], level: Level): Json {
  const [first] = resources;
  const tags = { ...first?.PatientMainDicomTags, ...first?.MainDicomTags };
  const ids = resources.map((one) => one.ID);
  const text = (one: string): string =>
    one.replace(/\{([\w-]+)\}/g, (whole, name: string) => {
      const values: Readonly<Record<string, string | undefined>> = {
        UUID: ids[0],
        UUIDS: ids.join(","),
        Level: level.toLowerCase(),
        ...tags,
      };
      return values[name] ?? whole;
    });
  if (typeof value === "string") {
    return text(value);
  }
  if (Array.isArray(value)) {
    return value.map((one) => replaced(one, resources, level));
  }
  return value !== null && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replaced(one, resources, level)]))
    : value;
}

export function CustomButtons(props: {
  readonly level: Level;
  readonly resources: readonly Resource[];
  readonly onChanged: () => void;
}): VNode {
  const { level, resources, onChanged } = props;
  const world = useWorld();
  const all = (world.configuration.UiOptions.CustomButtons ?? {}) as Readonly<
    Record<string, readonly CustomButton[]>
  >;
  const several = { Patient: "bulk-patients", Study: "bulk-studies", Series: "bulk-series" };
  const bulk = level === "Instance" ? "bulk-instances" : several[level];
  const names = resources.length > 1 ? bulk : level.toLowerCase();
  return (
    <>
      {(all[names] ?? []).map((button) => (
        <button
          type="button"
          class="plain"
          key={button.Id}
          title={button.Tooltip}
          onClick={() => void press(world, button, resources, level, onChanged)}
        >
          {button.Tooltip ?? button.Id}
        </button>
      ))}
    </>
  );
}

async function press(
  world: World,
  button: CustomButton,
  resources: readonly Resource[],
  level: Level,
  onChanged: () => void,
): Promise<void> {
  const url = String(replaced(button.Url, resources, level));
  const address = new URL(url, world.server.place.pages).href;
  if ((button.HttpMethod ?? "GET") === "GET") {
    window.open(address, button.Target ?? "_blank", "noopener");
    return;
  }
  try {
    if (button.StartMessage) {
      world.notify({ kind: "done", text: button.StartMessage });
    }
    const body = JSON.stringify(replaced(button.Payload ?? null, resources, level));
    await world.server.send(button.HttpMethod ?? "POST", address, body);
    if (button.Refresh) {
      onChanged();
    }
  } catch (error) {
    world.report(t("custom.failed"), error);
  }
}
