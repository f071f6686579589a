"""The one family of errors a user of streamergraph can cause and mend."""

from __future__ import annotations

from os import PathLike
from typing import Any


class StreamergraphError(Exception):
    """A problem the user can mend: names the subject, what was expected, what was found, the remedy.

    The command line prints it as one line and exits with status 2; every other exception is a bug
    and keeps its traceback.

    >>> print(StreamergraphError("store/", expected="observations", found="none", remedy="import some"))
    store/: expected observations, found none; import some
    """

    def __init__(
        self, subject: str | PathLike[str], *, expected: str, found: str, remedy: str
    ) -> None:
        self.subject = str(subject)
        self.expected = expected
        self.found = found
        self.remedy = remedy
        message = f"{self.subject}: expected {expected}, found {found}; {remedy}"
        super().__init__(" ".join(message.split()))

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only arguments do not survive the default way between processes, nor `copy.copy`.
        arguments = (type(self), self.subject, self.expected, self.found, self.remedy)
        return _rebuild, arguments, self.__dict__


class StreamergraphWarning(UserWarning):
    """Something a user should know though all goes on; the command line prints it as one line."""


def _rebuild(
    kind: type[StreamergraphError], subject: str, expected: str, found: str, remedy: str
) -> StreamergraphError:
    return kind(subject, expected=expected, found=found, remedy=remedy)
