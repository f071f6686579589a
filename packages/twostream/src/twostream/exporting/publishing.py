"""What is published of a run: its bundle, a model card, and a list of the files with their hashes.

Nothing else leaves the machine: no clips, no names of them, no paths; of files of weights the name alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from twostream.atomic import write_json, write_text
from twostream.downloads.hub import (
    LIST_FORMAT,
    LIST_NAME,
    HubAddress,
    explained,
    hub_library,
)
from twostream.exporting.card import CARD_NAME, card, named
from twostream.exporting.thresholds import copy_thresholds, thresholds_of
from twostream.models.files import file_digest
from twostream.training.bundle import StreamBundle
from twostream.training.two_streams import TwoStreamBundle, copy_bundle

USE = """\
With twostream and its extra `hub` installed:

```python
import twostream

run = twostream.load("{address}")
print(run.predict("video.mp4").fused)
```"""


@dataclass(frozen=True)
class PublishedFile:
    """A file as it lies in the repository."""

    name: str
    size_bytes: int
    sha256: str


@contextmanager
def staged(
    bundle: TwoStreamBundle, address: HubAddress
) -> Iterator[tuple[Path, list[PublishedFile]]]:
    """Yield a temporary folder with all that is to be published of a bundle, and what lies in it."""
    with TemporaryDirectory(prefix="twostream-") as parent:
        folder = Path(parent) / "run"
        copy_bundle(_without_paths(bundle), folder)
        copy_thresholds(bundle, folder)
        told = card(
            bundle,
            use=USE.format(address=replace(address, revision=None)),
            thresholds=thresholds_of(bundle),
        )
        write_text(folder / CARD_NAME, told)
        listed = {one.name: one.sha256 for one in files_in(folder) if one.name != CARD_NAME}
        write_json(folder / LIST_NAME, {"format": LIST_FORMAT, "files": listed})
        yield folder, files_in(folder)


def files_in(folder: Path) -> list[PublishedFile]:
    """All files below a folder, by name."""
    return [
        PublishedFile(
            path.relative_to(folder).as_posix(), path.stat().st_size, file_digest(path) or ""
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def upload(
    folder: Path, files: Sequence[PublishedFile], address: HubAddress, *, public: bool, message: str
) -> str:
    """Upload these files and no others, as one commit; the address of the commit.

    A repository that is not there is made, private unless `public`. Raises TwostreamError for what the
    Hub refuses.
    """
    hub = hub_library()
    api = hub.HfApi()
    with explained(address, writing=True):
        api.create_repo(address.repository, private=not public, exist_ok=True)
        commit = api.create_commit(
            address.repository,
            [hub.CommitOperationAdd(one.name, folder / one.name) for one in files],
            commit_message=message,
            revision=address.revision,
        )
    return str(commit.commit_url)


def _without_paths(bundle: TwoStreamBundle) -> TwoStreamBundle:
    def of(one: StreamBundle | None) -> StreamBundle | None:
        if one is None:
            return None
        weights = one.training.weights
        told = replace(
            one.training,
            backbone=named(one.training.backbone),
            weights=None if weights is None else named(weights),
        )
        return replace(one, training=told)

    return replace(bundle, spatial=of(bundle.spatial), temporal=of(bundle.temporal))
