"""The command line: verbs, configuration files, one-line errors."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import cyclopts
from cyclopts.config import Dict

from twostream import __version__
from twostream.cli.help import ALL, HELP, asks_for_all, epilogue, shown_in_help, usage
from twostream.cli.other_words import with_the_verb_meant
from twostream.cli.plain import plain
from twostream.cli.showing import Shown
from twostream.errors import TwostreamError
from twostream.events import listening
from twostream.opencv import require_opencv
from twostream.paths import require_path
from twostream.verbs.flags import earlier_flags, earlier_values, options_type
from twostream.verbs.recipes import recipe_names
from twostream.verbs.settings import load_settings

# Verb -> (where its function is, its line of help). Functions are imported when their verb is used,
# so that `twostream --help` answers at once.
VERBS = {
    "run": ("twostream.verbs.run:run", "All of it: from a folder of videos to a report."),
    "prepare": ("twostream.verbs.prepare:prepare", "Extract frames and optical flow."),
    "train": ("twostream.verbs.train:train", "Train the spatial or the temporal stream."),
    "evaluate": ("twostream.verbs.evaluate:evaluate", "Score the test part; fuse the streams."),
    "explore": ("twostream.verbs.explore:explore", "Show what is in a prepared data set."),
    "check": ("twostream.verbs.check:check", "Verify a prepared data set; repair it."),
    "predict": ("twostream.verbs.predict:predict", "What happens in any video, by a trained run."),
    "serve": ("twostream.verbs.serve:serve", "A page and an HTTP interface for a trained run."),
    "report": ("twostream.verbs.report:report", "Write the report of an evaluated run."),
    "bundle": ("twostream.verbs.bundle:bundle", "A run's networks, to be copied anywhere."),
    "export": ("twostream.verbs.export:export", "A run's networks for other programs."),
    "publish": ("twostream.verbs.publish:publish", "A run's networks on the Hugging Face Hub."),
    "compare": ("twostream.verbs.compare:compare", "Two runs on the same clips, paired."),
    "download": ("twostream.verbs.download:download", "Fetch HMDB-51 or UCF-101."),
    "lists": ("twostream.verbs.lists:lists", "The splits as list files for other tools."),
    "splits": (
        "twostream.verbs.splits:splits",
        "What each split trains and tests; are both alike?",
    ),
    "bouts": ("twostream.verbs.bouts:bouts", "Bouts, kappa and ethogram of labels."),
    "review": ("twostream.verbs.review:review", "Stretches of labels worth a second look."),
    "demo": ("twostream.verbs.demo:demo", "Generated clips through the whole pipeline."),
    "features": ("twostream.verbs.features:features", "What networks see in videos, as vectors."),
    "nearest": ("twostream.verbs.nearest:nearest", "Moments of videos that look alike."),
    "models": ("twostream.verbs.backbones:backbones", "Backbones: size, cost, weights, speed."),
    "info": ("twostream.verbs.info:info", "Versions, devices, codecs, limits: for bug reports."),
    "flow": ("twostream.verbs.flow:flow", "Optical flow of two pictures or of a video."),
    "flow-eval": ("twostream.verbs.flow_eval:flow_eval", "Compare a flow with the true one."),
}
BENCHMARKS = {
    "flow": (
        "twostream.lab.benchmarks.bench_flow:bench_flow",
        "Flow algorithms beside OpenCV's TV-L1.",
    ),
    "prepare": (
        "twostream.lab.benchmarks.bench_prepare:bench_prepare",
        "`prepare`, end to end, likewise.",
    ),
    "evaluate": (
        "twostream.lab.benchmarks.bench_evaluate:bench_evaluate",
        "Whole-video scores beside the original's way.",
    ),
    "inference": (
        "twostream.lab.benchmarks.bench_inference:bench_inference",
        "OpenVINO beside Keras.",
    ),
    "predict": (
        "twostream.lab.benchmarks.bench_predict:bench_predict",
        "Seconds of video a second of the clock.",
    ),
    "training": (
        "twostream.lab.benchmarks.bench_training:bench_training",
        "Our step beside PyTorch's.",
    ),
    "loading": (
        "twostream.lab.benchmarks.bench_loading:bench_loading",
        "Our loader beside a held batch.",
    ),
}
EPILOGUE = """\
Options may also come from a file: `--config FILE.yaml`, one `flag: value` a line; flags win.
`twostream VERB --help` explains a verb."""


def build_app(tokens: Sequence[str] = ()) -> cyclopts.App:
    """The command-line application; of the command that `tokens` begin with, the help is prepared."""
    app = cyclopts.App(
        name="twostream",
        help="Two-stream recognition of human actions in video.",
        help_epilogue=EPILOGUE,
        version=__version__,
        result_action="return_value",
        suppress_keyboard_interrupt=False,
        default_parameter=cyclopts.Parameter(converter=_convert),
    )
    for verb, (place, line) in VERBS.items():
        app.command(place, name=verb, help=line)
    bench = cyclopts.App(name="bench", help="Measure speed side by side on this machine.")
    for subject, (place, line) in BENCHMARKS.items():
        bench.command(place, name=subject, help=line)
    app.command(bench)
    chosen = find_command(tokens)
    if chosen is not None and any(word in tokens for word in HELP):
        words, function = chosen[0], function_at(chosen[1])
        everything = asks_for_all(tokens)
        parent = bench if len(words) > 1 else app
        del parent[words[-1]]
        parent.command(
            shown_in_help(function, everything=everything),
            name=words[-1],
            help_epilogue=epilogue(function, words, everything=everything),
        )
        parent[words[-1]].usage = usage(function, app, words)
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
    try:
        app = build_app(tokens)
        tokens = [word for word in tokens if word != ALL or not asks_for_all(tokens)]
        tokens, config = split_config(tokens)
        command = find_command(tokens)
        # Without a verb the file means nothing, and what follows says that one is missing.
        if config is not None and command is not None:
            words, place = command
            if config.stem in recipe_names() and not config.exists():
                raise TwostreamError(
                    config,
                    expected="a YAML file of options",
                    found="no such file",
                    remedy=f"the recipe is called --recipe {config.stem}",
                )
            require_path(config, flag="--config", expected="a YAML file of options")
            settings = load_settings(config, function_at(place))
            earlier = earlier_values(function_at(place))
            settings = {
                name: earlier[name].get(value, value)
                if name in earlier and isinstance(value, str)
                else value
                for name, value in settings.items()
            }
            # Below the names of its command: Cyclopts drops keys that are verbs too, such as `flow`.
            for word in reversed(words):
                settings = {word: settings}
            app.config = (Dict(settings, source=str(config)),)
        if command is not None:
            function = function_at(command[1])
            tokens = in_todays_words(tokens, earlier_flags(function))
            tokens = with_todays_values(tokens, earlier_values(function))
        if command is not None and command[0] != ("info",):  # which tells what is amiss itself
            require_opencv()
        with listening(Shown(show_result=_show_result)):
            returned = app(tokens, exit_on_error=False, print_error=False)
        if command is not None and command[0][0] == "bench" and isinstance(returned, dict):
            from twostream.cli.tables.benchmarks import print_benchmark

            print_benchmark(command[0][1], returned)
    except TwostreamError as error:
        return _fail(str(error))
    except cyclopts.MissingArgumentError as error:
        return _fail(missing_argument(error))
    except cyclopts.UnusedCliTokensError as error:
        return _fail(one_too_many(error.unused_tokens or [], command))
    except cyclopts.CycloptsError as error:
        return _fail(with_help(" ".join(str(error).split()), command))
    except (
        FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError
    ) as error:  # fmt: skip
        # Whatever was to be written there: the path is the user's, and so is the remedy.
        return _fail(f"{error.filename}: {error.strerror}; choose another path")
    except OSError as error:
        from twostream.locks import STORE_IS_UNUSABLE

        where = f"{error.filename}: " if error.filename else ""
        if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
            return _fail(f"{where}{error.strerror}; choose another path")
        if error.errno not in STORE_IS_UNUSABLE:
            raise
        return _fail(f"{where}{error.strerror}; make room or choose another path")
    return 0


def _show_result(result: object) -> None:
    from twostream.cli.results import show_result

    show_result(result)


def split_config(tokens: list[str]) -> tuple[list[str], Path | None]:
    """Take ``--config FILE`` or ``--config=FILE`` out of the tokens.

    Raises TwostreamError where the file's name is missing.

    >>> split_config(["run", "--config", "a.yaml", "--out", "b"])
    (['run', '--out', 'b'], PosixPath('a.yaml'))
    """
    rest: list[str] = []
    config: Path | None = None
    remaining = iter(tokens)
    for token in remaining:
        if token == "--config":
            value = next(remaining, None)
            if value is None:
                raise TwostreamError(
                    "--config", expected="a file's name", found="none", remedy="--config FILE.yaml"
                )
            config = Path(value)
        elif token.startswith("--config="):
            config = Path(token.removeprefix("--config="))
        else:
            rest.append(token)
    return rest, config


def in_todays_words(tokens: Sequence[str], earlier: Mapping[str, str]) -> list[str]:
    """The tokens with flags that were renamed by their names of today.

    >>> in_todays_words(["flow", "--preset=fast", "--bound", "3"], {"preset": "flow-preset"})
    ['flow', '--flow-preset=fast', '--bound', '3']
    """
    words = []
    for token in tokens:
        flag, equals, value = token.partition("=")
        renamed = earlier.get(flag[2:]) if flag.startswith("--") else None
        words.append(f"--{renamed}{equals}{value}" if renamed else token)
    return words


def with_todays_values(
    tokens: Sequence[str], earlier: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """The tokens with values that were renamed by their names of today.

    >>> with_todays_values(["--precision", "mixed", "--out=mixed"], {"precision": {"mixed": "bf16"}})
    ['--precision', 'bf16', '--out=mixed']
    >>> with_todays_values(["--precision=mixed"], {"precision": {"mixed": "bf16"}})
    ['--precision=bf16']
    """
    words: list[str] = []
    for token in tokens:
        flag, equals, value = token.partition("=")
        before = words[-1] if words else ""
        if equals and flag.startswith("--"):
            words.append(f"{flag}={earlier.get(flag[2:], {}).get(value, value)}")
        else:
            words.append(earlier.get(before[2:], {}).get(token, token))
    return words


def missing_argument(error: cyclopts.MissingArgumentError) -> str:
    """What is missing, in a line: what has a place and not a flag by its name, as the help shows it."""
    found = error.argument
    words = " ".join(error.command_chain or ())
    if found is None:
        return " ".join(str(error).split())
    help_of_it = f"see twostream {words} --help"
    if error.keyword or any(one.keyword for one in found.tokens):
        return f"{words}: {error.keyword or found.name} has no value behind it; {help_of_it}"
    name = found.name if found.index is None else found.name.lstrip("-").upper()
    return f"{words}: {name} is missing; {help_of_it}"


def one_too_many(unused: Sequence[str], command: tuple[tuple[str, ...], str] | None) -> str:
    """What is said of words that no argument takes: mostly the rest of a name with spaces.

    >>> one_too_many(["b"], (("run",), ""))
    "run: 'b' belongs to nothing; a name with spaces is put in quotes; see twostream run --help"
    """
    words = " ".join(command[0]) if command is not None else ""
    named = ", ".join(map(repr, unused))
    verb = "belongs" if len(unused) == 1 else "belong"
    return (
        f"{words}: {named} {verb} to nothing; a name with spaces is put in quotes; "
        f"see twostream {words} --help"
    )


def with_help(message: str, command: tuple[tuple[str, ...], str] | None) -> str:
    """What is wrong, and where what can be said instead is listed.

    >>> with_help('Unknown option: "--labels".', (("train",), VERBS["train"][0]))
    'Unknown option: "--labels"; see twostream train --help --all'
    >>> with_help('Unknown command "x". Available commands: run, .', None)
    'Unknown command "x"; see twostream --help'
    >>> with_help('Unknown command "recognise".', None)
    'Unknown command "recognise". Did you mean "predict"?; see twostream --help'
    """
    message = message.partition(" Available commands:")[0]  # the first few of them
    message = with_the_verb_meant(message)
    words = "" if command is None else f"{' '.join(command[0])} "
    everything = f" {ALL}" if command is not None and options_type(function_at(command[1])) else ""
    return f"{message.rstrip('.')}; see twostream {words}--help{everything}"


def find_command(tokens: Sequence[str]) -> tuple[tuple[str, ...], str] | None:
    """The words of the command that `tokens` begin with, and where its function is; None for none.

    >>> find_command(["prepare", "videos"])
    (('prepare',), 'twostream.verbs.prepare:prepare')
    """
    match list(tokens):
        case ["bench", subject, *_] if subject in BENCHMARKS:
            return ("bench", subject), BENCHMARKS[subject][0]
        case [verb, *_] if verb in VERBS:
            return (verb,), VERBS[verb][0]
    return None


def function_at(place: str) -> Callable[..., Any]:
    """The function of a verb, by its place (``module:name``)."""
    import importlib

    module, _, name = place.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _fail(message: str) -> int:
    sys.stderr.write(f"twostream: {plain(message)}\n")
    return 2
