"""The command line: verbs, configuration files, one-line errors."""

from __future__ import annotations

import errno
import inspect
import io
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, get_args

import cyclopts
from cyclopts.config import Dict

from streamergraph import __version__
from streamergraph.atomic import DISK_IS_FULL
from streamergraph.cli.config import read_config, split_config
from streamergraph.cli.sections import options_of_steps, typed_options
from streamergraph.cli.showing import Shown
from streamergraph.errors import StreamergraphError
from streamergraph.events import listening

# Verb -> (where its function is, its line of help). Functions are imported when their verb is used,
# so that `streamergraph --help` answers at once.
VERBS = {
    "run": ("streamergraph.verbs.run:run", "All of it: from a source to the picture."),
    "demo": ("streamergraph.verbs.demo:demo", "All of it on simulated data."),
    "simulate": ("streamergraph.verbs.simulate:simulate", "Snapshot files of a known world."),
    "import": (
        "streamergraph.verbs.import_observations:import_observations",
        "Snapshot files, a chat log or published tables.",
    ),
    "collect": ("streamergraph.verbs.collect:collect", "From Twitch itself, tick by tick."),
    "bots": ("streamergraph.verbs.bots:bots", "Accounts that are no audience, as a list."),
    "process": ("streamergraph.verbs.process:process", "From observations to tables."),
    "enrich": ("streamergraph.verbs.enrich:enrich", "Facts about categories from Steam titles."),
    "games": ("streamergraph.verbs.games:games", "Facts of categories, from Twitch and Steam."),
    "links": ("streamergraph.verbs.links:links", "Social links of streamers."),
    "explore": ("streamergraph.verbs.explore:explore", "What the tables say, as a report."),
    "quality": ("streamergraph.verbs.quality:quality", "Whether the tables can be trusted."),
    "health": ("streamergraph.verbs.health:health", "How a collector did: runs and holes."),
    "graph": ("streamergraph.verbs.graph:graph", "Streamers and weight, chosen once."),
    "communities": (
        "streamergraph.verbs.communities:communities",
        "Who shares an audience with whom, as groups.",
    ),
    "weeks": ("streamergraph.verbs.weeks:weeks", "Communities followed from week to week."),
    "layout": ("streamergraph.verbs.layout:layout", "Where every streamer stands."),
    "view": ("streamergraph.verbs.view:view", "Pictures, Gephi files, an interactive page."),
    "serve": ("streamergraph.verbs.serve:serve", "Reports and the graph in a browser, locally."),
    "model": ("streamergraph.verbs.model:model", "Into a graph database, or files for one."),
    "query": ("streamergraph.verbs.query:query", "Ask a graph database."),
}
# Words behind which stands another one.
GROUPS = {
    "auth": (
        "Who we are to Twitch.",
        {
            "check": ("streamergraph.verbs.auth:check", "Whether the client's id and secret hold."),
            "login": ("streamergraph.verbs.auth:login", "A user's token, for lists of chatters."),
            "logout": ("streamergraph.verbs.auth:logout", "Delete the kept tokens."),
        },
    ),
    "bench": (
        "Measure speed on this machine.",
        {
            "process": (
                "streamergraph.verbs.bench_process:bench_process",
                "All pairs of audiences beside Python sets; `process` out of core.",
            ),
        },
    ),
    "store": (
        "What is done with a whole store.",
        {
            "convert": ("streamergraph.verbs.store:convert", "From an older format to today's."),
            "compact": ("streamergraph.verbs.store:compact", "Fewer and larger files."),
            "merge": ("streamergraph.verbs.store:merge", "Two stores into one."),
            "forget": ("streamergraph.verbs.store:forget", "Delete every trace of people."),
            "retain": (
                "streamergraph.verbs.store:retain",
                "Thin what is long past to minutes a day.",
            ),
        },
    ),
}
# Lines of usage of verbs whose second argument may be left out, which would be called ARGS.
USAGES = {"query": "Usage: streamergraph query [OPTIONS] GRAPH [NAME]"}
EPILOGUE = """\
Options may also come from a file: `--config FILE.yaml`, one `flag: value` a line; flags win.
`streamergraph VERB --help` explains a verb."""


def build_app() -> cyclopts.App:
    """The command-line application."""
    app = cyclopts.App(
        name="streamergraph",
        help="From who is in which Twitch chat to an explorable graph of streamers.",
        help_epilogue=EPILOGUE,
        version=__version__,
        result_action="return_value",
        suppress_keyboard_interrupt=False,
        # `steps` of `run` come from the sections of its configuration file.
        default_parameter=cyclopts.Parameter(converter=_convert, parse=re.compile(r"^(?!steps$)")),
    )
    for verb, (place, line) in VERBS.items():
        app.command(place, name=verb, help=line, usage=USAGES.get(verb))
    for word, (what, members) in GROUPS.items():
        group = cyclopts.App(name=word, help=what)
        for verb, (place, line) in members.items():
            group.command(place, name=verb, help=line)
        app.command(group)
    return app


