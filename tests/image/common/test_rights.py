"""Each plugin of the image at work with the fewest rights, in turn."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import docker
import pytest
from pydicom.dataset import Dataset

from harness import containers, definition, dicom, peers, stores
from harness.containers import DICOM_PORT, HTTP_PORT, LABEL, LOGIN, Orthanc
from services import running
from services.fixtures import Serve, Services
from startup.plugins import PLUGINS
from tests.image.common.test_plugins import SCRIPT, worklist_item
from tests.image.common.test_start import HARDENED, complaints
from tests.image.conftest import Start

FEWEST: dict[str, Any] = {**HARDENED["all at once"], "tmpfs": {"/tmp": ""}}
"""Another uid with group 0, a read-only root with the one tmpfs of docs/security.md, and no rights."""

FILES = "/files"
"""Where the files that a plugin needs are mounted, read-only."""

TENANT = "4343/tcp"

Fill = Callable[[Mapping[str, bytes | str]], str]


class Way(NamedTuple):
    """How a plugin is put to work: the name it registers, settings, files below FILES, what it must do."""

    registered: str
    settings: dict[str, Any]
    files: dict[str, bytes | str]
    works: Callable[[Orthanc], object]


def way(
    registered: str, works: Callable[[Orthanc], object] = Orthanc.plugins, files: Any = None, **settings: Any
) -> Way:
    """Return the same, with settings by name; a plugin that is asked for no more must be loaded."""
    return Way(registered, settings, files or {}, works)


def answers(path: str) -> Callable[[Orthanc], object]:
    """Return what asks for this path, which must be there."""
    return lambda server: server.get(path).raise_for_status()


def finds_worklist(server: Orthanc) -> None:
    """Return the one file of the folder is found over DICOM."""
    wanted, step = Dataset(), Dataset()
    wanted.PatientID, step.Modality = "", ""
    wanted.ScheduledProcedureStepSequence = [step]
    assert [match.PatientID for match in peers.worklist(server, wanted)] == ["WL-1"]


def answers_tenant(server: Orthanc) -> None:
    """Return the tenant's own port stores and finds."""
    tenant = peers.PeerPlace(server.address(TENANT), "TENANT")
    assert peers.store(tenant, [dicom.ct(patient="mine", study="ours")]) == [0x0000]
    assert [match.PatientID for match in peers.find(tenant, peers.query("STUDY", PatientID=""))] == ["mine"]


def deletes_later(server: Orthanc) -> None:
    """Return a deleted file goes through the plugin's database."""
    said = server.upload(dicom.encoded(dicom.ct(patient="delete")))
    server.delete(f"/instances/{said['ID']}").raise_for_status()
    assert "FilesPendingDeletion" in server.json("/plugins/delayed-deletion/status")
    assert server.run("test", "-s", "/var/lib/orthanc/db/pending.db").code == 0


def decodes_jpeg2000(server: Orthanc) -> None:
    """Return a picture of JPEG 2000 is shown, which nothing but GDCM reads."""
    said = server.upload(dicom.encoded(dicom.jpeg2000(dicom.mr(patient="gdcm"))))
    answers(f"/instances/{said['ID']}/preview")(server)


def masks(server: Orthanc) -> None:
    """Return an image is answered without a part of it."""
    said = server.upload(dicom.encoded(dicom.mr(patient="masked")))
    region = {"MaskType": "Fill", "FillValue": 7, "RegionType": "2D", "Origin": [0, 0], "End": [48, 32]}
    body = json.dumps({"MaskPixelData": {"Regions": [region]}})
    answer = server.post(f"/plugins/pixels-masker/instances/{said['ID']}/modify", body)
    assert (dicom.decoded(answer.content).pixel_array == 7).all()


PEER = {"DicomModalities": {"tester": ["TESTER", "localhost", 104]}}
TENANTS = {
    "Servers": [{
        "Port": 4343, "AET": "TENANT", "Labels": ["mine"], "LabelsConstraint": "All",
        "LabelsStoreLevels": ["Study", "Series", "Instance"],
    }]
}  # fmt: skip

