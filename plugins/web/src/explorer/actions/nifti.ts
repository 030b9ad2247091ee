/** Whether the plugin Neuro makes a NIfTI file of images, and a right one. */
import type { Server } from "../server/api";
import type { Level, Resource } from "../server/types";

/** The tags of an instance in Orthanc's short form, such as {"0018,0050": "3"}. */
export type ShortTags = Readonly<Record<string, unknown>>;

/** Tells whether Neuro takes the images of a series or an instance, by the first one. */
export async function convertible(server: Server, level: Level, one: Resource): Promise<boolean> {
  const id = level === "Instance" ? one.ID : (await server.get<Resource>(`series/${one.ID}`)).Instances?.[0];
  return id !== undefined && isConvertible(await server.get<ShortTags>(`instances/${id}/tags?short`));
}

/** Tells whether Neuro takes an image with these tags. */
export function isConvertible(tags: ShortTags): boolean {
  const numbers = (tag: string): number[] => {
    const value = tags[tag];
    return typeof value === "string" && value.trim() ? value.split("\\").map(Number) : [];
  };
  const [frames = 1] = numbers("0028,0008");
  const [rows, columns] = numbers("0028,0030");
  const isThick = numbers("0018,0088").length > 0 || numbers("0018,0050").length > 0;
  const isPlaced = frames === 1 || numbers("3004,000c").length === frames;
  const isGrey = numbers("0028,0002")[0] === 1 && numbers("0028,0100")[0] === 16;
  // It takes the spacing of rows for that of columns.
  return isThick && isPlaced && isGrey && rows === columns;
}
