"""Runs on the Hugging Face Hub: fetched once by its own library, and checked by their hashes.

An address is ``hf://owner/name`` or ``hf://owner/name@revision``. What `twostream publish` uploads has a
list of its files with their SHA-256; only what is listed is fetched, into the library's own cache.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from twostream.errors import TwostreamError
from twostream.extras import how_to_install
from twostream.formats import check_format

PREFIX = "hf://"
LIST_NAME = "twostream.json"
LIST_FORMAT = 1
A_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class HubAddress:
    """A repository of models, ``owner/name``, and a branch, tag or commit of it (None: the main branch)."""

    repository: str
    revision: str | None = None

    def __str__(self) -> str:
        return PREFIX + self.repository + (f"@{self.revision}" if self.revision else "")


def is_hub_address(place: object) -> bool:
    """Whether a place is said to be on the Hub.

    >>> is_hub_address("hf://ada/waving"), is_hub_address("runs/waving")
    (True, False)
    """
    return str(place).startswith(PREFIX)


def hub_address(text: str) -> HubAddress:
    """An address as users write it, with or without ``hf://``.

    Raises TwostreamError for what is none.

    >>> hub_address("hf://ada/waving@v2")
    HubAddress(repository='ada/waving', revision='v2')
    """
    repository, _, revision = text.removeprefix(PREFIX).partition("@")
    if not A_REPOSITORY.fullmatch(repository) or ("@" in text and not revision):
        raise TwostreamError(
            text,
            expected="a repository on the Hub, such as hf://ada/waving or hf://ada/waving@v2",
            found="an @ without a revision"
            if "@" in text and not revision
            else repository or "nothing",
            remedy="name its owner and its name, with one / between them",
        )
    return HubAddress(repository, revision or None)


def download_run(address: HubAddress) -> Path:
    """Fetch a published run; the folder in the library's cache that is a bundle.

    What is there already is not fetched again, and a connection that breaks is taken up where it broke.
    Raises TwostreamError where the library or the repository is not there, and for a file that is not what
    the list says; that one is removed, so that another call fetches it anew.
    """
    hub = hub_library()
    with explained(address):
        listed = Path(hub.hf_hub_download(address.repository, LIST_NAME, revision=address.revision))
    # The commit that the list is of, so that all files are of one, whoever uploads meanwhile.
    folder = listed.parent
    for name, digest in read_list(listed).items():
        with explained(address):
            path = Path(hub.hf_hub_download(address.repository, name, revision=folder.name))
        _check(path, digest, f"{address}: {name}")
    return folder


def read_list(path: Path) -> dict[str, str]:
    """The files that a repository lists, each with its SHA-256; TwostreamError for a damaged list."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        check_format(values, known=LIST_FORMAT, subject=path)
        files = dict(values["files"])
        if not files or not all(_is_plain(name, digest) for name, digest in files.items()):
            raise ValueError("names or hashes that are none")
    except TwostreamError:
        raise
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise TwostreamError(
            LIST_NAME,
            expected="the list of files that `twostream publish` uploads",
            found=f"something else ({error})",
            remedy="publish the run again",
        ) from error
    return files


def _is_plain(name: object, digest: object) -> bool:
    if not isinstance(name, str) or not isinstance(digest, str):
        return False
    path = PurePosixPath(name)
    inside = not path.is_absolute() and ".." not in path.parts and "\\" not in name
    return inside and bool(SHA256.fullmatch(digest))


def _check(path: Path, digest: str, subject: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found == digest:
        return
    path.resolve().unlink(missing_ok=True)  # what the cache's link points to
    path.unlink(missing_ok=True)
    raise TwostreamError(
        subject,
        expected=f"SHA-256 {digest[:16]}…, as listed",
        found=f"{found[:16]}…",
        remedy="try again, it is fetched anew; if that does not help, the repository is damaged",
    )


def hub_library() -> Any:
    """The library `huggingface_hub`; raises TwostreamError where it is not installed."""
    if find_spec("huggingface_hub") is None:
        raise TwostreamError(
            "huggingface_hub",
            expected="the package huggingface_hub, for runs on the Hub",
            found="none installed",
            remedy=how_to_install("hub"),
        )
    import huggingface_hub

    return huggingface_hub


def hub_errors() -> Any:
    """The errors of the library."""
    hub_library()
    from huggingface_hub import errors

    return errors


@contextmanager
def explained(address: HubAddress, *, writing: bool = False) -> Iterator[None]:
    """Make what the Hub answers an error of a line, in which no token stands."""
    errors = hub_errors()
    # It tells each of its tries on the terminal, where nothing but our one line is to stand.
    its_own, before = (
        logging.getLogger("huggingface_hub"),
        logging.getLogger("huggingface_hub").level,
    )
    its_own.setLevel(logging.ERROR)
    try:
        yield
    except errors.LocalEntryNotFoundError as error:
        raise _no_way(address) from error
    except errors.EntryNotFoundError as error:
        raise _error(
            address,
            found=f"no {LIST_NAME} in it" if not writing else "no such place",
            remedy="it must have been made by `twostream publish`",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise _error(
            address, found="no such revision", remedy="name a branch, a tag or a commit"
        ) from error
    except (errors.RepositoryNotFoundError, errors.GatedRepoError) as error:
        raise _error(
            address,
            found="no such repository, or none that you may see",
            remedy="check its name; for a private one log in with `hf auth login`, or set HF_TOKEN",
        ) from error
    except errors.HfHubHTTPError as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        refused = status in (401, 403)
        raise _error(
            address,
            found=f"the answer {status}" if status else "no answer",
            remedy="log in with `hf auth login`, or set HF_TOKEN to a token that may write"
            if refused and writing
            else "log in with `hf auth login`, or set HF_TOKEN"
            if refused
            else "try again later; what is there already is kept",
        ) from error
    except Exception as error:  # of whatever library the Hub's own one speaks HTTP by
        ours = isinstance(error, ConnectionError | TimeoutError)
        if not ours and not type(error).__module__.startswith("httpx"):
            raise
        raise _no_way(address) from error
    finally:
        its_own.setLevel(before)


def _no_way(address: HubAddress) -> TwostreamError:
    remedy = "check the network, and try again: what is there already is kept"
    return _error(address, found="no way to it", remedy=remedy)


def _error(address: HubAddress, *, found: str, remedy: str) -> TwostreamError:
    return TwostreamError(str(address), expected="a run on the Hub", found=found, remedy=remedy)
