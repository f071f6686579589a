"""The verb `check`: whether a prepared data set is whole, and its repair."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import InputPath, path_or_none
from twostream.preparation.verification import Verification
from twostream.verbs.paths import checks_paths


@checks_paths
def check(
    data: InputPath,
    *,
    repair: bool = False,
    source: InputPath | None = None,
    delete_leftovers: bool = False,
    quick: bool = False,
    workers: int | None = None,
    timeout: float = 3600.0,
) -> Verification:
    """Verify a prepared data set: archives, counts, hashes, labels, and nothing left over.

    Writes DATA/check.csv and DATA/check.json, and ends with status 2 where anything
    is not as it should be. Every checksum is compared and every image decoded.

    Parameters
    ----------
    data
        Folder written by `twostream prepare`.
    repair
        Make again what is broken, from the videos, with the options in DATA/prepare.yaml.
    source
        Where the videos are, if they were moved since. Videos that can be read are compared too.
    delete_leftovers
        Delete what lies in DATA/clips and belongs to no clip of the manifest, and a replacement that was
        not finished.
    quick
        Compare checksums only, decode nothing.
    workers
        Processes at work. Default: one a core.
    timeout
        Seconds after which a clip is given up.
    """
    import os

    from twostream.datasets.manifest import PARQUET
    from twostream.errors import TwostreamError
    from twostream.events import made
    from twostream.locks import reading, sole_user
    from twostream.preparation import repair as repairing
    from twostream.preparation.options import at_least
    from twostream.preparation.record import RECORD_NAME
    from twostream.preparation.verification import verify_store
    from twostream.verbs.check_files import outcome_line, write_check
    from twostream.verbs.results import Checked

    data, source = Path(data), path_or_none(source)
    if workers is not None:
        at_least("--workers", workers, 1)
    at_least("--timeout", timeout, 1)
    if not any((data / name).is_file() for name in (PARQUET, RECORD_NAME)):
        raise TwostreamError(
            data,
            expected="a folder written by `twostream prepare`",
            found="neither manifest.parquet nor prepare.yaml",
            remedy="check the path",
        )
    videos = source or repairing.recorded_source(data)
    # A copy that may only be read can be checked all the same.
    writable = os.access(data, os.W_OK)
    with sole_user(data) if repair or delete_leftovers else reading(data):
        try:
            found = verify_store(
                data,
                source=videos,
                decode=not quick,
                workers=workers,
                timeout_seconds=timeout,
            )
            redo = found.broken_clips
        except TwostreamError:
            if not repair:
                raise
            found, redo = None, frozenset()  # the manifest itself is gone or damaged
        if delete_leftovers and found is not None:
            repairing.delete_leftovers(data, found.leftovers)
        needed = found is None or any(item.kind != "leftover" for item in found.findings)
        if repair and needed:
            if videos is None or not videos.exists():
                raise TwostreamError(
                    videos or data / "prepare.yaml",
                    expected="the folder of the videos",
                    found="none",
                    remedy="say where they are with --source",
                )
            repairing.repair_store(
                data, source=videos, redo=redo, workers=workers, timeout_seconds=timeout
            )
        if found is None or (repair and needed) or (delete_leftovers and found.leftovers):
            found = verify_store(
                data,
                source=videos,
                decode=not quick,
                workers=workers,
                timeout_seconds=timeout,
            )
        if writable:
            write_check(data, found)
    made(Checked(found))
    if found.findings:
        raise TwostreamError(
            data,
            expected="a whole data set",
            found=outcome_line(found),
            remedy="see check.csv" + ("" if repair else "; --repair makes broken clips again"),
        )
    return found
