"""ActivityNet's JSON: the database of labels, and results of detection, in seconds of the whole video."""

from __future__ import annotations

from twostream.datasets.listing import SIDE_NAMES
from twostream.labelling.collected import Collected
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import mapping, number, sequence, text, written

PREFIX = "v_"
NO_LABELS = "a video of the testing part, whose labels are not public"
PREDICTED = "results of a detector, which are no labels; --predictions reads them"


def recognises(file: LabelFile) -> bool:
    """Whether it is a database or results of that form."""
    document = mapping(file.document)
    if isinstance(document.get("database"), dict):
        return True
    found = mapping(document.get("results"))
    return bool(found) and isinstance(next(iter(found.values())), list)


def read(file: LabelFile, into: Collected) -> None:
    """Add every segment; files are called ``v_`` and the key, or the key alone."""
    document = mapping(file.document)
    for key, value in mapping(document.get("database")).items():
        one = mapping(value)
        video = key if key.startswith(PREFIX) else PREFIX + key
        annotations = [mapping(item) for item in sequence(one.get("annotations"))]
        subset = text(one.get("subset")).casefold()
        if not annotations and "test" in subset:
            into.tell(NO_LABELS, video=video, lost=False)
            continue
        into.saw(video)
        for item in annotations:
            start, end = (*sequence(item.get("segment")), None, None)[:2]
            into.segment(
                video,
                written(item.get("label")),
                number(start),
                number(end),
                side=SIDE_NAMES.get(subset),
                length_s=number(one.get("duration")),
            )
    results = mapping(document.get("results"))
    if results and not into.options.predictions:
        count = sum(len(sequence(one)) for one in results.values())
        into.tell(PREDICTED, f"{count}", lost=False)
        return
    for key, found in results.items():
        into.saw(PREFIX + key)
        for value in sequence(found):
            item = mapping(value)
            start, end = (*sequence(item.get("segment")), None, None)[:2]
            into.segment(PREFIX + key, written(item.get("label")), number(start), number(end))
