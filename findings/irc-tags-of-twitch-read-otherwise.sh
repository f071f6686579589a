#!/usr/bin/env bash
# In Twitch's chat a reply carries the message that it answers in the tag reply-parent-msg-body. As everywhere in IRCv3's
# message tags, a semicolon is written \: in it, a space \s, a backslash \\, and a value goes on to the next semicolon,
# other equals signs included. Four clients read one such line otherwise than it says, each in its own way, none with a
# word: twitchAPI takes no escape back and drops what follows the second equals sign; chat-downloader and pydle take
# them back one kind after another, so that a backslash that is followed by an s becomes a space; irc3 keeps a backslash
# that stands before any other letter and should fall away. The packages irc and irctokens have it right.
#
# Somebody wrote: path C:\src; size=3
#
# Seen with twitchAPI 4.5.0, chat-downloader 0.2.8, pydle 1.2.0, irc3 1.1.12, irc 20.5.0, irctokens 2.0.2, Python 3.11.
# Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install \
    twitchAPI==4.5.0 chat-downloader==0.2.8 pydle==1.2.0 irc3==1.1.12 irc==20.5.0 irctokens==2.0.2
cd "$folder"
"$python" - <<'PY'
import logging
import sys

import irc3.tags
import irctokens
import pydle.features.ircv3.tags
from chat_downloader.sites.twitch import TwitchChatDownloader
from irc.message import Tag
from twitchAPI.chat import Chat

KEY, WRITTEN = "reply-parent-msg-body", r"path C:\src; size=3"
ESCAPED = WRITTEN.replace("\\", "\\\\").replace(";", r"\:").replace(" ", r"\s")
UNKNOWN = ("x-note", r"q\bz", "qbz")  # a backslash before any other letter falls away
TAGS = f"badges=;color=#FF0000;display-name=Ada;emotes=;id=1;{UNKNOWN[0]}={UNKNOWN[1]};{KEY}={ESCAPED};room-id=12;user-id=34"
LINE = f"@{TAGS} :ada!ada@ada.tmi.twitch.tv PRIVMSG #bea :what"


def by_twitch_api():
    chat = Chat.__new__(Chat)  # parsing alone, without a connection
    chat.logger, chat._prefix, chat._channel_command_prefix = logging.getLogger("chat"), "!", {}
    return chat._parse_irc_message(LINE)["tags"]


def by_chat_downloader():
    item = TwitchChatDownloader._parse_irc_item(TwitchChatDownloader._MESSAGE_REGEX.search(LINE))
    return {KEY: item["in_reply_to"]["message"]}


read = {
    "twitchAPI": by_twitch_api(),
    "chat-downloader": by_chat_downloader(),
    "pydle": pydle.features.ircv3.tags.TaggedMessage.parse(f"{LINE}\r\n".encode()).tags,
    "irc3": irc3.tags.decode(TAGS),
    "irc": {tag["key"]: tag["value"] for tag in map(Tag.parse, TAGS.split(";"))},
    "irctokens": irctokens.tokenise(LINE).tags,
}
print(f"{'written':16} {WRITTEN}")
for client, tags in read.items():
    print(f"{client:16} {tags[KEY]:24} {tags.get(UNKNOWN[0], '')}")
wrong = {
    "twitchAPI": r"path\sC:\\src\:\ssize",
    "chat-downloader": r"path C:\ rc; size=3",
    "pydle": "path C: rc; size=3",
}
as_seen = all(tags[KEY] == wrong.get(client, WRITTEN) for client, tags in read.items())
others = {client: tags.get(UNKNOWN[0]) == UNKNOWN[2] for client, tags in read.items()}
sys.exit(0 if as_seen and not others["irc3"] and others["irc"] and others["irctokens"] else 1)
PY
