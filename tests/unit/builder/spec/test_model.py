"""build.toml is read into a definition, and every mistake in it is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from builder.errors import Problems
from builder.spec import model
from builder.spec.component import PROVIDERS, Component
from builder.spec.model import Definition
from tests.unit.builder.samples import DEFINITION, UPSTREAM, definition

ROOT = Path(__file__).parents[4]


@pytest.fixture
def sample(tmp_path: Path) -> Definition:
    return definition(tmp_path)


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(Problems) as caught:
        definition(folder, text)
    assert caught.value.exit_code == 65
    return [str(problem) for problem in caught.value.problems]


def test_the_repositorys_own_definition_is_right() -> None:
    own = model.load(ROOT / model.FILE)
    assert list(own.variants) == ["default", "full"]
    assert own.platforms == ("linux/amd64", "linux/arm64")
    assert set(own.components_of("default")) < set(own.components_of("full"))


def test_every_component_of_the_repositorys_own_definition_is_in_a_variant() -> None:
    own = model.load(ROOT / model.FILE)
    assert {one for name in own.variants for one in own.components_of(name)} == set(own.components.values())


def test_each_provider_has_its_own_keys(sample: Definition) -> None:
    assert dict(sample.components) == {
        "orthanc": Component(
            "orthanc",
            "the server",
            ("debian",),
            packages=("orthanc-data", "orthanc"),
            versioned_by="orthanc",
            plugins=("ServeFolders", "Worklists"),
        ),
        "driver": Component(
            "driver",
            "a driver",
            ("pypi",),
            packages=("some-driver",),
            version="18.*",
            licence="driver/*/LICENSE.txt",
        ),
        "startup": Component("startup", "start-up code", ("tree",), files=("startup",)),
    }


def test_a_component_may_come_from_several_providers_and_has_the_keys_of_each(tmp_path: Path) -> None:
    found = definition(tmp_path, UPSTREAM)
    database = found.components["database"]
    assert database == Component(
        "database",
        "a database",
        ("upstream", "debian"),
        packages=("orthanc-database",),
        versioned_by="orthanc-database",
        version="5.2",
        licence="AGPL-3.0-or-later",
        folder="orthanc-database",
        libraries=("libIndex.so", "libStorage.so"),
        site_names=("libIndex.so", "libStorage.so"),
        plugins=("MySQL",),
    )
    assert found.components_from("upstream") == (database, found.components["extra"])
    assert found.upstream.addresses(found.components["extra"]) == {
        "libExtra.so": "https://example.org/libraries/orthanc-extra/1.2/libExtra.so"
    }


def test_a_library_may_have_another_name_on_the_site(tmp_path: Path) -> None:
    """It is asked for by that one, and has its own in the image."""
    text = UPSTREAM.replace('["libExtra.so"]', '["libExtra.so"]\nsite-names = ["libThere.so"]')
    found = definition(tmp_path, text)
    extra = found.components["extra"]
    assert found.upstream.addresses(extra) == {
        "libExtra.so": "https://example.org/libraries/orthanc-extra/1.2/libThere.so"
    }
    assert PROVIDERS["upstream"].requests(extra) == ("orthanc-extra/1.2/libThere.so",)


ADDRESS = "Write it as the site has it, such as orthanc-stl, 1.4 and libOrthancSTL.so"


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            'provider = ["upstream", "debian"]',
            'provider = ["upstream", "debiam"]',
            [
                "components.database.provider: 'debiam' is not known. Perhaps you meant 'debian'",
            ],
        ),
        (
            'provider = ["upstream", "debian"]',
            "provider = []",
            ["components.database.provider: is empty. Give it at least one entry"],
        ),
        (
            'base = "https://example.org/libraries/"',
            'base = "https://example.org/libraries"',
            [
                "upstream.base: 'https://example.org/libraries' is not the address of a folder. "
                "End it with a slash"
            ],
        ),
        (
            'folder = "orthanc-extra"',
            'folder = "../extra"',
            [f"components.extra.folder: '../extra' cannot be part of an address. {ADDRESS}"],
        ),
        (
            'version = "1.2"',
            'version = "1.2/../3"',
            [f"components.extra.version: '1.2/../3' cannot be part of an address. {ADDRESS}"],
        ),
        (
            '"libExtra.so"',
            '"libExtra.so.1"',
            [f"components.extra.libraries[0]: 'libExtra.so.1' cannot be part of an address. {ADDRESS}"],
        ),
        (
            'libraries = ["libExtra.so"]',
            'libraries = ["libExtra.so"]\nsite-names = ["../x.so"]',
            [f"components.extra.site-names[0]: '../x.so' cannot be part of an address. {ADDRESS}"],
        ),
        (
            'libraries = ["libExtra.so"]',
            'libraries = ["libExtra.so"]\nsite-names = ["liba.so", "libb.so"]',
            [
                "components.extra.site-names: has 2 names, where libraries has 1."
                " Give the name of each library on the site, in their order"
            ],
        ),
        (
            '"libExtra.so"',
            '"libIndex.so"',
            [
                "components.extra.libraries: 'libIndex.so' already belongs to components.database. "
                "Remove it from one of them"
            ],
        ),
    ],
)
def test_a_mistake_around_upstream_is_told_with_its_place(
    tmp_path: Path, right: str, wrong: str, expected: list[str]
) -> None:
    assert right in UPSTREAM
    found = mistakes(tmp_path, UPSTREAM.replace(right, wrong, 1))
    assert found == [f"build.toml: {line}." for line in expected]


def test_a_component_from_upstream_needs_the_address_of_the_site(tmp_path: Path) -> None:
    head, rest = UPSTREAM.split("[upstream]")
    text = head + rest[rest.index("[components.database]") :]
    assert mistakes(tmp_path, text) == [
        "build.toml: upstream.base: is missing. Add it: the address of the folder that holds the libraries."
    ]


def test_a_component_from_npm_is_any_version_of_one_package(tmp_path: Path) -> None:
    viewer = '[components.driver]\nprovider = "npm"\npackage = "@some/viewer"\nsummary = "a viewer"\n'
    head, _, rest = DEFINITION.partition("[components.driver]")
    text = head + viewer + "[components.startup]" + rest.partition("[components.startup]")[2]
    assert definition(tmp_path, text).components["driver"] == Component(
        "driver", "a viewer", ("npm",), packages=("@some/viewer",), version="*"
    )


def test_a_component_is_versioned_by_its_first_package_unless_it_says_otherwise(tmp_path: Path) -> None:
    found = definition(tmp_path, DEFINITION.replace('versioned-by = "orthanc"\n', ""))
    assert found.components["orthanc"].versioned_by == "orthanc-data"


def test_a_variant_has_what_it_extends_first(sample: Definition) -> None:
    assert [one.name for one in sample.lineage("full")] == ["default", "full"]
    assert [one.name for one in sample.components_of("full")] == ["orthanc", "startup", "driver"]
    assert [one.name for one in sample.components_of("default")] == ["orthanc", "startup"]


def test_layers_and_what_they_lie_on(sample: Definition) -> None:
    assert sample.layers() == {
        "base": ("python3",),
        "tools": ("mmdebstrap",),
        "compiler": ("g++",),
        "default": ("orthanc-data", "orthanc"),
        "full": (),
    }
    assert {layer: sample.below(layer) for layer in sample.layers()} == {
        "base": (),
        "tools": (),
        "compiler": ("tools",),
        "default": ("base",),
        "full": ("base", "default"),
    }


def test_a_layer_comes_after_those_that_it_lies_on_wherever_it_stands_in_the_file(tmp_path: Path) -> None:
    head, default, full = (
        DEFINITION.partition("[variants.default]")[0],
        "[variants.default]",
        "[variants.full]",
    )
    tail = DEFINITION.removeprefix(head)
    first, second = tail.split(full)
    found = definition(tmp_path, head + full + second + first)
    assert default in first
    assert list(found.variants) == ["full", "default"]
    assert list(found.layers()) == ["base", "tools", "compiler", "default", "full"]


def test_a_package_of_two_components_is_wanted_once(tmp_path: Path) -> None:
    other = '[components.other]\nsummary = "o"\nprovider = "debian"\npackages = ["orthanc-data", "b"]\n'
    text = DEFINITION.replace('["orthanc", "startup"]', '["orthanc", "startup", "other"]') + other
    assert definition(tmp_path, text).layers()["default"] == ("orthanc-data", "orthanc", "b")


def test_an_absent_definition_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problems) as caught:
        model.load(tmp_path / "build.toml")
    assert str(caught.value) == f"build.toml: does not exist. Put it at {tmp_path / 'build.toml'}."


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            "title =",
            "titel =",
            ["titel: is not a known key. Perhaps you meant 'title'", "title: is missing. Add it: a text"],
        ),
        ('name = "orthanc"', "name = 1", ["name: is a whole number. Make it a text"]),
        (
            'name = "orthanc"',
            'name = "Orthanc"',
            ["name: 'Orthanc' cannot name an image. Use a-z, 0-9, dot and dash"],
        ),
        ('"26.11.0"', '"26.13.0"', ["version: '26.13.0' is not a calendar version. Write it as 26.11.0"]),
        ('"26.11.0"', '"1.0"', ["version: '1.0' is not a calendar version. Write it as 26.11.0"]),
        (
            '"linux/arm64"]',
            '"linux/arm"]',
            ["platforms[1]: 'linux/arm' is not known. Perhaps you meant 'linux/arm64'"],
        ),
        ('["linux/amd64", "linux/arm64"]', "[]", ["platforms: is empty. Give it at least one entry"]),
        (
            "{timestamp}/",
            "",
            ["debian.snapshot: has no {timestamp}. Put it where the address has the time"],
        ),
        ('base = ["python3"]', "base = 'python3'", ["debian.base: is a text. Make it a list"]),
        (
            "tools =",
            "toolz =",
            [
                "debian.tools: is missing. Add it: a list",
                "debian.toolz: is not a known key. Perhaps you meant 'tools'",
            ],
        ),
        (
            'provider = "tree"',
            'provider = "git"',
            ["components.startup.provider: 'git' is not known. Known: debian, npm, pypi, tree, upstream"],
        ),
        (
            'provider = "tree"',
            'providr = "tree"',
            [
                "components.startup.provider: is missing. Add it: a text",
                "components.startup.providr: is not a known key. Perhaps you meant 'provider'",
            ],
        ),
        (
            'files = ["startup"]',
            'packages = ["startup"]',
            [
                "components.startup.files: is missing. Add it: a list",
                "components.startup.packages: is not a known key. Known: files, plugins, provider, summary",
            ],
        ),
        (
            'packages = ["orthanc-data", "orthanc"]',
            "packages = []",
            [
                "components.orthanc.packages: is empty. Give it at least one entry",
            ],
        ),
        (
            'versioned-by = "orthanc"',
            'versioned-by = "orthan"',
            ["components.orthanc.versioned-by: 'orthan' is not in its packages. Perhaps you meant 'orthanc'"],
        ),
        (
            "[components.startup]",
            '[components.startup]\nplugins = ["Worklists"]',
            [
                "components.startup.plugins: 'Worklists' already belongs to components.orthanc. "
                "Remove it from one of them",
            ],
        ),
        (
            "[components.startup]",
            '[components."start.up"]',
            [
                "components.start.up: 'start.up' cannot be a name here. Use a-z, 0-9 and dash",
                "variants.default.components[1]: 'startup' is not a component. Perhaps you meant 'start.up'",
            ],
        ),
        (
            "[variants.full]",
            "[variants.base]",
            ["variants.base: 'base' is the name of a layer. Choose another name"],
        ),
        (
            "[variants.full]",
            '[variants."../up"]',
            ["variants.../up: '../up' cannot be a name here. Use a-z, 0-9 and dash"],
        ),
        (
            "[variants.full]",
            "[variants.driver]",
            ["components.driver: 'driver' is the name of a layer. Choose another name"],
        ),
        (
            'components = ["driver"]',
            'components = ["diver"]',
            ["variants.full.components[0]: 'diver' is not a component. Perhaps you meant 'driver'"],
        ),
        (
            'suffix = "-full"',
            'suffix = "-full"\nsufix = "-f"',
            ["variants.full.sufix: is not a known key. Perhaps you meant 'suffix'"],
        ),
        (
            'suffix = "-full"\n',
            "",
            [
                "variants.full.suffix: '' is also the suffix of variants.default. "
                "Give each variant its own suffix"
            ],
        ),
        (
            '"-full"',
            '"/full"',
            ["variants.full.suffix: '/full' cannot end a tag. Use letters, digits, dot, dash and underscore"],
        ),
        (
            'extends = "default"',
            'extends = "defaults"',
            ["variants.full.extends: 'defaults' is not a variant. Perhaps you meant 'default'"],
        ),
        (
            'extends = "default"',
            'extends = "full"',
            ["variants.full.extends: goes round in a circle: full → full. Take one of them out"],
        ),
        (
            'components = ["driver"]',
            'components = ["driver", "orthanc"]',
            ["variants.full.components: 'orthanc' comes with 'default' already. Remove it here"],
        ),
    ],
)
def test_each_mistake_is_told(tmp_path: Path, right: str, wrong: str, expected: list[str]) -> None:
    assert right in DEFINITION
    found = sorted(mistakes(tmp_path, DEFINITION.replace(right, wrong, 1)))
    assert found == [f"build.toml: {line}." for line in expected]


def test_circles_and_lost_ancestors_are_told_where_they_are(tmp_path: Path) -> None:
    """A variant that only leads to a circle is told too; of a lost ancestor one line is enough."""
    more = "".join(
        f'[variants.{name}]\nsummary = "s"\nsuffix = "-{name}"\n'
        f'extends = "{below}"\ncomponents = ["startup"]\n'
        for name, below in (("a", "b"), ("b", "c"), ("c", "b"), ("d", "e"), ("e", "nobody"))
    )
    text = DEFINITION.partition("[variants.full]")[0] + more
    found = [line for line in mistakes(tmp_path, text) if ".extends" in line]
    assert found == [
        "build.toml: variants.a.extends: goes round in a circle: a → b → c → b. Take one of them out.",
        "build.toml: variants.b.extends: goes round in a circle: b → c → b. Take one of them out.",
        "build.toml: variants.c.extends: goes round in a circle: c → b → c. Take one of them out.",
        "build.toml: variants.e.extends: 'nobody' is not a variant. Known: a, b, c, d, default, e.",
    ]


def test_a_definition_without_variants_makes_nothing(tmp_path: Path) -> None:
    text = DEFINITION.partition("[variants.default]")[0] + "[variants]\n"
    assert mistakes(tmp_path, text) == ["build.toml: variants: is empty. Describe at least one variant."]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Wrong values, and what does not fit together, beside what is no value at all."""
    text = DEFINITION.replace("suite =", "suit =").replace('summary = "a driver"\n', "")
    text = text.replace('"linux/arm64"', '"linux/amr64"').replace(
        'extends = "default"', 'extends = "defualt"'
    )
    with pytest.raises(Problems) as caught:
        definition(tmp_path, text.replace("26.11.0", ""))
    assert str(caught.value) == (
        "6 problems:\n"
        "  build.toml: version: is empty. Give it a value, or remove the line.\n"
        "  build.toml: debian.suite: is missing. Add it: a text.\n"
        "  build.toml: debian.suit: is not a known key. Perhaps you meant 'suite'.\n"
        "  build.toml: components.driver.summary: is missing. Add it: a text.\n"
        "  build.toml: platforms[1]: 'linux/amr64' is not known. Perhaps you meant 'linux/arm64'.\n"
        "  build.toml: variants.full.extends: 'defualt' is not a variant. Perhaps you meant 'default'."
    )


def test_what_is_absent_is_told_once_and_not_by_all_that_need_it(tmp_path: Path) -> None:
    """Without its table of components, no variant complains of each of its own."""
    text = DEFINITION.replace("[components.", "[component.").replace("versioned-by", "versionedby")
    assert mistakes(tmp_path, text) == [
        "build.toml: components: is missing. Add it: a table.",
        "build.toml: component: is not a known key. Perhaps you meant 'components'.",
    ]
    text = DEFINITION.replace('packages = ["orthanc-data", "orthanc"]', "packages = 3")
    assert mistakes(tmp_path, text) == [
        "build.toml: components.orthanc.packages: is a whole number. Make it a list."
    ]


def test_what_bundles_our_pages_is_named(tmp_path: Path) -> None:
    found = definition(tmp_path, f'{DEFINITION}[npm]\ntools = ["@esbuild/linux-x64"]\n')
    assert (found.npm.tools, definition(tmp_path).npm.tools) == (("@esbuild/linux-x64",), ())
    assert mistakes(tmp_path, f'{DEFINITION}[npm]\ntool = ["a"]\n') == [
        "build.toml: npm.tool: is not a known key. Perhaps you meant 'tools'."
    ]
