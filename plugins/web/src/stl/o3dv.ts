/** The viewer Online 3D Viewer, with what it offers by itself. */
import { EmbeddedViewer, RGBAColor } from "online-3d-viewer";

/** Shows the model in the element; returns when it is there. */
export function show(model: Blob, place: HTMLElement): Promise<void> {
  place.replaceChildren();
  return new Promise((done, failed) => {
    const viewer = new EmbeddedViewer(place, {
      backgroundColor: new RGBAColor(48, 52, 58, 255),
      onModelLoaded: () => done(),
      onModelLoadFailed: () => failed(new Error("Online 3D Viewer")),
    });
    // It goes by the name of the file.
    viewer.LoadModelFromFileList([new File([model], "model.stl")]);
  });
}
