"""Folders for labels: any text is a label, and every file system takes what is made of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

LONGEST_BYTES = 200
# What Windows forbids in names, and what the hexadecimal signs of an encoded one would be taken for.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]|%(?=[0-9A-Fa-f]{2})')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)


def folder_name(label: str) -> str:
    """The label as the name of a folder on any system; different labels have different names.

    Signs that some system forbids are written as in addresses; a long one is cut and ends in a digest.

    >>> folder_name("cup/glass: full?"), folder_name("NUL"), folder_name("..."), folder_name("wave")
    ('cup%2Fglass%3A full%3F', '%4EUL', '%2E.%2E', 'wave')
    """
    name = _FORBIDDEN.sub(lambda match: _encoded(match[0]), label)
    if _DEVICES.fullmatch(name) or name[:1] in (".", " ", "~"):
        name = _encoded(name[0]) + name[1:]
    if name[-1:] in (".", " "):
        name = name[:-1] + _encoded(name[-1])
    data = name.encode("utf-8", "surrogateescape")
    if len(data) <= LONGEST_BYTES:
        return name
    digest = hashlib.sha256(data).hexdigest()[:8]
    return f"{data[: LONGEST_BYTES - 9].decode('utf-8', 'ignore')}~{digest}"


def folder_names(labels: Iterable[str]) -> dict[str, str]:
    """Label -> folder. Labels that differ in case alone have folders that differ in more.

    >>> folder_names(["walk", "Walk"])
    {'Walk': 'Walk', 'walk': 'walk~2'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for label in sorted(set(labels)):
        name = folder_name(label)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{folder_name(label)}~{number}"
        taken.add(name.casefold())
        names[label] = name
    return names


def is_folder_of(folder: str, label: str) -> bool:
    """Whether a folder is that of the label: called as it is, as class folders are, or by `folder_names`.

    >>> is_folder_of("walk~2", "walk"), is_folder_of("run", "walk")
    (True, False)
    """
    name = folder_name(label)
    number = folder.removeprefix(f"{name}~")
    return folder in (label, name) or (number != folder and number.isdecimal())


def _encoded(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogateescape"))
