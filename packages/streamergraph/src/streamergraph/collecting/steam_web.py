"""Steam and SteamSpy, asked politely and once: every answer is kept, and used again for some weeks.

- IStoreService/GetAppList: all games with their numbers, 50,000 a page; needs a key
  (https://steamcommunity.com/dev/apikey).
- the store's appdetails: developers, publishers, day of release, genres of one game; some 200 answers in
  five minutes are given to an address.
- SteamSpy's appdetails: the users' tags of one game; it asks for one request a second at most.
"""

from __future__ import annotations

import datetime
import json
import os
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamergraph.atomic import write_json
from streamergraph.collecting.clock import Clock
from streamergraph.collecting.web import NoAnswerError, Parameters, Web
from streamergraph.errors import StreamergraphError

KEY_VARIABLE = "STREAMERGRAPH_STEAM_KEY"
LIST_DAYS, DETAILS_DAYS = 7.0, 30.0
GAMES_OF_A_PAGE = 50_000
LIST, DETAILS, TAGS = "list", "details", "tags"
HOSTS = {
    LIST: "https://api.steampowered.com",
    DETAILS: "https://store.steampowered.com",
    TAGS: "https://steamspy.com",
}
PATHS = {
    LIST: "/IStoreService/GetAppList/v1/",
    DETAILS: "/api/appdetails",
    TAGS: "/api.php",
}
PAUSES_SECONDS = {LIST: 1.0, DETAILS: 1.6, TAGS: 1.1}  # between two requests
TRIES = 5
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 30.0, 300.0  # after a refusal


def default_cache_folder() -> Path:
    """Where answers are kept unless said otherwise."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "streamergraph" / "steam"


def steam_key(environment: Mapping[str, str] = os.environ) -> str:
    """The key of Steam's interface; raises StreamergraphError where there is none."""
    key = environment.get(KEY_VARIABLE, "").strip()
    if not key:
        raise StreamergraphError(
            KEY_VARIABLE,
            expected="a key of Steam's interface (https://steamcommunity.com/dev/apikey)",
            found="none",
            remedy="set it, or use a table: streamergraph enrich TABLES --steam FILE",
        )
    return key


