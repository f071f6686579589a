"""The verb `publish`: a run on the Hugging Face Hub, for `twostream.load("hf://owner/name")`."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import InputPath
from twostream.verbs.paths import checks_paths
from twostream.verbs.written import Published


@checks_paths
def publish(
    run: InputPath,
    repository: str,
    *,
    dry_run: bool = False,
    public: bool = False,
    split: int | None = None,
) -> Published:
    """Upload a run's networks with a model card, for others to load by `hf://OWNER/NAME`.

    Both streams, what says what they see, the card, and a list of these files with their SHA-256; no clips
    and no names of clips. `--dry-run` lists them, and needs neither network nor account. Takes the package
    `huggingface_hub` (the extra `hub`), and a login by `hf auth login` or HF_TOKEN.

    Parameters
    ----------
    run
        Run folder with trained streams, or a bundle.
    repository
        OWNER/NAME on the Hub, or OWNER/NAME@BRANCH. It is made if it is not there.
    dry_run
        List what would be uploaded, and upload nothing.
    public
        Let everybody see a repository that is made. Default: only you. One that is there stays as it is.
    split
        Of a run over several splits, the one to use. Default: the final model if there is one, else the
        first.
    """
    from twostream.downloads.hub import hub_address
    from twostream.events import made
    from twostream.exporting.publishing import staged, upload
    from twostream.prediction.runs import read_run

    address = hub_address(repository)
    bundle = read_run(Path(run), split=split)
    with staged(bundle, address) as (folder, files):
        url = None
        if not dry_run:
            message = f"Publish {len(bundle.classes)} classes by twostream"
            url = upload(folder, files, address, public=public, message=message)
    return made(Published(str(address), tuple(files), url))
