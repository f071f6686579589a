"""The socket of a server: answers go out at once."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing

import pytest
from twostream.serving.options import ServeOptions
from twostream.serving.server import listening_socket


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_small_pieces_of_an_answer_wait_for_nothing(host: str) -> None:
    """Else the second one waits until the first is acknowledged, which a client delays by 40 ms."""

    async def asked() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def came(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            link = writer.get_extra_info("socket")
            found.set_result(link.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        try:
            listening = listening_socket(ServeOptions(port=0, host=host))
        except Exception as error:
            if host == "::1":
                pytest.skip(f"no IPv6: {error}")
            raise
        with closing(listening):
            async with await asyncio.start_server(came, sock=listening):
                port = listening.getsockname()[1]
                _, writer = await asyncio.open_connection(host, port)
                at_once = await found
                writer.close()
                return at_once

    assert asyncio.run(asked()) == 1
