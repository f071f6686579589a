r"""Measure what `twostream models` says of backbones without building them.

    python scripts/known_backbones.py packages/twostream/src/twostream/models/known_backbones.json

Builds every one of them, and our own, at 224 px, which takes minutes, counts its parameters and its
floating-point operations, and notes the file that Keras would download for it; nothing is downloaded. With
KERAS_BACKEND=jax, for on PyTorch Keras refuses NASNet.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from unittest import mock

SIZE_PX = 224


def facts_of(name: str) -> dict[str, Any]:
    """Parameters without the classifier, operations for one image, and the name of the weights' file."""
    import keras
    from twostream.models.operations import floating_point_operations

    asked: list[str] = []

    def note(fname: str, *_: Any, **__: Any) -> str:
        asked.append(fname)
        return fname

    keras.backend.clear_session()
    with (
        mock.patch("keras.src.utils.file_utils.get_file", note),
        mock.patch.object(keras.Model, "load_weights"),
    ):
        model = getattr(keras.applications, name)(
            include_top=False, weights="imagenet", input_shape=(SIZE_PX, SIZE_PX, 3)
        )
    (weights_file,) = asked
    return {
        "parameters": model.count_params(),
        "operations": floating_point_operations(model),
        "weights_file": weights_file,
    }


def facts_of_ours(name: str) -> dict[str, Any]:
    """The same of a network that is not Keras's."""
    from twostream.models.backbones import load_backbone
    from twostream.models.operations import floating_point_operations

    model = load_backbone(name, weights="none", channels=3, size_px=SIZE_PX).model
    return {"parameters": model.count_params(), "operations": floating_point_operations(model)}


def main() -> int:
    """Write the facts of all classes."""
    from twostream.atomic import write_json
    from twostream.models.backbones import FROM_SCRATCH, application_names
    from twostream.models.backend import prepare_keras
    from twostream.models.efficientnet_lite import VARIANTS

    prepare_keras()
    found = {name: facts_of_ours(name) for name in (*VARIANTS, *FROM_SCRATCH)}
    for name in application_names():
        found[name] = facts_of(name)
        print(f"{name}: {found[name]}", flush=True)
    write_json(Path(sys.argv[1]), found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