@dataclass
class SteamWeb:
    """A client. `url` is asked in the place of all three servers, if given; `counts` what was asked."""

    web: Web
    clock: Clock
    cache: Path
    url: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _asked_at: dict[str, float] = field(default_factory=dict)

    def titles(self) -> dict[int, str]:
        """The title of every game by its number; raises StreamergraphError where it cannot be had.

        A list that was kept is used for a week, and longer where no newer one comes.
        """
        path = self.cache / "games.json"
        kept = self._kept(path, LIST_DAYS)
        if kept is None:
            try:
                kept = self._all_titles(steam_key())
                write_json(path, kept)
            except NoAnswerError as error:
                kept = self._kept(path, float("inf"))
                if kept is None:
                    raise StreamergraphError(
                        self._address(LIST), expected="the list of games", found=str(error),
                        remedy="try again later, or use a table: streamergraph enrich TABLES --steam FILE",
                    ) from None  # fmt: skip
                self.counts["an older list of games was used"] += 1
        return {int(number): title for number, title in kept.items()}

    def game(self, number: int) -> dict[str, Any] | None:
        """The facts of a game, as `enrich` reads them; None where the store has none.

        Raises NoAnswerError where the store does not answer; without SteamSpy there are no tags.
        """
        details = self._cached(DETAILS, number, [("appids", str(number)), ("l", "english")])
        said = details.get(str(number))
        data = said.get("data") if isinstance(said, Mapping) and said.get("success") else None
        if not isinstance(data, Mapping) or not isinstance(data.get("name"), str):
            return None
        try:
            spied = self._cached(
                TAGS, number, [("request", "appdetails"), ("appid", str(number))]
            ).get("tags")
        except NoAnswerError:
            spied = None
            self.counts["games without an answer of SteamSpy"] += 1
        tags = list(spied) if isinstance(spied, Mapping) else []
        released = data.get("release_date")
        genres = data.get("genres")
        return {
            "appid": number,
            "name": data["name"],
            "type": data.get("type"),
            "developers": data.get("developers") or [],
            "publishers": data.get("publishers") or [],
            "release_date": released.get("date", "")
            if isinstance(released, Mapping) and not released.get("coming_soon")
            else "",
            "tags": tags
            or [one["description"] for one in genres or [] if isinstance(one, Mapping)],
        }

    def _all_titles(self, key: str) -> dict[str, str]:
        found: dict[str, str] = {}
        last = "0"
        while True:
            answer = self._ask(
                LIST,
                [
                    ("key", key), ("include_games", "true"), ("include_dlc", "false"),
                    ("max_results", str(GAMES_OF_A_PAGE)), ("last_appid", last),
                ],
            )  # fmt: skip
            page = answer.get("response")
            if not isinstance(page, Mapping):
                raise NoAnswerError("a list of another form")
            for one in page.get("apps", ()):
                if isinstance(one, Mapping) and str(one.get("name", "")).strip():
                    found[str(one["appid"])] = str(one["name"])
            if not page.get("have_more_results"):
                return found
            if str(page.get("last_appid")) == last:
                raise NoAnswerError("a list that does not go on")
            last = str(page.get("last_appid"))

    def _cached(self, what: str, number: int, parameters: Parameters) -> dict[str, Any]:
        path = self.cache / what / f"{number}.json"
        kept = self._kept(path, DETAILS_DAYS)
        if kept is not None:
            return kept
        try:
            answer = self._ask(what, parameters)
        except NoAnswerError:
            if (older := self._kept(path, float("inf"))) is None:
                raise
            self.counts["older answers were used"] += 1
            return older
        write_json(path, answer)
        return answer

    def _kept(self, path: Path, days: float) -> dict[str, Any] | None:
        try:
            age = self.clock.now().timestamp() - path.stat().st_mtime
            if age <= datetime.timedelta(days=1).total_seconds() * days:
                value = json.loads(path.read_bytes())
                return value if isinstance(value, dict) else None
        except (OSError, ValueError):
            pass  # none, or one that broke off
        return None

    def _ask(self, what: str, parameters: Parameters) -> dict[str, Any]:
        """An answer; asked again after pauses that double. Raises NoAnswerError where none comes."""
        pause, problem = FIRST_PAUSE_SECONDS, ""
        for number in range(TRIES):
            if number:
                self.clock.sleep(random.uniform(pause / 2, pause))
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            self._be_polite(what)
            self.counts[f"requests for {what}"] += 1
            try:
                answer = self.web.ask("GET", self._address(what), parameters=parameters)
            except NoAnswerError as error:
                problem = str(error)
                continue
            if answer.status in (401, 403) and what == LIST:
                raise StreamergraphError(
                    KEY_VARIABLE, expected="a key that Steam takes", found=f"refused ({answer.status})",
                    remedy="check it at https://steamcommunity.com/dev/apikey",
                )  # fmt: skip
            if answer.status == 200 and isinstance(answer.content, dict):
                return answer.content
            # The store says `null` to who asks too often, with 200 or with 429.
            problem = f"status {answer.status}" if answer.status != 200 else "nothing in it"
        raise NoAnswerError(problem)

    def _be_polite(self, what: str) -> None:
        before = self._asked_at.get(what)
        now = self.clock.monotonic()
        if before is not None and now - before < PAUSES_SECONDS[what]:
            self.clock.sleep(PAUSES_SECONDS[what] - (now - before))
        self._asked_at[what] = self.clock.monotonic()

    def _address(self, what: str) -> str:
        return (self.url or HOSTS[what]).rstrip("/") + PATHS[what]
