"""The verb `lists`: a prepared data set's splits as list files for other tools."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import InputPath, OutputFolder
from twostream.verbs.paths import checks_paths
from twostream.verbs.written import ListFiles


@checks_paths
def lists(
    data: InputPath, *, to: OutputFolder, frames_prefix: str = "", videos_prefix: str = ""
) -> ListFiles:
    """Write the splits as the list files that other tools read; returns their paths.

    UCF-101's classInd.txt, trainlist01.txt …, the classic lists of frames and videos with counts,
    split1.csv …, and MMAction2's annotation files.

    Parameters
    ----------
    data
        Folder written by `twostream prepare`.
    to
        Folder for the lists.
    frames_prefix
        Put in front of every path of frames, such as data/hmdb51/rawframes.
    videos_prefix
        Put in front of every path of a video, such as data/hmdb51/videos.
    """
    from twostream.datasets.clip_table import TABLE_EXTENSIONS
    from twostream.datasets.list_files import list_files, misread_by_blanks, write_list_files
    from twostream.datasets.manifest import read_manifest
    from twostream.errors import TwostreamError
    from twostream.events import made
    from twostream.preparation.record import read_preparation_record

    data, to = Path(data), Path(to)
    manifest = read_manifest(data)
    if manifest.multi_label:
        raise TwostreamError(
            data,
            expected="clips of one class each, which the lists of other tools hold",
            found="clips of several labels at once",
            remedy=f"take {data / 'manifest.csv'}, whose column `labels` has them",
        )
    record = read_preparation_record(data)
    name = str(record.get("dataset") or "clips")
    files = list_files(
        manifest, name=name, frames_prefix=frames_prefix, videos_prefix=videos_prefix
    )
    write_list_files(to, files)
    notes = []
    if any(row.path.endswith(".zip") for row in manifest.rows):
        notes.append(
            "the clips are archives; tools that read folders of frames need `prepare --layout rawframes`"
        )
    if Path(str(record.get("source"))).suffix.lower() in TABLE_EXTENSIONS:
        notes.append(
            "a clip that is a part of a video stands in lists of videos as the whole file; "
            "take the lists of frames for such clips"
        )
    blanks = misread_by_blanks(manifest)
    if blanks:
        notes.append(f"the paths of {blanks} clips hold blanks, at which many tools split a line")
    paths = tuple(to / path for path in files)
    return made(ListFiles(to, paths, len(manifest.rows), tuple(notes)))
