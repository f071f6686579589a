"""Which clips come from one source video, told from their names."""

from __future__ import annotations

from twostream.datasets import hmdb51, ucf101
from twostream.datasets.hmdb51 import HmdbTags


def group_and_tags(clip_id: str, *, class_name: str, stem: str) -> tuple[str, HmdbTags | None]:
    """The group of a clip, unique over all classes, and its HMDB-51 tags where its name has them.

    HMDB-51 names: the title within the class. UCF-101 names: the class and ``gNN``. Any other
    name: the clip alone, so that its group is its `clip_id`. `stem` is the name of the file without
    its extension.

    >>> group_and_tags("golf/v_golf_g03_c01", class_name="golf", stem="v_golf_g03_c01")
    ('golf/g03', None)
    >>> group_and_tags("golf/a", class_name="golf", stem="a")
    ('golf/a', None)
    """
    tags = hmdb51.parse_name(stem, class_name=class_name)
    if tags is not None:
        return f"{class_name}/{tags.title}", tags
    parsed = ucf101.parse_group(stem)
    if parsed is None:
        return clip_id, None
    named_class, group = parsed
    # A folder may gather several UCF-101 classes, whose group numbers are not related.
    if named_class.casefold() == class_name.casefold():
        return f"{class_name}/{group}", None
    return f"{class_name}/v_{named_class}_{group}", None
