"""What was done to the pictures of clips beyond what every video needs, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from twostream.datasets.names import counted


def conversion_notes(converted: Iterable[str | None]) -> tuple[str, ...]:
    """What to tell of clips, given what each of them says of it; nothing of those that say nothing.

    >>> conversion_notes(["HLG in BT.2020 to BT.709", None, "HLG in BT.2020 to BT.709"])
    ('2 clips converted: HLG in BT.2020 to BT.709',)
    """
    counts = Counter(one for one in converted if one)
    return tuple(
        f"{counted(count, 'clip')} converted: {what}" for what, count in sorted(counts.items())
    )
