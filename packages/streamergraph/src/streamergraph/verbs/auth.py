"""The verbs `auth …`: who we are to Twitch."""

from __future__ import annotations

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import AnyPath, InputPath, checks_paths
from streamergraph.verbs.shared_options import AUTH_URL, HELIX_URL, TWITCH, helped_by


@helped_by(TWITCH)
@checks_paths
def check(
    *,
    credentials: InputPath | None = None,
    tokens: AnyPath | None = None,
    auth_url: str = AUTH_URL,
) -> None:
    """Fetch or validate the application's token, and say until when it holds."""
    from streamergraph.collecting.clock import SystemClock
    from streamergraph.collecting.connecting import connected
    from streamergraph.events import say

    with connected(
        SystemClock(),
        credentials=path_or_none(credentials),
        tokens=path_or_none(tokens),
        helix_url=HELIX_URL,
        auth_url=auth_url,
    ) as helix:
        token = helix.tokens.current()
    say(f"the application's token holds until {token.expires.isoformat(timespec='minutes')}")


@helped_by(TWITCH)
@checks_paths
def login(
    *,
    credentials: InputPath | None = None,
    tokens: AnyPath | None = None,
    auth_url: str = AUTH_URL,
) -> None:
    """Get a user's token for `collect --chat helix-chatters`: a code is typed on Twitch's own page.

    It may read who is in the chats of the user and of the rooms that the user moderates, and nothing else.
    """
    from streamergraph.collecting.chatters import SCOPES
    from streamergraph.collecting.clock import SystemClock
    from streamergraph.collecting.connecting import connected
    from streamergraph.collecting.device import login as ask_for_token
    from streamergraph.events import say

    def show(page: str, code: str) -> None:
        say(f"this program asks to be allowed: {', '.join(SCOPES)}")
        say(f"open {page} and type {code}")

    with connected(
        SystemClock(),
        credentials=path_or_none(credentials),
        tokens=path_or_none(tokens),
        helix_url=HELIX_URL,
        auth_url=auth_url,
        kind="user",
    ) as helix:
        token = ask_for_token(helix.tokens, SCOPES, show)
    say(f"the token of {token.login} is kept; its scopes: {', '.join(token.scopes)}")


@helped_by(TWITCH)
@checks_paths
def logout(
    *,
    credentials: InputPath | None = None,
    tokens: AnyPath | None = None,
    auth_url: str = AUTH_URL,
) -> int:
    """Delete the kept tokens of this client; returns how many there were."""
    from streamergraph.collecting.clock import SystemClock
    from streamergraph.collecting.connecting import connected
    from streamergraph.events import say

    deleted = 0
    for kind in ("app", "user"):
        with connected(
            SystemClock(),
            credentials=path_or_none(credentials),
            tokens=path_or_none(tokens),
            helix_url=HELIX_URL,
            auth_url=auth_url,
            kind=kind,
        ) as helix:
            deleted += helix.tokens.forget()
    say(f"{deleted} tokens deleted")
    return deleted
