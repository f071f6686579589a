#!/usr/bin/env bash
# A list of twitchAPI ends without an error where the server has no page to give: `get_streams` yields what came so far, and
# whoever reads it cannot tell the beginning of a list from all of it. A page that is answered by 502 with a body of JSON is
# taken for the last one, and so is one that is answered by 429 and, asked for again, by 400. Without the 429 before it
# the same 400 raises TwitchAPIException, as one would expect.
#
# Seen with twitchAPI 4.5.0 on Python 3.11 against a server of its own below, which has 250 streams on three pages.
# Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install twitchAPI==4.5.0
"$folder/venv/bin/python" - <<'PY'
import asyncio
import sys

from aiohttp import web
from twitchAPI.twitch import Twitch

STREAM = {
    "id": "1", "user_id": "1", "user_login": "a", "user_name": "A", "game_id": "1", "game_name": "G",
    "type": "live", "title": "t", "viewer_count": 1, "started_at": "2026-01-01T00:00:00Z", "language": "it",
    "thumbnail_url": "", "tag_ids": [], "is_mature": False, "tags": [],
}
script = []


async def streams(request):
    at = int(request.query.get("after", 0))
    if at == 200 and script:
        status = script.pop(0)
        headers = {"Ratelimit-Reset": "0"} if status == 429 else {}
        return web.json_response({"status": status, "error": "e", "message": "m"}, status=status, headers=headers)
    page = [{**STREAM, "id": str(k)} for k in range(at, min(at + 100, 250))]
    cursor = {"cursor": str(at + 100)} if at + 100 < 250 else {}
    return web.json_response({"data": page, "pagination": cursor})


async def token(request):
    return web.json_response({"access_token": "x", "expires_in": 9999, "token_type": "bearer"})


async def count(twitch, *statuses):
    script[:] = statuses
    seen = 0
    try:
        async for _ in twitch.get_streams(first=100):
            seen += 1
    except Exception as error:
        return f"{seen} streams, then {type(error).__name__}"
    return f"{seen} streams"


async def main():
    app = web.Application()
    app.router.add_get("/streams", streams)
    app.router.add_post("/token", token)
    app.router.add_get("/validate", token)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/"
    twitch = await Twitch("id", "secret", base_url=base, auth_base_url=base)
    told = {}
    for statuses in ((), (429, 400), (429, 502), (502,), (400,)):
        told[statuses] = await count(twitch, *statuses)
        print(f"third page answered by {statuses or 'a page'}: {told[statuses]}")
    await twitch.close()
    await runner.cleanup()
    return told[()] == "250 streams" and told[429, 400] == "200 streams"


sys.exit(0 if asyncio.run(main()) else 1)
PY
