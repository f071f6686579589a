"""Finding the clips on disk that annotations speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from twostream.datasets.clips import SourceClip
from twostream.datasets.names import without_extension
from twostream.datasets.spellings import plain_spelling

Key = tuple[str, str]


def _exact(class_name: str, file_name: str) -> Key:
    return class_name, file_name


def _any_extension(class_name: str, file_name: str) -> Key:
    return class_name, without_extension(file_name)


def _any_spelling(class_name: str, file_name: str) -> Key:
    return plain_spelling(class_name), plain_spelling(file_name)


def _any_spelling_and_extension(class_name: str, file_name: str) -> Key:
    return _any_extension(*_any_spelling(class_name, file_name))


# From strict to lenient: the first rule with a match decides.
RULES: tuple[Callable[[str, str], Key], ...] = (
    _exact,
    _any_extension,
    _any_spelling,
    _any_spelling_and_extension,
)


class ClipIndex:
    """The clips by class and file name.

    A name may stand for several clips where sub-folders of a class hold copies: they all share its
    side, so that copies never come to lie on both sides.
    """

    def __init__(self, clips: Iterable[SourceClip]) -> None:
        self._tables: list[dict[Key, list[SourceClip]]] = [{} for _ in RULES]
        for clip in clips:
            for rule, table in zip(RULES, self._tables, strict=True):
                table.setdefault(rule(clip.class_name, clip.file_name), []).append(clip)

    def find(self, class_name: str, file_name: str) -> Sequence[SourceClip]:
        """The clips that an annotated name stands for; empty where there is none."""
        for rule, table in zip(RULES, self._tables, strict=True):
            clips = table.get(rule(class_name, file_name))
            if clips:
                return clips
        return ()


def resolve_classes(listed: Iterable[str], present: Sequence[str]) -> dict[str, str | None]:
    """Listed class -> class on disk: the same name, else the same but for case or Unicode, else None.

    >>> resolve_classes(["HandstandPushups", "Biking"], ["HandStandPushups"])
    {'HandstandPushups': 'HandStandPushups', 'Biking': None}
    """
    names = list(dict.fromkeys(listed))
    left = {plain_spelling(name): name for name in present if name not in names}
    exact = set(present)
    return {name: name if name in exact else left.pop(plain_spelling(name), None) for name in names}
