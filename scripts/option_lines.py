"""Count the lines that declare options of twostream, repeat them in docstrings, and hand them on.

usage: python scripts/option_lines.py [COMMIT …]

Counts each commit (default: 7b73d8f, and the files as they are now), and prints the ratio to the first one.
Blank lines and comments do not count. What does, in `verbs/`, `cli/` and every module called `options.py`:

- declarations: parameters of functions that are verbs, fields of dataclasses of options and their checks;
- copies: sections `Parameters` of docstrings;
- glue: functions that take settings without types (`Mapping[str, Any]`, `dict[str, Any]`, `**flags: Any`),
  and arguments handed on by their own name (`seed=seed`, `seed=settings["seed"]`, `seed=options.seed`);
- machinery: all of the modules that turn declarations into flags, files and records (`options.py`,
  `flags.py`, `settings.py`, `paths.py`), as far as it is not counted already.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
SOURCES = "packages/twostream/src/twostream"
MACHINERY = {"options.py", "flags.py", "settings.py", "paths.py"}
UNTYPED = {"Mapping[str, Any]", "dict[str, Any]"}
FIRST = "7b73d8f"
Mark = Callable[[str, int, int], None]


def files_of(commit: str | None) -> dict[str, str]:
    """The relevant modules of a commit (None: as they are on disk), by their path below the package."""
    if commit is None:
        paths = [
            path.relative_to(ROOT / SOURCES).as_posix() for path in (ROOT / SOURCES).rglob("*.py")
        ]
        return {path: (ROOT / SOURCES / path).read_text() for path in paths if is_counted(path)}
    listed = git("ls-tree", "-r", "--name-only", commit, SOURCES).split()
    paths = [name.removeprefix(SOURCES + "/") for name in listed if name.endswith(".py")]
    return {path: git("show", f"{commit}:{SOURCES}/{path}") for path in paths if is_counted(path)}


def is_counted(path: str) -> bool:
    """Whether a module may hold options."""
    parts = PurePosixPath(path).parts
    return parts[0] in ("verbs", "cli") or parts[-1] == "options.py"


def git(*words: str) -> str:
    """What git prints."""
    return subprocess.run(
        ["git", "-C", ROOT, *words], check=True, capture_output=True, text=True
    ).stdout


def count(path: str, text: str) -> Counter[str]:
    """Lines of each kind in a module."""
    kinds: dict[int, str] = {}
    code = lines_of_code(text)

    def mark(kind: str, first: int, last: int) -> None:
        for line in range(first, last + 1):
            if line in code:
                kinds.setdefault(line, kind)

    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            mark_function(node, mark)
        elif isinstance(node, ast.ClassDef) and "Options" in node.name:
            for item in node.body:
                checks = isinstance(item, ast.FunctionDef) and item.name == "__post_init__"
                if isinstance(item, ast.AnnAssign) or checks:
                    mark("declarations", item.lineno, item.end_lineno or item.lineno)
        elif isinstance(node, ast.keyword) and is_handed_on(node):
            mark("glue", node.lineno, node.end_lineno or node.lineno)
    if PurePosixPath(path).name in MACHINERY:
        mark("machinery", 1, len(text.splitlines()))
    return Counter(kinds.values())


def mark_function(node: ast.FunctionDef, mark: Mark) -> None:
    """Parameters, copies in docstrings, glue."""
    docstring = ast.get_docstring(node, clean=False)
    if docstring and "\n    Parameters\n" in docstring:
        literal = node.body[0]
        before = docstring.split("\n    Parameters\n")[0].count("\n") + 1
        mark("copies", literal.lineno + before, literal.end_lineno or literal.lineno)
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        if arguments:
            mark("declarations", arguments[0].lineno, max(a.end_lineno or 0 for a in arguments))
    hints = [a.annotation for a in (*node.args.args, *node.args.kwonlyargs)]
    if any(word in node.name for word in ("settings", "options", "arguments")):
        hints.append(node.returns)
    untyped = {ast.unparse(hint) for hint in hints if hint is not None} & UNTYPED
    rest = node.args.kwarg and node.args.kwarg.annotation
    if untyped or (rest and ast.unparse(rest) == "Any"):
        mark("glue", node.lineno, node.end_lineno or node.lineno)


def is_handed_on(node: ast.keyword) -> bool:
    """Whether an argument is handed on under its own name."""
    value = node.value
    if isinstance(value, ast.Name):
        return value.id == node.arg
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant):
        return isinstance(value.value, ast.Name) and value.value.id in ("settings", "flags")
    return isinstance(value, ast.Attribute) and value.attr == node.arg


def lines_of_code(text: str) -> set[int]:
    """Lines that are neither blank nor only a comment."""
    lines = set()
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in skipped | {tokenize.ENDMARKER}:
            lines |= set(range(token.start[0], token.end[0] + 1))
    blank = {number for number, line in enumerate(text.splitlines(), 1) if not line.strip()}
    return lines - blank


def main(commits: list[str | None]) -> None:
    """Print a table of all commits."""
    first = None
    for commit in commits:
        total: Counter[str] = Counter()
        for path, text in files_of(commit).items():
            total += count(path, text)
        whole = sum(total.values())
        first = first or whole
        parts = ", ".join(f"{kind} {total[kind]}" for kind in sorted(total))
        print(f"{commit or 'now':10s} {whole:5d} lines ({whole / first:.2f}): {parts}")


if __name__ == "__main__":
    main(list(sys.argv[1:]) or [FIRST, None])
