"""Sessions of Spark: with Java in this process, or over Spark Connect.

Whatever Spark prints of its own goes into a file that is gone with the session. Where nobody would answer,
or Java is absent, that is found before Spark tries for minutes.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from streamergraph.cores import available_cores
from streamergraph.errors import StreamergraphError
from streamergraph.extras import how_to_install
from streamergraph.processing.spark_errors import one_line
from streamergraph.processing.spark_patience import limit_patience

LOCAL = re.compile(r"local\[(\d+|\*)\]")
PORTS = {"spark": 7077, "sc": 15002}
CONNECT_SECONDS = 10.0
JAVA = "Java 17 or newer"


def require_pyspark() -> None:
    """Raise StreamergraphError where the extra is not installed."""
    try:
        import pyarrow  # noqa: F401
        import pyspark  # noqa: F401
    except ImportError:
        raise StreamergraphError(
            "--cluster",
            expected="PySpark, with PyArrow",
            found="none installed",
            remedy=how_to_install("spark"),
        ) from None


@contextmanager
def with_java(address: str, *, memory_gib: float, folder: Path) -> Iterator[Any]:
    """A session whose driver is a Java machine of this process; `folder` is for its files."""
    require_java()
    if not LOCAL.fullmatch(address):
        require_answer(address)
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if (
        active is not None
    ):  # a notebook's, of which a process has one; our settings and names are apart
        yield active.newSession()
        return
    with ExitStack() as held:
        settings = {
            "spark.master": _with_cores(address),
            "spark.app.name": "streamergraph",
            "spark.log.level": "ERROR",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.maxResultSize": "0",
            "spark.sql.warehouse.dir": str(folder),
        }
        if LOCAL.fullmatch(address):
            settings |= {
                "spark.driver.host": "127.0.0.1",
                "spark.driver.bindAddress": "127.0.0.1",
                "spark.driver.memory": f"{int(memory_gib * 1024)}m",
                "spark.local.dir": str(folder),
            }
            held.enter_context(_environment("PYSPARK_PYTHON", sys.executable))
        conf = SparkConf()
        for name, value in settings.items():
            conf.set(name, value)
        held.enter_context(without_py4j_in_logs())
        with _interrupts_kept():
            context = _started(conf, folder / "spark.log")
        session = SparkSession(context)
        try:
            yield session
        finally:
            with suppress(Exception):  # what failed was told; Java may be gone
                session.stop()
            with suppress(Exception):
                context._gateway.shutdown()
                context._gateway.proc.stdin.close()
                context._gateway.proc.wait(CONNECT_SECONDS)
            SparkContext._gateway = SparkContext._jvm = None


@contextmanager
def without_py4j_in_logs() -> Iterator[None]:
    """Keep off the terminal what py4j logs of an interrupt or a lost Java: tracebacks of its own.

    What is wrong is raised as well, and told so. Logs of others are shown as before; where somebody has set
    up `logging`, all is left to them.
    """
    root = logging.getLogger()
    if root.handlers:
        yield
        return
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)  # as Python itself does where nothing is set up
    handler.addFilter(lambda record: Path(record.pathname).parent.name != "py4j")
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


@contextmanager
def _interrupts_kept() -> Iterator[None]:
    """Give Ctrl-C back to whom it was told to before: PySpark takes it for itself.

    Jobs that are running then end with the session.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _started(conf: Any, log: Path) -> Any:
    from py4j.protocol import Py4JError
    from pyspark import SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway

    with log.open("wb") as file:
        try:
            gateway = launch_gateway(conf=conf, popen_kwargs={"stdout": file, "stderr": file})
            return SparkContext(conf=conf, gateway=gateway)
        except (PySparkException, Py4JError, OSError) as error:
            said = log.read_text(errors="replace").strip().splitlines()
            raise StreamergraphError(
                "--cluster",
                expected="Spark to start",
                found=one_line(said[-1] if said else str(error)),
                remedy=f"check that `java -version` says {JAVA}, and JAVA_HOME",
            ) from error


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set a variable for what is started within, unless it is set."""
    if name in os.environ:
        yield
        return
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def _with_cores(address: str) -> str:
    """``local[*]`` as the cores that this process may use, which Java would not always know."""
    return f"local[{available_cores()}]" if address == "local[*]" else address


def require_java() -> None:
    """Raise StreamergraphError without Java, of which Spark would say so in many lines."""
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").is_file():
        return
    if home or shutil.which("java") is None:
        raise StreamergraphError(
            "--cluster",
            expected=JAVA,
            found=f"none below JAVA_HOME ({home})" if home else "none on PATH, and no JAVA_HOME",
            remedy="install a JDK or JRE, or use Spark Connect (sc://HOST:15002), which needs none here",
        )


@contextmanager
def over_connect(address: str) -> Iterator[Any]:
    """A session with a server of Spark Connect; needs no Java here."""
    require_answer(address)
    try:
        from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        raise StreamergraphError(
            "--cluster",
            expected="the client of Spark Connect",
            found=one_line(str(error)),
            remedy=how_to_install("spark"),
        ) from None
    from pyspark.errors import PySparkException

    try:
        session = SparkSession.builder.remote(address).create()
        limit_patience(session.client)
        session.version  # noqa: B018  # asks the server
    except (PySparkException, OSError) as error:
        raise StreamergraphError(
            "--cluster",
            expected="a server of Spark Connect that answers",
            found=f"{address}: {one_line(str(error))}",
            remedy="check address, network and what the server expects of its users",
        ) from error
    try:
        yield session
    finally:
        with suppress(Exception):  # what failed was told; the server may be gone
            session.stop()


def require_answer(address: str) -> None:
    """Raise StreamergraphError where nobody listens: Spark itself would try for minutes."""
    kind, _, rest = address.partition("://")
    refused = None
    for one in rest.split(";")[0].rstrip("/").split(","):  # several masters, of which one leads
        host, _, port = one.rpartition(":") if ":" in one else (one, "", "")
        try:
            number = int(port or PORTS[kind])
            with socket.create_connection((host.strip("[]"), number), timeout=CONNECT_SECONDS):
                return
        except (OSError, ValueError, OverflowError) as error:
            refused = error
    what = "a server of Spark Connect" if kind == "sc" else "Spark's master"
    raise StreamergraphError(
        "--cluster",
        expected=f"{what} that answers",
        found=f"{address}: {refused}",
        remedy="start it, or check address and network",
    )
