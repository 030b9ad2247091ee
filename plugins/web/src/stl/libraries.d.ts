/** What is used of the libraries, which bring no types of their own, or more than are needed. */

declare module "three" {
  export class Vector3 {
    constructor(x?: number, y?: number, z?: number);
    readonly x: number;
    readonly y: number;
    readonly z: number;
    length(): number;
  }
  export class Object3D {
    readonly position: { set(x: number, y: number, z: number): void };
    add(...children: Object3D[]): this;
  }
  export class Scene extends Object3D {
    background: Color | null;
  }
  export class Color {
    constructor(color: string | number);
  }
  export class Box3 {
    getSize(size: Vector3): Vector3;
  }
  export class BufferGeometry {
    readonly boundingBox: Box3 | null;
    readonly attributes: { readonly position: { readonly count: number } };
    center(): this;
    computeBoundingBox(): void;
  }
  export class MeshPhongMaterial {
    constructor(options: { color: number; specular: number; shininess: number });
  }
  export class Mesh extends Object3D {
    constructor(geometry: BufferGeometry, material: MeshPhongMaterial);
  }
  export class HemisphereLight extends Object3D {
    constructor(sky: number, ground: number, intensity: number);
  }
  export class DirectionalLight extends Object3D {
    constructor(color: number, intensity: number);
  }
  export class PerspectiveCamera extends Object3D {
    constructor(angle: number, aspect: number, near: number, far: number);
    aspect: number;
    updateProjectionMatrix(): void;
    readonly up: { set(x: number, y: number, z: number): void };
  }
  export class WebGLRenderer {
    constructor(options: { antialias: boolean });
    readonly domElement: HTMLCanvasElement;
    setPixelRatio(ratio: number): void;
    setSize(width: number, height: number): void;
    render(scene: Scene, camera: PerspectiveCamera): void;
  }
}

declare module "three/examples/jsm/controls/OrbitControls.js" {
  import type { PerspectiveCamera } from "three";
  export class OrbitControls {
    constructor(camera: PerspectiveCamera, element: HTMLElement);
    addEventListener(type: "change", listener: () => void): void;
    update(): void;
  }
}

declare module "three/examples/jsm/loaders/STLLoader.js" {
  import type { BufferGeometry } from "three";
  export class STLLoader {
    parse(file: ArrayBuffer): BufferGeometry;
  }
}

declare module "online-3d-viewer" {
  export class RGBAColor {
    constructor(red: number, green: number, blue: number, alpha: number);
  }
  export class EmbeddedViewer {
    constructor(
      place: HTMLElement,
      options: {
        backgroundColor: RGBAColor;
        onModelLoaded: () => void;
        onModelLoadFailed: () => void;
      },
    );
    LoadModelFromFileList(files: File[]): void;
  }
}