def _convert(kind: Any, tokens: Sequence[cyclopts.Token]) -> Any:
    """Convert the words of one option, and refuse what would be rounded without a word."""
    value = tokens[0].value
    whole = kind is int or set(get_args(kind)) == {int, type(None)}
    if whole and not value.removeprefix("-").isdigit():
        place = "" if tokens[0].source == "cli" else f" in {tokens[0].source}"
        raise ValueError(f"expected a whole number, found {value!r}{place}")
    return cyclopts.convert(kind, tokens)


def main(tokens: Sequence[str] | None = None) -> None:
    """Run the command line; exits with 0, or with 2 for a user's error."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show must not end a long job.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run_command(list(sys.argv[1:] if tokens is None else tokens)))


def run_command(tokens: list[str]) -> int:
    """Run one command and return its exit status; bugs keep their traceback."""
    app = build_app()
    steps: dict[str, dict[str, Any]] = {}
    try:
        tokens, config = split_config(tokens)
        command = find_command(tokens)
        if config is not None and command is not None:
            words, place = command
            chained = options_of_steps(steps_of_run()) if words == ("run",) else {}
            read = read_config(
                config,
                known=flags_of(place),
                several=flags_of(place, "list["),
                switches=flags_of(place, "bool"),
                sections=chained,
            )
            options: dict[str, Any] = read.options
            for word in reversed(words):
                options = {word: options}
            app.config = (Dict(options, source=str(config)),)
            steps = {
                step: typed_options(build_app(), step, VERBS[step][0], section, source=config)
                for step, section in read.sections.items()
            }
        function, bound, unparsed = app.parse_args(tokens, exit_on_error=False, print_error=False)
        if "steps" in unparsed:
            bound.arguments["steps"] = steps
        with listening(Shown()):
            function(*bound.args, **bound.kwargs)
    except StreamergraphError as error:
        return _fail(str(error))
    except cyclopts.CycloptsError as error:
        return _fail(_with_help(error, find_command(tokens)))
    except OSError as error:
        # A path that cannot be written or read, a full disk: the remedy is the user's. Whatever else
        # the system refuses names no file, and is a bug.
        place = error.filename2 or error.filename
        if place is None and error.errno != errno.ENOSPC:
            raise
        full = error.errno in DISK_IS_FULL
        remedy = "make room, or choose another path" if full else "choose another path"
        return _fail(f"{place or 'the disk'}: {error.strerror}; {remedy}")
    return 0


def _with_help(error: cyclopts.CycloptsError, command: tuple[tuple[str, ...], str] | None) -> str:
    """What is wrong with the words that were typed, and where those that can be typed are listed."""
    if isinstance(error, cyclopts.UnusedCliTokensError):
        unused = error.unused_tokens or []
        verb = "belongs" if len(unused) == 1 else "belong"
        said = (
            f"{', '.join(map(repr, unused))} {verb} to nothing; a name with spaces is put in quotes"
        )
    else:
        said = " ".join(str(error).split()).partition(" Available commands:")[0]
    words = "" if command is None else f"{' '.join(command[0])} "
    return f"{said.rstrip('.')}; see streamergraph {words}--help"


def find_command(tokens: Sequence[str]) -> tuple[tuple[str, ...], str] | None:
    """The words of the command that `tokens` begin with, and where its function is; None for none.

    >>> find_command(["view", "tables"])
    (('view',), 'streamergraph.verbs.view:view')
    """
    match list(tokens):
        case [group, verb, *_] if group in GROUPS and verb in GROUPS[group][1]:
            return (group, verb), GROUPS[group][1][verb][0]
        case [verb, *_] if verb in VERBS:
            return (verb,), VERBS[verb][0]
    return None


def steps_of_run() -> dict[str, str]:
    """The verbs that `run` calls, each with a section of its own in the configuration file."""
    from streamergraph.verbs.run import STEPS

    return {verb: VERBS[verb][0] for verb in STEPS}


def flags_of(place: str, kind: str = "") -> set[str]:
    """The options of the function at `place` (``module:name``), without dashes in front.

    Only those with `kind` in their annotation, as the source writes it.
    """
    module, _, name = place.partition(":")
    function = getattr(import_module(module), name)
    return {
        parameter.strip("_").replace("_", "-")
        for parameter, declared in inspect.signature(function).parameters.items()
        if parameter != "steps" and kind in str(declared.annotation)
    }


def _fail(message: str) -> int:
    sys.stderr.write(f"streamergraph: {message}\n")
    return 2
