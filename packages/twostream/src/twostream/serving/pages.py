"""The page to try a run on: its frame, its program, its style; nothing of it comes from the network."""

from __future__ import annotations

import functools

import jinja2
from markupsafe import Markup

from twostream.reporting.rendering import environment, style


@functools.cache
def templates() -> jinja2.Environment:
    """The templates of this package, and those of the reports, which they extend."""
    reports = environment()
    own = jinja2.PackageLoader("twostream.serving", "templates")
    there = [] if reports.loader is None else [reports.loader]
    return reports.overlay(loader=jinja2.ChoiceLoader([own, *there]))


@functools.cache
def front_page() -> str:
    """The page on which a clip is dropped."""
    return templates().get_template("front.html").render(css=Markup(""))


@functools.cache
def page_script() -> str:
    """The program of that page."""
    return _source("front.js")


@functools.cache
def style_sheet() -> str:
    """The style of that page."""
    return f"{style()}\n{_source('served.css')}"


def _source(name: str) -> str:
    made = templates()
    assert made.loader is not None
    return made.loader.get_source(made, name)[0]
