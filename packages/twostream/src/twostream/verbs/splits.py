"""The verb `splits`: what each split of a prepared data set trains and tests."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import InputPath
from twostream.verbs.paths import checks_paths
from twostream.verbs.results import SplitTable


@checks_paths
def splits(data: InputPath) -> SplitTable:
    """Show the splits of a prepared data set: clips, source videos, and whether both parts are alike.

    Where the names of clips hold meta tags (HMDB-51's do), it says how much the training and the test part
    of each split differ in them. Writes nothing; `explore` has more, as a page.

    Parameters
    ----------
    data
        Folder written by `twostream prepare`.
    """
    from twostream.datasets.manifest import read_manifest
    from twostream.datasets.names import counted
    from twostream.events import made
    from twostream.exploration.balance import tag_balances, tag_imbalances
    from twostream.exploration.split_rows import folds_sentence, split_rows

    data = Path(data)
    manifest = read_manifest(data)
    rows = split_rows(manifest)
    notes_of_folds = [sentence] if (sentence := folds_sentence(manifest)) else []
    notes = list(notes_of_folds)
    for row in rows:
        where = f"split {row['split']}"
        if row["shared_sources"]:
            shared = counted(row["shared_sources"], "source video")
            notes.append(f"{where}: {shared} with clips in training and in test")
        if row["never_right"]:
            notes.append(f"{where}: no training clip of {', '.join(row['never_right'])}")
        if row["untested"] and not notes_of_folds:  # of folds, another one tests them
            notes.append(f"{where}: no test clip of {', '.join(row['untested'])}")
    return made(
        SplitTable(
            {"splits": rows},
            folder=data,
            imbalances=tuple(tag_imbalances(tag_balances(manifest))),
            notes=tuple(notes),
        )
    )
