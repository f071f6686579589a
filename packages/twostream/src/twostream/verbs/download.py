"""The verb `download`: HMDB-51 and UCF-101 from where they are published."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from twostream.paths import FileOrAddress, OutputFolder
from twostream.verbs.paths import checks_paths
from twostream.verbs.written import Download, Fetched


@checks_paths
def download(
    name: Literal["hmdb51", "ucf101"],
    *,
    to: OutputFolder,
    source: FileOrAddress | None = None,
    annotations_source: FileOrAddress | None = None,
    pictures_source: FileOrAddress | None = None,
    flow_source: FileOrAddress | None = None,
    part: Literal["both", "videos", "annotations", "frames"] = "both",
) -> Download:
    """Fetch a data set's videos and annotations, open the archives, and compare with what is stated.

    An interrupted download goes on where it stopped. Both data sets are for research; their makers
    keep the rights.

    Parameters
    ----------
    name
        Which data set.
    to
        Folder for it: TO/videos with a folder a class, TO/annotations, TO/archives.
    source
        Address or file of the archive of videos (RAR or ZIP), in place of the official address.
    annotations_source
        The same for the archive of annotations.
    pictures_source
        The same for the archive of ready pictures.
    flow_source
        The same for the archive of ready flow.
    part
        What to fetch: `videos`, `annotations`, `both`, or `frames`: ready pictures and TV-L1 flow of the
        videos, in place of them, into TO/frames.
    """
    from twostream.datasets.load import load_dataset
    from twostream.datasets.official import compare_with_official, write_official_check
    from twostream.downloads.addresses import files_of
    from twostream.downloads.dataset import obtain
    from twostream.events import made
    from twostream.locks import sole_user

    to = Path(to)
    sources = {
        role: None if place is None else os.fspath(place)
        for role, place in (
            ("videos", source),
            ("annotations", annotations_source),
            ("pictures", pictures_source),
            ("flow", flow_source),
        )
    }
    with sole_user(to):
        for official in files_of(name, part):
            got = obtain(official, to, source=sources[official.role])
            how = "there already" if got.reused else f"checksum {got.checksum}"
            made(Fetched(got.role, got.files, got.path, how))
        clips, annotations = to / ("frames" if part == "frames" else "videos"), to / "annotations"
        check = None
        if clips.is_dir() and annotations.is_dir():
            dataset = load_dataset(clips, annotations=annotations, seed=0)
            there = {clip.clip_id for clip in dataset.clips}
            check = compare_with_official(dataset, stored=there, chosen=False)
            if check is not None:
                write_official_check(to, check)
        result = Download(to, name, check, clips=clips)
    return made(result)
