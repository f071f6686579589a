"""What else people call what a verb does, for those who type it."""

from __future__ import annotations

import re

# Word -> the verb that is meant by it.
OTHER_WORDS = {
    **dict.fromkeys(
        ("recognise", "recognize", "classify", "infer", "inference", "detect", "apply"), "predict"
    ),
    **dict.fromkeys(("extract", "preprocess", "convert", "frames"), "prepare"),
    **dict.fromkeys(("fit", "learn", "finetune", "fine-tune"), "train"),
    **dict.fromkeys(("test", "score", "validate", "accuracy"), "evaluate"),
    **dict.fromkeys(("verify", "repair"), "check"),
    **dict.fromkeys(("server", "web", "api"), "serve"),
    **dict.fromkeys(("inspect", "visualise", "visualize", "stats"), "explore"),
    **dict.fromkeys(("embed", "embeddings"), "features"),
    **dict.fromkeys(("search", "similar"), "nearest"),
    **dict.fromkeys(("backbones", "networks"), "models"),
    **dict.fromkeys(("version", "versions", "doctor"), "info"),
    **dict.fromkeys(("upload", "share"), "publish"),
    **dict.fromkeys(("all", "pipeline", "start"), "run"),
}

_UNKNOWN = re.compile(r'Unknown command "([^"]*)"')


def with_the_verb_meant(message: str) -> str:
    """A message about an unknown verb with the verb that its word means; any other as it is.

    >>> with_the_verb_meant('Unknown command "recognise".')
    'Unknown command "recognise". Did you mean "predict"?'
    >>> with_the_verb_meant('Unknown command "x".')
    'Unknown command "x".'
    """
    unknown = _UNKNOWN.match(message)
    verb = OTHER_WORDS.get(unknown[1].casefold()) if unknown is not None else None
    return message if unknown is None or verb is None else f'{unknown[0]}. Did you mean "{verb}"?'
