"""Everybody in a chat, by Get Chatters: for the rooms of a user and those that the user moderates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from streamergraph.collecting.audience import Heard, News, largest_first
from streamergraph.collecting.helix import Helix
from streamergraph.collecting.streams import whole_number
from streamergraph.collecting.tokens import Tokens
from streamergraph.collecting.web import NoAnswerError
from streamergraph.errors import StreamergraphError
from streamergraph.observations.looks import SeenStream
from streamergraph.observations.schema import MEMBERS
from streamergraph.privacy import Pseudonyms

PATH, ROOMS_PATH = "/chat/chatters", "/moderation/channels"
SCOPES = ("moderator:read:chatters", "user:read:moderated_channels")
PAGE = 1000


@dataclass
class HelixChatters:
    """Members of the live rooms that the user of the token moderates; a list that broke off is missing."""

    helix: Helix
    pseudonyms: Pseudonyms
    listens: bool = field(default=False, init=False)
    _heard: list[Heard] = field(default_factory=list)
    _problems: Counter[str] = field(default_factory=Counter)

    def begin(self, streams: Sequence[SeenStream], *, until: float) -> None:
        """Read the lists of these streams' rooms, the largest first, until there is no time left."""
        self._heard = []
        again = Counter(self.helix.asked_again)
        try:
            user = self.helix.tokens.current().user_id
            rooms = self._rooms(user, until)
        except (StreamergraphError, NoAnswerError):
            self._problems["no list of the rooms that the user moderates"] += 1
            return
        for stream in largest_first(streams):
            if stream.user_id not in rooms:
                continue
            viewers = self._chatters(stream.user_id, user, until)
            if viewers is not None:
                self._heard.append(Heard(channel_id=stream.user_id, kind=MEMBERS, viewers=viewers))
        for reason, count in (self.helix.asked_again - again).items():
            self._problems[f"asked again: {reason}"] += count

    def news(self) -> list[News]:
        """Nothing: all is known when the window begins."""
        return []

    def end(self) -> list[Heard]:
        """What was read."""
        return self._heard

    def problems(self) -> dict[str, int]:
        """What went wrong since it was asked last."""
        told, self._problems = dict(self._problems), Counter()
        return told

    def close(self) -> None:
        """Nothing is left open."""

    def _rooms(self, user: str, until: float) -> set[int]:
        found = {whole_number(user)}
        for entries, told in self.helix.pages(ROOMS_PATH, [("user_id", user)], until=until):
            found |= {whole_number(entry.get("broadcaster_id")) for entry in entries}
            if told.problem:
                self._problems["no whole list of the rooms that the user moderates"] += 1
        return {one for one in found if one is not None}

    def _chatters(self, channel: int, user: str, until: float) -> tuple[int, ...] | None:
        parameters = [("broadcaster_id", str(channel)), ("moderator_id", user)]
        viewers: set[int] = set()
        whole = False
        for entries, told in self.helix.pages(PATH, parameters, first=PAGE, until=until):
            for entry in entries:
                login = entry.get("user_login")
                if isinstance(login, str) and login.strip():
                    viewers.add(self.pseudonyms.viewer(login))
                else:
                    self._problems["people in chat lists without a login"] += 1
            whole = told.whole
        if not whole:
            self._problems["chat lists that broke off"] += 1
            return None
        return tuple(sorted(viewers))


def require_scope(tokens: Tokens) -> None:
    """Raise StreamergraphError unless there is a user's token that may read lists of chatters."""
    if SCOPES[0] not in tokens.current().scopes:
        raise StreamergraphError(
            "the user's token",
            expected=f"one with the scope {SCOPES[0]}",
            found="one without it",
            remedy="streamergraph auth login",
        )
