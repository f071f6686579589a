from __future__ import annotations

import tomllib

import pytest
from twostream.extras import PYPROJECT, how_to_install

OURS = "[console_scripts]\ntwostream = twostream.__main__:main\n"
STRANGER = "[console_scripts]\ntwostream = radiative.solver:main\n"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Nothing is installed but what is told, by names, entry points and requirements."""

    def install(name, entry_points, *requirements):
        folder = tmp_path / f"{name.replace('-', '_')}-1.0.0.dist-info"
        folder.mkdir()
        lines = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0.0"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requirements]
        (folder / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (folder / "entry_points.txt").write_text(entry_points, encoding="utf-8")

    monkeypatch.setattr("sys.path", [str(tmp_path)])
    return install


def test_the_remedy_names_the_packages_of_the_extra_with_their_bounds(installed):
    installed(
        "any-name",
        OURS,
        "numpy<3,>=2",
        "fast<3,>=2.5; extra == 'speed'",
        "other>=1; extra == 'speedup'",
        'faster>=1; python_version > "3" and extra == "speed"',
    )
    assert how_to_install("speed") == "pip install 'fast<3,>=2.5' 'faster>=1'"


def test_a_needed_package_can_be_asked_for_too(installed):
    installed("any-name", OURS, "fast<3,>=2", "fast-er>=1", "fast[all]>=9; extra == 'all'")
    assert how_to_install("fast") == "pip install 'fast<3,>=2'"
    assert how_to_install("fast-er") == "pip install 'fast-er>=1'"
    again = how_to_install("fast", again=True)
    assert again == "pip install --force-reinstall --no-deps 'fast<3,>=2'"


def test_a_stranger_of_the_same_name_is_not_asked(installed):
    installed("twostream", STRANGER, "rays; extra == 'speed'")
    assert "rays" not in how_to_install("speed")
    installed("twostream-actions", OURS, "fast; extra == 'speed'")
    assert how_to_install("speed") == "pip install 'fast'"


def test_an_installation_from_before_the_extra_does_not_hide_it(installed):
    installed("a-former-name", OURS, "numpy")
    installed("z-present-name", OURS, "fast; extra == 'speed'")
    assert how_to_install("speed") == "pip install 'fast'"


@pytest.mark.parametrize("something", [True, False])
def test_without_metadata_the_extra_is_named_and_where_it_is_listed(installed, something):
    if something:
        installed("numpy", "", "fast; extra == 'speed'")
    remedy = how_to_install("speed")
    assert "'speed'" in remedy
    assert "pyproject.toml" in remedy


@pytest.mark.parametrize("extra", ["cuts", "onnx", "lite"])
def test_an_installation_from_before_an_extra_is_told_what_the_sources_list(installed, extra):
    installed("twostream-actions", OURS, "numpy")
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    listed = project["optional-dependencies"][extra]
    assert how_to_install(extra) == "pip install " + " ".join(f"'{one}'" for one in listed)
