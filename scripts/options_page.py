"""The page of all options in the docs: made of their declarations whenever the docs are built.

MkDocs calls `on_page_markdown` (`hooks:` in mkdocs.yml); a line `<!-- options of VERB -->` becomes tables.
"""

from __future__ import annotations

import re
from importlib import import_module

from twostream.verbs.flags import Flag, flag_help, flags_of, options_type

PLACE = re.compile(r"^<!-- options of (\w+) -->$", re.MULTILINE)
TITLES = {
    None: "Of the verb itself",
    "prepare": "Clips, frames and flow (`prepare:` in a file)",
    "extraction": "Frames and flow",
    "labels": "Labels of other tools",
    "spatial": "Training (`spatial:` and `temporal:` in a file)",
    "temporal": "Training of the temporal stream (`temporal:` in a file)",
    "evaluate": "Evaluation (`evaluate:` in a file)",
    "look": "How sources are looked at (`look:` in a file)",
    "limits": "Limits on what strangers may ask (`limits:` in a file)",
    "predict": "How the video is looked at (`predict:` in a file)",
}


def on_page_markdown(markdown: str, **_: object) -> str:
    """A page with its places filled."""
    return PLACE.sub(lambda found: tables_of(found[1]), markdown)


def tables_of(verb: str) -> str:
    """All options of a verb that are declared, a table for each group.

    >>> "| `--batch-size` | 16 |" in tables_of("run")
    True
    """
    kind = options_type(getattr(import_module(f"twostream.verbs.{verb}"), verb))
    by_group: dict[str | None, list[Flag]] = {}
    for flag in flags_of(kind):
        if not flag.is_of_one_group:
            by_group.setdefault(flag.sets[0].group, []).append(flag)
    parts = []
    for group, flags in by_group.items():
        parts += [
            f"### {TITLES[group]}",
            "",
            "| option | default | meaning |",
            "| --- | --- | --- |",
        ]
        parts += [row_of(flag) for flag in flags] + [""]
    return "\n".join(parts)


def row_of(flag: Flag) -> str:
    """A line of a table."""
    default = "" if flag.default is None else text_of(flag.default)
    text = flag_help(flag).replace("|", "\\|")
    return f"| `--{flag.name}` | {default} | {text} |"


def text_of(value: object) -> str:
    """A default as it is typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value).replace(",", ", ")
