"""A session with a Bolt server, whose errors and silences are one line each."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from streamergraph.errors import StreamergraphError
from streamergraph.extras import how_to_install
from streamergraph.graphs.patience import SilenceError, patiently

if TYPE_CHECKING:
    import neo4j
    from neo4j.exceptions import Neo4jError

Answer = TypeVar("Answer")
QUIET_TIMEOUTS = 4
USER, PASSWORD = "STREAMERGRAPH_BOLT_USER", "STREAMERGRAPH_BOLT_PASSWORD"


def with_server(
    address: str,
    work: Callable[[neo4j.Session, Callable[[], None]], Answer],
    *,
    timeout_seconds: float,
    database: str | None = None,
    read_only: bool = False,
) -> Answer:
    """The result of ``work(session, heard)`` on the server at `address`.

    Raises StreamergraphError for whatever the server or the way to it does, also where nothing is
    heard for `QUIET_TIMEOUTS` times `timeout_seconds` (more than the driver's own attempts take).
    """

    def connected(heard: Callable[[], None]) -> Answer:
        with bolt_session(
            address, timeout_seconds, database=database, read_only=read_only
        ) as session:
            heard()
            return work(session, heard)

    try:
        return patiently(connected, quiet_seconds=QUIET_TIMEOUTS * timeout_seconds)
    except SilenceError as error:
        raise _no_answer(address, str(error)) from None


@contextmanager
def bolt_session(
    address: str, timeout_seconds: float, *, database: str | None = None, read_only: bool = False
) -> Iterator[neo4j.Session]:
    """A session with the server; its errors become StreamergraphError, one line each."""
    try:
        import neo4j as driver
        from neo4j.exceptions import DriverError, Neo4jError
    except ImportError:
        raise StreamergraphError(
            address,
            expected="the driver of Neo4j",
            found="none installed",
            remedy=how_to_install("bolt"),
        ) from None
    # What it retries is not the user's concern, and what it gives up on is said below.
    logging.getLogger("neo4j").addHandler(logging.NullHandler())
    user = os.environ.get(USER)
    auth = driver.basic_auth(user, os.environ.get(PASSWORD, "")) if user else None
    try:
        with (
            driver.GraphDatabase.driver(
                address,
                auth=auth,
                connection_timeout=timeout_seconds,
                connection_acquisition_timeout=timeout_seconds,
                max_transaction_retry_time=2 * timeout_seconds,
                notifications_min_severity="OFF",
            ) as connected,
            connected.session(
                database=database,
                default_access_mode=driver.READ_ACCESS if read_only else driver.WRITE_ACCESS,
            ) as session,
        ):
            # A server that is down is told at once; what fails later is tried again for a while.
            connected.verify_connectivity()
            yield session
    except Neo4jError as error:
        said = " ".join(str(error).split())
        if read_only and is_refused_write(error):
            raise StreamergraphError(
                "--cypher",
                expected="a query that reads",
                found=said[:240],
                remedy="say --write if it is meant to write",
            ) from error
        raise _no_answer(address, f"{type(error).__name__}: {said[:240]}") from error
    except (DriverError, OSError, ValueError) as error:
        said = " ".join(str(error).split())
        raise _no_answer(address, f"{type(error).__name__}: {said[:240]}") from None


def is_refused_write(error: Neo4jError) -> bool:
    """Whether a server refused to write because it had been asked to read only."""
    text = f"{error.code} {error.message}".casefold()
    return (
        "accessmode" in text or "access mode" in text or "read only" in text or "read-only" in text
    )


def _no_answer(address: str, found: str) -> StreamergraphError:
    return StreamergraphError(
        address,
        expected="a Bolt server that answers",
        found=found,
        remedy=f"check address, {USER}, {PASSWORD} and --timeout-seconds; a second run doubles "
        "nothing",
    )
