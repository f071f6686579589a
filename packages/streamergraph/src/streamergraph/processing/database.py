"""DuckDB on a store's Parquet files, within a given memory, spilling to disk beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from streamergraph.cores import available_cores
from streamergraph.errors import StreamergraphError
from streamergraph.processing.memory import database_alone_mib
from streamergraph.temporary import temporary_folder

DEFAULT_MEMORY_GIB = 3.0


@contextmanager
def database(
    *, memory_gib: float = DEFAULT_MEMORY_GIB, spill: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose intermediate tables live in a temporary folder that is removed.

    The tables hold pseudonyms only. `spill` is where the folder is made (default: the system's), and
    also where DuckDB puts what does not fit. `memory_gib` is for the whole process.
    """
    with temporary_folder(spill) as folder:
        connection = duckdb.connect(str(folder / "work.duckdb"))
        try:
            connection.execute(f"SET memory_limit = '{database_alone_mib(memory_gib)}MiB'")
            connection.execute(f"SET threads = {available_cores()}")
            connection.execute(f"SET temp_directory = '{folder}/spill'")
            connection.execute("SET preserve_insertion_order = false")
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET enable_progress_bar = false")
            # As Spark calls it: see places.py.
            connection.execute("CREATE MACRO unix_micros(moment) AS epoch_us(moment)")
            yield connection
        except (
            duckdb.IOException,
            duckdb.InvalidInputException,
            duckdb.OutOfMemoryException,
        ) as error:
            raise StreamergraphError(
                spill or folder,
                expected="a store whose files can be read, and room for what lies on disk meanwhile",
                found=str(error).splitlines()[0][:300],
                remedy="check that file, --spill and --memory-gib",
            ) from error
        finally:
            connection.close()
