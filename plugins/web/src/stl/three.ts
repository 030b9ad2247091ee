/** The plain viewer, made with three.js: it turns, moves and enlarges a model. */
import {
  Color,
  DirectionalLight,
  HemisphereLight,
  Mesh,
  MeshPhongMaterial,
  PerspectiveCamera,
  Scene,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { STLLoader } from "three/examples/jsm/loaders/STLLoader.js";

const ANGLE = 45;

/** Shows the model in the element; returns when it is there. */
export async function show(model: Blob, place: HTMLElement): Promise<void> {
  const geometry = new STLLoader().parse(await model.arrayBuffer()).center();
  geometry.computeBoundingBox();
  const size = geometry.boundingBox?.getSize(new Vector3()).length() || 1;
  const scene = new Scene();
  scene.background = new Color(0x30343a);
  const light = new DirectionalLight(0xffffff, 2);
  light.position.set(1, -2, 3);
  scene.add(
    new Mesh(geometry, new MeshPhongMaterial({ color: 0xd8c8a8, specular: 0x222222, shininess: 30 })),
    new HemisphereLight(0xffffff, 0x555566, 1.5),
    light,
  );
  const camera = new PerspectiveCamera(ANGLE, 1, size / 1000, size * 100);
  // As patients are seen: from the front, with the head above.
  camera.up.set(0, 0, 1);
  camera.position.set(0, -1.5 * size, 0.3 * size);
  const renderer = new WebGLRenderer({ antialias: true });
  place.replaceChildren(renderer.domElement);
  const controls = new OrbitControls(camera, renderer.domElement);
  const draw = (): void => renderer.render(scene, camera);
  const resize = (): void => {
    camera.aspect = place.clientWidth / Math.max(1, place.clientHeight);
    camera.updateProjectionMatrix();
    renderer.setPixelRatio(devicePixelRatio);
    renderer.setSize(place.clientWidth, place.clientHeight);
    draw();
  };
  // Nothing moves by itself, so that nothing is drawn in between.
  controls.addEventListener("change", draw);
  addEventListener("resize", resize);
  controls.update();
  resize();
}
