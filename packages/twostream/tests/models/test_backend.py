"""Which framework Keras runs on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from twostream.environment import describe_environment, keras_backend
from twostream.errors import TwostreamError
from twostream.models.backend import prepare_keras


@pytest.fixture
def keras_on(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that has imported Keras on the backend named by the test."""
    backend = str(request.param)
    imported = SimpleNamespace(config=SimpleNamespace(backend=lambda: backend))
    monkeypatch.setitem(sys.modules, "keras", imported)  # type: ignore[arg-type]


@pytest.mark.parametrize("keras_on", ["jax", "tensorflow"], indirect=True)
@pytest.mark.usefixtures("keras_on")
def test_keras_that_was_imported_before_keeps_its_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KERAS_BACKEND")
    prepare_keras()
    assert "KERAS_BACKEND" not in os.environ
    assert describe_environment()["backend"] == keras_backend() != "torch"


@pytest.mark.parametrize("keras_on", ["jax"], indirect=True)
@pytest.mark.usefixtures("keras_on")
def test_a_wish_that_comes_too_late_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(
        TwostreamError, match="found torch, in a program in which Keras runs on jax"
    ):
        prepare_keras()
    assert describe_environment()["backend"] == "jax"


@pytest.mark.parametrize("keras_on", ["numpy"], indirect=True)
@pytest.mark.usefixtures("keras_on")
def test_a_backend_that_cannot_train_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KERAS_BACKEND")
    with pytest.raises(TwostreamError, match="KERAS_BACKEND"):
        prepare_keras()


def test_without_a_wish_it_is_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    for unset in ("", None):
        monkeypatch.delenv("KERAS_BACKEND", raising=False)
        if unset is not None:
            monkeypatch.setenv("KERAS_BACKEND", unset)
        assert keras_backend() == "torch"
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert keras_backend() == "jax"


@pytest.mark.parametrize("backend", ["mxnet", "no such one"])
def test_a_backend_that_is_not_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", backend)
    with pytest.raises(TwostreamError, match=f"that is installed, found {backend}"):
        prepare_keras()


@pytest.mark.parametrize(
    ("backend", "remedy"),
    [
        ("mxnet", "; unset it to use PyTorch$"),
        ("jax", "; unset it to use PyTorch, or pip install 'jax"),
        ("tensorflow", "; unset it to use PyTorch, or pip install 'tensorflow"),
        ("torch", "; pip install 'torch"),
    ],
)
def test_what_to_install_for_a_missing_backend_is_told(
    monkeypatch: pytest.MonkeyPatch, backend: str, remedy: str
) -> None:
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("KERAS_BACKEND", backend)
    with pytest.raises(TwostreamError, match=remedy):
        prepare_keras()


def test_whoever_reads_a_network_first_has_the_usual_backend(tmp_path: Path) -> None:
    """Such as `export` from the command line, in whose process nothing was trained or scored before."""
    code = """
from pathlib import Path
from twostream.errors import TwostreamError
from twostream.models.files import load_model_file
try:
    load_model_file(Path("none.keras"))
except TwostreamError:
    import keras
    print(keras.backend.backend())
"""
    told = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=told | {"KERAS_HOME": str(tmp_path)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.split() == ["torch"], done.stderr
