"""Links in what channels say of themselves."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Hosts that people write without a scheme. Whatever has a scheme is taken, whichever host it is of.
HOSTS = (
    "twitter.com", "x.com", "instagram.com", "youtube.com", "youtu.be", "tiktok.com", "facebook.com",
    "discord.gg", "discord.com", "t.me", "threads.net", "bsky.app", "linktr.ee", "reddit.com",
    "patreon.com", "ko-fi.com", "spotify.com", "github.com", "onlyfans.com", "mastodon.social",
)  # fmt: skip
_LINK = re.compile(
    r"(?P<full>https?://[^\s<>\"]+)|(?<![\w@./-])(?P<bare>(?:www\.)?(?:"
    + "|".join(map(re.escape, HOSTS))
    + r")/[^\s<>\"]+)",
    re.IGNORECASE,
)
_END = ".,;:!?'\u2019\u201d)]}|*"
SEPARATOR = "; "


def links_in(text: str) -> list[str]:
    """The links of a text, each once, in its order, with a scheme.

    >>> links_in("IG: instagram.com/anna, and (https://twitter.com/anna). Mail: a@x.com/b")
    ['https://instagram.com/anna', 'https://twitter.com/anna']
    """
    found: dict[str, None] = {}
    for match in _LINK.finditer(text):
        link = (match["full"] or f"https://{match['bare']}").rstrip(_END)
        if ";" not in link and _has_host(link):
            found[link] = None
    return list(found)


def _has_host(link: str) -> bool:
    try:
        return "." in (urlsplit(link).hostname or "")
    except ValueError:
        return False