MAY_DO_ALL = {LOGIN[0]: {"Permissions": ["all", "admin-permissions"]}}

WAYS = {
    "AdvancedStorage": way("advanced-storage", answers("/plugins/advanced-storage/status")),
    "Authorization": way(
        "authorization", answers("/auth/settings/permissions"), Authorization={"Users": MAY_DO_ALL}
    ),
    "ConnectivityChecks": way("connectivity-checks", answers("/connectivity-checks/status")),
    "DelayedDeletion": way(
        "delayed-deletion", deletes_later, DelayedDeletion={"Path": "/var/lib/orthanc/db/pending.db"}
    ),
    "DicomWeb": way("dicom-web", answers("/dicom-web/studies")),
    "Gdcm": way("gdcm", decodes_jpeg2000),
    "Housekeeper": way("housekeeper", answers("/plugins/housekeeper/status")),
    "Indexer": way("indexer", files={"files/notes.txt": "x"}, Indexer={"Folders": [f"{FILES}/files"]}),
    "MultitenantDicom": way("multitenant-dicom", answers_tenant, MultitenantDicom=TENANTS, **PEER),
    "Neuro": way("neuro"),
    "Ohif": way("python", answers("/ohif/app-config.js"), OHIF={"DataSource": "dicom-json"}),
    "OrthancWebViewer": way("web-viewer", answers("/web-viewer/app/viewer.html")),
    "PixelsMasker": way("orthanc-pixels-masker", masks),
    "Python": way("python", answers("/hello"), {"hello.py": SCRIPT}, PythonScript=f"{FILES}/hello.py"),
    "ServeFolders": way(
        "serve-folders",
        answers("/site/hello.html"),
        {"site/hello.html": "<h1>Zoë</h1>"},
        ServeFolders={"/site": f"{FILES}/site"},
    ),
    "STL": way("stl", answers("/stl/app/o3dv.html")),
    "Tcia": way("tcia", answers("/tcia/app/index.html")),
    "VolView": way("python", answers("/volview/index.html")),
    "Worklists": way(
        "orthanc-worklists",
        finds_worklist,
        {"worklists/one.wl": worklist_item("WL-1", "CT")},
        Worklists={"Database": f"{FILES}/worklists"},
        **PEER,
    ),
    "Wsi": way("wsi", answers("/wsi/app/viewer.html")),
}
"""What each plugin that needs no service is put to; one that is not here is loaded by its variable alone."""

WITHOUT_DRIVER = {"Odbc"}
"""What needs a driver that a derived image brings: tests/system has one."""

DATABASES = {"PostgreSQL": ("postgresql", "postgres"), "MySQL": ("mariadb", "orthanc")}


@pytest.fixture
def fill(client: docker.DockerClient, image: str) -> Iterator[Fill]:
    """Yield a function that puts files into a new volume, and gives its name."""
    made = client.volumes.create(f"orthanc-tests-{secrets.token_hex(5)}", labels={LABEL: "volume"})

    def filled(files: Mapping[str, bytes | str]) -> str:
        mounted = {"volumes": {made.name: {"bind": FILES, "mode": "rw"}}}
        helper = containers.create(client, image, ["true"], mounted)
        helper.put_archive("/", containers.archive({f"{FILES}/{name}": files[name] for name in files}))
        helper.remove(v=False)
        return str(made.name)

    yield filled
    made.remove(force=True)


