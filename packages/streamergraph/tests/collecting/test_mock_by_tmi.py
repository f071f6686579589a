"""Our chat server as tmi.js sees it, a client that others wrote for Twitch: so our tests are of Twitch."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from irc_mock import irc_mock
from programs import BUILD

MODULES = "STREAMERGRAPH_TMI_MODULES"
# tmi.js speaks through a WebSocket, whose messages are lines of IRC.
PROGRAM = """
const { WebSocketServer } = require("ws");
const net = require("net");
const tmi = require("tmi.js");
const tell = (what, ...said) => console.log(JSON.stringify([what, ...said]));
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
server.on("connection", (socket) => {
  const plain = net.connect(Number(process.argv[2]), "127.0.0.1");
  socket.on("message", (data) => plain.write(data.toString().trimEnd() + "\\r\\n"));
  plain.on("data", (data) => socket.send(data.toString()));
  plain.on("close", () => socket.close());
  socket.on("close", () => plain.end());
});
server.on("listening", () => {
  const client = new tmi.Client({
    connection: { server: "127.0.0.1", port: server.address().port, secure: false, reconnect: true,
                  reconnectInterval: 1000 },
    channels: ["anna"],
  });
  client.on("connected", () => tell("connected"));
  client.on("names", (room, people) => tell("names", room, people));
  client.on("join", (room, who, self) => tell("join", room, who, self));
  client.on("part", (room, who) => tell("part", room, who));
  client.on("message", (room, tags, text) =>
    tell("message", room, tags.username, tags["room-id"] || "", text));
  client.on("reconnect", () => tell("reconnect"));
  client.connect().catch((error) => tell("error", String(error)));
});
process.stdin.on("end", () => process.exit(0)).resume();
"""


@pytest.mark.slow
def test_names_messages_who_comes_and_goes_and_a_restart():
    modules = os.environ.get(MODULES) or str(BUILD / "tmi" / "node_modules")
    if shutil.which("node") is None or not Path(modules, "tmi.js").is_dir():
        pytest.skip(f"tmi.js is not here: make tmi, or {MODULES}")
    with irc_mock() as chat:
        chat.people["anna"] = [f"viewer{k}" for k in range(90)]
        child = subprocess.Popen(
            ["node", "-e", PROGRAM, "-", str(chat.port)],
            env={**os.environ, "NODE_PATH": modules},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        timer = threading.Timer(60, child.kill)
        timer.start()

        def told(what):
            for line in child.stdout:
                said = json.loads(line)
                assert said[0] != "error", said
                if said[0] == what and said[-1] is not True:  # not of ourselves
                    return said[1:]
            raise AssertionError(f"it never told {what}")

        try:
            told("connected")
            names = told("names")[1]
            while len(names) < 91:
                names += told("names")[1]
            assert {f"viewer{k}" for k in range(90)} <= set(names)
            chat.say("anna", "bert", "hello", tags="@room-id=7;display-name=Bert")
            assert told("message") == ["#anna", "bert", "7", "hello"]
            chat.come("anna", "carl")
            assert told("join")[:2] == ["#anna", "carl"]
            chat.go("anna", "carl")
            assert told("part") == ["#anna", "carl"]
            chat.tell_all(":tmi.twitch.tv RECONNECT")
            assert told("connected") == []
        finally:
            timer.cancel()
            child.kill()
            child.communicate()
