"""What a login of Twitch looks like, and the forms in which people write one."""

from __future__ import annotations

import re

# Twitch asks for 4 to 25 of these; accounts from before that rule are shorter. All may be digits.
LOGIN = re.compile(r"[A-Za-z0-9_]{1,25}", re.ASCII)
LINK = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)*twitch\.tv/(?:(?:popout|moderator|u)/)?@?([^/?#\s]+).*",
    re.IGNORECASE,
)
# A chat's commands against bots, as they are published to be pasted: "/ban LOGIN reason".
COMMAND = re.compile(r"[/.](?P<un>un)?(?:ban|block|timeout)\s+(\S+).*", re.IGNORECASE)
# Spaces of any kind, quotes, and characters that cannot be seen.
AROUND = " \t\r\n\"'`*,;\u00a0\u200b\u200c\u200d\u2060\ufeff\U000e0000"
MARKDOWN_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
TOO_LONG = "longer than 25 characters"
NO_LOGIN = "characters that no login has"
A_NUMBER = "a number where others have names"
EMPTY = "no value"


def login_in(text: str) -> str | None:
    """The login that `text` is, as a name, ``@name`` or link to the channel; None where it is none.

    >>> login_in(" @Nightbot "), login_in("https://www.twitch.tv/nightbot?tab=1"), login_in("42")
    ('Nightbot', 'nightbot', '42')
    >>> login_in("no login")
    """
    value = text.strip(AROUND)
    if text.strip().endswith("*") and not text.strip().startswith("*"):
        return None  # a pattern, such as bot*
    if found := MARKDOWN_LINK.fullmatch(value):
        value = found[1].strip(AROUND)
    if found := LINK.fullmatch(value):
        value = found[1]
    elif found := COMMAND.fullmatch(value):
        value = found[2]
    value = value.removeprefix("@")
    return value if LOGIN.fullmatch(value) else None


def takes_back(text: str) -> bool:
    """Whether a text is a chat's command that takes a ban back.

    >>> takes_back("/unban anna"), takes_back("/ban anna")
    (True, False)
    """
    found = COMMAND.fullmatch(text.strip(AROUND))
    return found is not None and found["un"] is not None


def is_name(text: str) -> bool:
    """Whether `text` is a login with a letter in it, and no truth value: nothing but a name.

    >>> is_name("anna"), is_name("1500"), is_name("true")
    (True, False, False)
    """
    login = login_in(text)
    return login is not None and not login.isdigit() and login.lower() not in {"true", "false"}


def why_no_login(text: str) -> str:
    """The reason why `login_in` understands nothing.

    >>> why_no_login("a" * 26), why_no_login("a b"), why_no_login("")
    ('longer than 25 characters', 'characters that no login has', 'no value')
    """
    value = text.strip(AROUND).removeprefix("@")
    if not value:
        return EMPTY
    return TOO_LONG if len(value) > 25 and re.fullmatch(r"[A-Za-z0-9_]+", value) else NO_LOGIN
