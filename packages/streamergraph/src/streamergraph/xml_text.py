"""Text inside XML: escaped, and without the characters that XML forbids."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape


def xml_text(value: Any) -> str:
    r"""`value` as text that can stand in an element or a quoted attribute.

    Control characters and lone surrogates are left out, for names may hold them. Line ends and tabs
    are written as references, since a parser makes spaces of them in attributes.

    >>> xml_text('a<b & "c"' + chr(0) + "\n")
    'a&lt;b &amp; &quot;c&quot;&#10;'
    """
    kept = "".join(
        character
        for character in str(value)
        if character in "\t\n\r" or (character >= " " and not "\ud800" <= character <= "\udfff")
    )
    kept = kept.replace("\ufffe", "").replace("\uffff", "")
    return escape(kept, {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})
