"""The defaults for files in an object store: it answers later than a disk, and many requests at once."""

from startup import plugins
from startup.merge import Layer
from startup.plugins import Decision, PluginIndex

ORIGIN = "default for files in the object store of"

COUNT = "StorageLoaderThreadsCount"
READERS = "SequentialDicomReaderThreadsCount"
THREADS = 32

SETTINGS: dict[str, object] = {
    COUNT: THREADS,
    READERS: THREADS,
    "SequentialDicomReaderWindowSize": 16,
    "DicomParserThreadsCount": 16,
}

SECTIONS: dict[str, dict[str, object]] = {
    "DicomWeb": {"MetadataWorkerThreadsCount": 16, "WadoRsLoaderThreadsCount": 4}
}
"""What a plugin is told in its section, when it is enabled.

For each request and thread of WADO-RS, DicomWeb keeps about five files, whatever their size, until a slow
client has taken them. All others keep within the capacities that Orthanc has for memory.
"""

OLD = ("LoaderThreads", "ZipLoaderThreads")
"""The names that Orthanc had for COUNT and READERS, and still reads where these are not given."""


def layers(
    decisions: list[Decision], index: PluginIndex, tree: dict[str, object], usual: dict[str, object]
) -> list[Layer]:
    """Return the layer of these defaults; none unless an object store is enabled and here.

    A hybrid mode changes nothing, since in each of them files may have to be read from the store. `tree` has
    the settings of the user, `usual` what Orthanc would choose by itself, given these.
    """
    here = [each.plugin for each in decisions if each.enabled and plugins.is_here(each.plugin, index)]
    stores = [plugin.name for plugin in here if plugin.is_object_store]
    if not stores:
        return []
    found = {**SETTINGS, **{plugin.name: SECTIONS[plugin.name] for plugin in here if plugin.name in SECTIONS}}
    if any(name in tree for name in OLD):
        del found[COUNT], found[READERS]
    else:
        jobs = usual.get(COUNT)
        found[COUNT] = max(THREADS, jobs) if isinstance(jobs, int) else THREADS
        found[READERS] = tree.get(COUNT, found[COUNT])
    return [Layer(f"{ORIGIN} {stores[0]}", found)]
