"""The one family of errors a user of twostream can cause and mend."""

from __future__ import annotations

from os import PathLike
from typing import Any


class TwostreamError(Exception):
    """A problem the user can mend: names the subject, what was expected, what was found, the remedy.

    The command line prints it as one line and exits with status 2; every other exception is a bug
    and keeps its traceback.

    >>> print(TwostreamError("clips/", expected="class folders", found="nothing", remedy="check it"))
    clips/: expected class folders, found nothing; check it
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


class TwostreamWarning(UserWarning):
    """Something a user should know though all goes on; an event where somebody listens (`events`)."""


def _rebuild(
    kind: type[TwostreamError], subject: str, expected: str, found: str, remedy: str
) -> TwostreamError:
    return kind(subject, expected=expected, found=found, remedy=remedy)
