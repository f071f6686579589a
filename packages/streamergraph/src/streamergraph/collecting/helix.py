"""Twitch's interface, Helix: requests that are repeated where that helps, and lists that are whole or not.

A list ends where a page has no cursor. Whatever else ends it - a refusal, a server in trouble, a body
that breaks off - leaves it partial, and says so.
"""

from __future__ import annotations

import datetime
import email.utils
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streamergraph.collecting.clock import Clock
from streamergraph.collecting.tokens import Tokens
from streamergraph.collecting.web import Answer, NoAnswerError, Parameters, Web
from streamergraph.errors import StreamergraphError

HELIX_URL = "https://api.twitch.tv/helix"
PAGE = 100  # entries; the most of Get Streams
ATTEMPTS = 6
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
BUCKET_SECONDS = 60.0  # Twitch fills the bucket of points within a minute
KEPT_POINTS = 2  # left in the bucket for whoever else uses this client's id
EMPTY_PAGES = 3


class RefusedError(NoAnswerError):
    """The server understood, and will not: asking again brings nothing."""


@dataclass
class Pages:
    """The entries of a list so far, and how it ended.

    `whole` once its end was reached; else `problem` says what came in its place. `no_entries` counts what
    stood among the entries and is none.
    """

    entries: list[Mapping[str, Any]] = field(default_factory=list)
    pages: int = 0
    whole: bool = False
    problem: str = ""
    no_entries: int = 0