@pytest.fixture
def begin(
    fill: Fill, start: Start, serve: Serve, services: Services, client: docker.DockerClient, network: str
) -> Callable[[str], tuple[Orthanc, Way]]:
    """Return a function that starts a server with one plugin, what that needs, and the fewest rights."""

    def database(plugin: str) -> Way:
        stage, user = DATABASES[plugin]
        said = {"Host": serve(stage).name, "Database": user, "Username": user, "Password": user}
        kind = plugin.lower()
        return way(f"{kind}-index", kept_by(f"{kind}-storage"), **{plugin: {**said, "EnableStorage": True}})

    def store(plugin: str) -> Way:
        (kind,) = stores.of([plugin])
        bucket = kind(services(kind.kind), f"tests-{secrets.token_hex(5)}")
        bucket.make()
        files = {f"account-{number}": content for number, content in enumerate(bucket.files.values())}
        section = bucket.settings | ({"ServiceAccountFile": f"{FILES}/account-0"} if files else {})

        def works(_: Orthanc) -> None:
            assert len(bucket.stored.names()) == 1

        return way("python", works, files, **{plugin: section})

    def server(plugin: str) -> tuple[Orthanc, Way]:
        if plugin in DATABASES:
            chosen = database(plugin)
        elif list(stores.of([plugin])):
            chosen = store(plugin)
        else:
            chosen = WAYS.get(plugin, way(""))
        (switch,) = (each.switch for each in PLUGINS if each.name == plugin)
        environment = {switch: "true", "ORTHANC_JSON": json.dumps(chosen.settings)}
        ports = dict.fromkeys((HTTP_PORT, DICOM_PORT, TENANT), ("127.0.0.1", None))
        volumes = [f"{fill(chosen.files)}:{FILES}:ro", *FEWEST["volumes"]]
        options = {**FEWEST, "volumes": volumes, **running.on(client, network)}
        return start(environment, ports=ports, timeout=60, **options), chosen

    return server


def kept_by(storage: str) -> Callable[[Orthanc], object]:
    """Return what looks for a plugin that keeps the files, and for files that it has not kept."""

    def works(server: Orthanc) -> None:
        assert storage in server.plugins()
        assert server.run("find", "/var/lib/orthanc/db", "-type", "f", "-size", "+8k").stdout == ""

    return works


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the test for each plugin that the variant has wherever it was built."""
    if "plugin" in metafunc.fixturenames:
        variant = metafunc.config.getoption("--variant")
        below = definition.extended(variant)
        inherited = set(sure(below)) if below else set()
        metafunc.parametrize("plugin", [
            pytest.param(one, marks=[pytest.mark.inherited] if one in inherited else [])
            for one in sure(variant)
        ])  # fmt: skip


def sure(variant: str) -> list[str]:
    """Return the plugins of a variant that are in it wherever it was built."""
    return [one for one in definition.plugins(definition.sure(variant)) if one not in WITHOUT_DRIVER]


def lives(plugin: str, begin: Callable[[str], tuple[Orthanc, Way]]) -> None:
    """Put a plugin to work with the fewest rights: it does what it is for, and the log has no complaint."""
    server, chosen = begin(plugin)
    if chosen.registered:
        assert chosen.registered in server.plugins()
    instance = dicom.encoded(dicom.ct(patient=plugin))
    assert instance == server.get(f"/instances/{server.upload(instance)['ID']}/file").content
    chosen.works(server)
    assert complaints(server.logs()) == []


@pytest.mark.timeout(240)
def test_plugin_lives_with_the_fewest_rights(
    plugin: str, begin: Callable[[str], tuple[Orthanc, Way]]
) -> None:
    """Another uid, a read-only root, no capabilities, no new privileges: each plugin works, quietly."""
    lives(plugin, begin)


@pytest.mark.timeout(300)
def test_no_plugin_of_the_image_is_left_out(
    contents: dict[str, Any], variant: str, begin: Callable[[str], tuple[Orthanc, Way]]
) -> None:
    """What components.json has beyond that, from Orthanc's download site, lives with so few rights too."""
    held = [plugin for part in contents["components"] for plugin in part["plugins"]]
    assert set(sure(variant)) <= set(held)
    for plugin in sorted(set(held) - set(sure(variant)) - WITHOUT_DRIVER):
        lives(plugin, begin)


def test_process_has_no_rights_left(start: Start) -> None:
    """The kernel itself says that the hardened server holds no capability and can gain none."""
    status = start(**HARDENED["all at once"]).read("/proc/1/status").decode()
    found = dict(re.findall(r"^(Cap\w+|NoNewPrivs|Uid):\s*(\S+)", status, re.MULTILINE))
    assert {found[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (found["NoNewPrivs"], found["Uid"]) == ("1", "12345")
