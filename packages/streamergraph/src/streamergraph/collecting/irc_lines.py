"""Lines of IRC as Twitch's chat sends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: its tags, who it is from, the command, and its parameters."""

    command: str
    parameters: tuple[str, ...] = ()
    sender: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def room(self) -> str:
        """The channel that it is about, without "#" and in lower case; empty: none."""
        named = next((one for one in self.parameters if one.startswith("#")), "")
        return named[1:].lower()


def parse_line(text: str) -> Line | None:
    """A line without its end; None for an empty one.

    >>> line = parse_line("@id=1 :anna!anna@anna.tmi.twitch.tv PRIVMSG #Room :hello all")
    >>> line.command, line.sender, line.room, line.parameters[-1]
    ('PRIVMSG', 'anna', 'room', 'hello all')
    """
    tags: dict[str, str] = {}
    if text.startswith("@"):
        told, _, text = text[1:].partition(" ")
        for one in told.split(";"):
            name, _, value = one.partition("=")
            tags[name] = value
        text = text.lstrip(" ")
    sender = ""
    if text.startswith(":"):
        source, _, text = text[1:].partition(" ")
        sender = source.partition("!")[0].lower() if "!" in source else source.lower()
    head, colon, rest = text.partition(" :")
    if text.startswith(":"):
        head, colon, rest = "", ":", text[1:]
    words = head.split()
    if not words:
        return None
    parameters = (*words[1:], rest) if colon else tuple(words[1:])
    return Line(command=words[0].upper(), parameters=parameters, sender=sender, tags=tags)