@dataclass(kw_only=True)
class Helix:
    """A client of Helix for one token. `asked_again` counts repeated requests by reason."""

    web: Web
    clock: Clock
    tokens: Tokens
    url: str = HELIX_URL
    random: random.Random = field(default_factory=random.Random)
    asked_again: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    remaining: int | None = None  # points, by the last answer
    _full_again: float = 0.0  # on the monotonic clock

    def get(
        self, path: str, parameters: Parameters = (), *, until: float | None = None
    ) -> Mapping[str, Any]:
        """The object that `path` answers; raises RefusedError, or NoAnswerError where nothing helped.

        Asked again, up to six times and not after `until` (on the monotonic clock): what did not
        answer or broke off, what the server says is its own trouble (5xx), and what it says came too
        often (429). With a token that is refused (401) it is asked once more under a new one.
        """
        renewed = False
        problem = ""
        for attempt in range(ATTEMPTS):
            self._wait_for_points(until)
            try:
                token = self.tokens.current()
                answer = self.web.ask(
                    "GET",
                    f"{self.url}{path}",
                    parameters=parameters,
                    headers={
                        "Client-Id": self.tokens.credentials.client_id,
                        "Authorization": f"Bearer {token.access}",
                    },
                )
                self.requests += 1
                self._note_points(answer)
                if answer.status == 401 and not renewed:
                    renewed = True
                    self.asked_again["a token that was refused (401)"] += 1
                    self.tokens.renew()
                    continue
                if answer.status == 200 and isinstance(answer.content, Mapping):
                    if isinstance(answer.content.get("data"), list):
                        return answer.content
                    problem = "an answer without data"
                elif answer.status == 200:
                    problem = "an answer that is no JSON"
                elif answer.status == 429:
                    problem = "too many requests (429)"
                elif answer.status >= 500:
                    problem = f"a server in trouble ({answer.status})"
                else:
                    raise RefusedError(f"status {answer.status}{_said(answer)}")
                pause = self._pause(attempt, answer)
            except RefusedError:
                raise
            except NoAnswerError as error:
                problem = str(error)
                pause = self._pause(attempt, None)
            if attempt + 1 == ATTEMPTS:
                break
            if until is not None and self.clock.monotonic() + pause > until:
                raise NoAnswerError(f"{problem}, and no time is left")
            self.asked_again[problem] += 1
            self.clock.sleep(pause)
        raise NoAnswerError(f"{problem}, {ATTEMPTS} times")

    def pages(
        self, path: str, parameters: Sequence[tuple[str, str]], *, first: int = PAGE,
        until: float | None = None,
    ) -> Iterator[tuple[list[Mapping[str, Any]], Pages]]:  # fmt: skip
        """Page after page of a list, and what is known of it; the last of them says how it ended.

        Never raises what `get` raises: then the list is partial.
        """
        told = Pages()
        cursor, seen, empty = "", {""}, 0
        while True:
            after = [("after", cursor)] if cursor else []
            try:
                answer = self.get(path, [*parameters, ("first", str(first)), *after], until=until)
            except (NoAnswerError, StreamergraphError) as error:  # the latter: no token any more
                told.problem = str(error)
                yield [], told
                return
            entries = [entry for entry in answer["data"] if isinstance(entry, Mapping)]
            told.pages += 1
            told.no_entries += len(answer["data"]) - len(entries)
            following = _cursor(answer)
            empty = 0 if entries else empty + 1
            cursor = following or ""
            if following is None:
                told.problem = "a cursor that is no text"
            elif not cursor:
                told.whole = True
            elif cursor in seen:
                told.problem = "a cursor that leads back"
            elif empty >= EMPTY_PAGES:
                told.problem = "empty pages without an end"
            yield entries, told
            if told.whole or told.problem:
                return
            seen.add(cursor)

    def _note_points(self, answer: Answer) -> None:
        """What the server says of its rate limit; without that, nothing is known."""
        self.remaining = _number(answer.headers.get("ratelimit-remaining"))
        reset = _number(answer.headers.get("ratelimit-reset"))
        if self.remaining is None or reset is None:
            return
        # The server's own clock, for ours may be wrong.
        then = _date(answer.headers.get("date")) or self.clock.now()
        seconds = min(max(reset - then.timestamp(), 0.0), BUCKET_SECONDS)
        self._full_again = self.clock.monotonic() + seconds

    def _wait_for_points(self, until: float | None) -> None:
        if self.remaining is None or self.remaining > KEPT_POINTS:
            return
        end = self._full_again if until is None else min(self._full_again, until)
        if (seconds := end - self.clock.monotonic()) > 0:
            self.asked_again["no points were left of the rate limit"] += 1
            self.clock.sleep(seconds)
        self.remaining = None

    def _pause(self, attempt: int, answer: Answer | None) -> float:
        """Seconds before the next attempt: what the server says, else twice as long each time.

        Drawn between half of it and all of it, so that clients that failed together do not come
        again together.
        """
        if answer is not None:
            asked = _retry_after(answer, self.clock.now())
            if asked is None and answer.status == 429 and self._full_again:
                asked = self._full_again - self.clock.monotonic()
            if asked is not None:
                return min(max(asked, 0.0), BUCKET_SECONDS) + self.random.uniform(0.1, 1.0)
        longest = min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)
        return self.random.uniform(longest / 2, longest)


def _cursor(answer: Mapping[str, Any]) -> str | None:
    """Where the next page begins, empty where there is none; None where that is not understood."""
    pagination = answer.get("pagination")
    cursor = pagination.get("cursor") if isinstance(pagination, Mapping) else pagination
    if cursor is None or cursor in ([], {}):
        return ""
    return cursor if isinstance(cursor, str) else None


def _said(answer: Answer) -> str:
    """The server's own words, shortened."""
    said = answer.content.get("message") if isinstance(answer.content, Mapping) else None
    return f": {said[:120]}" if isinstance(said, str) and said else ""


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().isdigit() else None


def _date(text: str | None) -> datetime.datetime | None:
    try:
        return email.utils.parsedate_to_datetime(text) if text else None
    except (ValueError, TypeError):
        return None


def _retry_after(answer: Answer, now: datetime.datetime) -> float | None:
    """Seconds of a header Retry-After, which has a number or a date."""
    text = answer.headers.get("retry-after")
    if (seconds := _number(text)) is not None:
        return float(seconds)
    moment = _date(text)
    if moment is None:
        return None
    here = _date(answer.headers.get("date")) or now
    return (moment - here).total_seconds() if moment.tzinfo and here.tzinfo else None
