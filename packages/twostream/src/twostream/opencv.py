"""Whether the OpenCV that is imported is the one that was installed for this package.

Four distributions install the same folder ``cv2`` over each other, and pip does not know: the one
installed last stays, and removing any of them leaves nothing of the others.
"""

from __future__ import annotations

from importlib.metadata import packages_distributions
from importlib.util import find_spec

from twostream.errors import TwostreamError
from twostream.extras import how_to_install

DISTRIBUTION = "opencv-contrib-python-headless"


def require_opencv(*, contrib: bool = False) -> None:
    """Raise TwostreamError where OpenCV is not there, or `contrib` is asked for and was replaced.

    Without `contrib` it is looked for and not imported.

    >>> require_opencv(contrib=True)
    """
    spec = find_spec("cv2")
    if spec is None or spec.origin is None:  # a folder without its __init__.py has none
        raise _incomplete("nothing that can be imported")
    if contrib:
        import cv2

        # Folders of ours may stay and be imported as modules without anything in them.
        if not hasattr(getattr(cv2, "optflow", None), "DualTVL1OpticalFlow_create"):
            raise _incomplete("an OpenCV without the contributed modules")


def _incomplete(found: str) -> TwostreamError:
    others = sorted(set(packages_distributions().get("cv2", ())) - {DISTRIBUTION})
    beside = f" ({', '.join(others)} is installed too)" if others else ""
    return TwostreamError(
        "cv2",
        expected=f"OpenCV as {DISTRIBUTION} installs it",
        found=found + beside,
        remedy=how_to_install(DISTRIBUTION, again=True),
    )
