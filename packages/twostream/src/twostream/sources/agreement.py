"""Whether the images of a clip were made as a model knows them."""

from __future__ import annotations

from typing import Any

from twostream.differences import Difference, differences
from twostream.sources.specification import FlowSpecification
from twostream.store.metadata import ClipMetadata
from twostream.video.resize import stored_size

FLAGS = {
    "bound_px": "--bound",
    "algorithm": "--flow",
    "parameters": "the parameters of the flow",
    "jpeg_quality": "the JPEG quality",
    "size": "the size",
    "crop": "--crop",
}
ONE_FOR_EACH = "one for each clip"


def made_otherwise(
    clip: FlowSpecification | ClipMetadata, specification: FlowSpecification
) -> tuple[Difference, ...]:
    """In what a clip was made otherwise than `specification` says, given how it was, or its ``clip.json``.

    What nobody knows of ready frames is not held against them.

    >>> one = FlowSpecification(algorithm="dis", bound_px=10)
    >>> print(*made_otherwise(one, FlowSpecification(algorithm="dis")))
    --bound 10 instead of 20
    """
    there, asked = _facts(specification), _facts(clip)
    if isinstance(clip, ClipMetadata):
        size = stored_size(*clip.used_size, short_side_px=specification.short_side_px)
        there["size"] = "{}x{}".format(*size)
    if specification.crop_of_each_clip:
        there["crop"] = ONE_FOR_EACH
        asked["crop"] = asked["crop"] and ONE_FOR_EACH
    unknown = None in (there["algorithm"], asked["algorithm"])
    left_out = ("algorithm", "parameters", "jpeg_quality", "size") if unknown else ()
    kept = [{k: v for k, v in facts.items() if k not in left_out} for facts in (there, asked)]
    return differences(*kept, names=FLAGS)


def _facts(of: FlowSpecification | ClipMetadata) -> dict[str, Any]:
    if isinstance(of, FlowSpecification):
        return {
            "algorithm": of.algorithm,
            "parameters": of.changed_parameters(),
            "bound_px": of.bound_px,
            "step": of.step,
            "fps": of.fps,
            "jpeg_quality": of.jpeg_quality,
            "crop": of.crop,
        }
    own = FlowSpecification(
        algorithm=None if of.flow_algorithm == "ready" else of.flow_algorithm,
        parameters=of.flow_parameters,
        bound_px=of.bound_px,
        step=of.step,
        fps=of.asked_fps,
        jpeg_quality=of.jpeg_quality,
        crop=of.crop,
    )
    return {**_facts(own), "size": f"{of.width}x{of.height}"}
