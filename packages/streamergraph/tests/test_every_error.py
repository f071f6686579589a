"""Every exception of the package, wherever it is defined, goes from process to process as it is."""

from __future__ import annotations

import copy
import pickle
import re
from importlib import import_module
from pathlib import Path

import pytest
import streamergraph
from streamergraph.errors import StreamergraphError

ROOT = Path(streamergraph.__file__).parent
A_CLASS = re.compile(r"^class \w+\(.*(Error|Exception|Warning)\b", re.MULTILINE)


def every_exception() -> list[type[BaseException]]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        if A_CLASS.search(path.read_text(encoding="utf-8")):
            name = ".".join(["streamergraph", *path.relative_to(ROOT).with_suffix("").parts])
            module = import_module(name)
            found += [
                kind
                for kind in vars(module).values()
                if isinstance(kind, type)
                and issubclass(kind, BaseException)
                and kind.__module__ == name
            ]
    return found


def an_instance(kind: type[BaseException]) -> BaseException:
    if issubclass(kind, StreamergraphError):
        return kind(Path("a folder"), expected="this", found="that\nand more", remedy="mend it")
    return kind("what happened")


@pytest.mark.parametrize("kind", every_exception())
@pytest.mark.parametrize(
    "sent", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy]
)
def test_it_arrives_as_it_was_sent(kind, sent):
    error = an_instance(kind)
    error.add_note("said on the way")
    arrived = sent(error)
    assert type(arrived) is kind
    assert (str(arrived), arrived.args) == (str(error), error.args)
    assert vars(arrived) == vars(error)


def test_they_are_found():
    assert StreamergraphError in every_exception()
    assert len(every_exception()) > 1
