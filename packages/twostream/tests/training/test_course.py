"""A training goes on under the backend that it was begun with, or says so at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
from small_training import options
from twostream.errors import TwostreamError, TwostreamWarning
from twostream.training import fit as fit_module
from twostream.training.course import (
    COURSE_NAME,
    begin_course,
    check_course,
    check_random_streams,
)
from twostream.training.history import read_history
from twostream.training.stream import train_stream


def checkpoint(folder: Path, *, compiled: bool) -> Path:
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "last.keras", "w") as file:
        file.writestr("config.json", json.dumps({"compile_config": {"jit_compile": compiled}}))
    return folder


def test_what_was_begun_here_goes_on_here(tmp_path: Path) -> None:
    check_course(tmp_path)
    begin_course(tmp_path)
    check_course(checkpoint(tmp_path, compiled=False))


def test_another_backend_is_refused_with_both_named(tmp_path: Path) -> None:
    (checkpoint(tmp_path, compiled=False) / COURSE_NAME).write_text('{"backend": "jax"}')
    with pytest.raises(
        TwostreamError, match=r"Keras on jax.* found Keras on torch; set KERAS_BACK"
    ):
        check_course(tmp_path)


def test_checkpoints_from_before_the_note_tell_it_themselves(tmp_path: Path) -> None:
    check_course(checkpoint(tmp_path, compiled=False))
    with pytest.raises(TwostreamError, match="Keras on jax or tensorflow"):
        check_course(checkpoint(tmp_path, compiled=True))
    (tmp_path / "last.keras").write_bytes(b"damaged")
    check_course(tmp_path)  # that it is damaged is said where it is loaded


def test_epochs_of_another_random_scheme_are_told_once(tmp_path: Path) -> None:
    begin_course(checkpoint(tmp_path, compiled=False))
    with warnings.catch_warnings():
        warnings.simplefilter("error", TwostreamWarning)
        check_random_streams(tmp_path)
    (tmp_path / COURSE_NAME).unlink()  # as version 0.1 left it
    with pytest.warns(TwostreamWarning, match="begun by another version.* as this version does"):
        check_random_streams(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error", TwostreamWarning)
        check_random_streams(tmp_path)


def test_a_refused_training_leaves_all_as_it_was(
    small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(fit_module, "remove_other_random_states", _die)
        with pytest.raises(KeyboardInterrupt):
            train_stream(small_data, tmp_path, options=options())
    stream = tmp_path / "temporal"
    (stream / "checkpoints" / COURSE_NAME).write_text('{"backend": "jax"}')
    before = {path: path.read_bytes() for path in stream.rglob("*") if path.is_file()}
    with pytest.raises(TwostreamError, match="begun"):
        train_stream(small_data, tmp_path, options=options())
    assert {path: path.read_bytes() for path in stream.rglob("*") if path.is_file()} == before
    # Other options begin anew, with whatever backend there is.
    again = train_stream(small_data, tmp_path, options=options(epochs=1), replace=True)
    assert again.n_train > 0


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


STOPPED = """
import sys
from pathlib import Path
from twostream.training import fit
from small_training import options
from twostream.training.stream import train_stream

def die(*_, **__):
    raise SystemExit(9)

fit.remove_other_random_states = die
train_stream(Path(sys.argv[1]), Path(sys.argv[2]), options=options())
"""


@pytest.mark.slow
@pytest.mark.parametrize(("first", "second"), [("torch", "jax"), ("jax", "torch")])
def test_real_backends_do_not_take_over_from_each_other(
    small_data: Path, tmp_path: Path, first: str, second: str
) -> None:
    pytest.importorskip("jax")

    def train(backend: str, program: str) -> subprocess.CompletedProcess[str]:
        support = Path(__file__).parents[1] / "support"
        python_path = os.pathsep.join([str(support), *filter(None, sys.path)])
        return subprocess.run(
            [sys.executable, "-c", program, str(small_data), str(tmp_path)],
            env={
                **os.environ,
                "KERAS_BACKEND": backend,
                "JAX_PLATFORMS": "cpu",
                "PYTHONPATH": python_path,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    last = tmp_path / "temporal" / "checkpoints" / "last.keras"
    assert train(first, STOPPED).returncode == 9
    made = last.read_bytes()
    refused = train(second, STOPPED)
    assert f"Keras on {first}, with which" in refused.stderr.splitlines()[-1]
    assert f"found Keras on {second}" in refused.stderr.splitlines()[-1]
    assert last.read_bytes() == made
    # Without the note the file itself says it.
    (last.parent / COURSE_NAME).unlink()
    assert f"found Keras on {second}" in train(second, STOPPED).stderr
    finished = train(first, STOPPED.replace("fit.remove_other_random_states = die", ""))
    assert finished.returncode == 0, finished.stderr
    assert [r.epoch for r in read_history(tmp_path / "temporal" / "history.csv")] == [1, 2, 3]
