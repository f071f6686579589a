"""Count the lines that declare options of twostream, repeat them in docstrings, and hand them on.

usage: python scripts/option_lines.py [COMMIT …]

Counts each commit (default: 7b73d8f, and the files as they are now), and prints the ratio to the first one.
Blank lines and comments do not count. What does, in `verbs/`, `cli/` and every module called `options.py`:

- declarations: parameters of functions that are verbs, fields of dataclasses of options (without the lines
  that hold only their help) and their checks;
- copies: what docstrings say of an option that is explained elsewhere too;
- glue: functions that take settings without types (a parameter `settings`, `flags`, `options`, `given` or
  `plain` that is a mapping to Any, or `**flags: Any`), and arguments handed on by their own name
  (`seed=seed`, `seed=settings["seed"]`, `seed=options.seed`).

Told apart, for it does not grow with the number of options: machinery, the code without docstrings of the
modules that make flags, files, checks and help of declarations.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
SOURCES = "packages/twostream/src/twostream"
MACHINERY = {"options.py", "verbs/flags.py", "verbs/settings.py", "verbs/paths.py", "cli/help.py"}
LOOSE = {"settings", "flags", "options", "given", "plain"}
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


def entries(node: ast.FunctionDef) -> Iterator[tuple[str, int, int]]:
    """The parameters that a docstring explains: name, first and last line."""
    docstring = ast.get_docstring(node, clean=False) or ""
    if "\n    Parameters\n" not in docstring:
        return
    lines = docstring.split("\n")
    first = lines.index("    Parameters") + 2
    name, start = "", 0
    for number, line in enumerate([*lines[first:], "    end"], first):
        if line.startswith("    ") and line[4:5].strip():  # a name, or another heading
            if name:
                yield name, node.body[0].lineno + start, node.body[0].lineno + number - 1
            name, start = line.strip(), number
            if not name.isidentifier():
                return


def explained(files: dict[str, str]) -> Counter[str]:
    """How often each option is explained: in docstrings of verbs, and as a field of options."""
    names: Counter[str] = Counter()
    for text in files.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                names.update(name for name, _, _ in entries(node))
            elif isinstance(node, ast.ClassDef) and "Options" in node.name:
                names.update(
                    item.target.id
                    for item in node.body
                    if isinstance(item, ast.AnnAssign) and isinstance(item.value, ast.Call)
                )
    return names


def count(path: str, text: str, names: Counter[str]) -> Counter[str]:
    """Lines of each kind in a module; `names` tells how often each option is explained."""
    kinds: dict[int, str] = {}
    code = lines_of_code(text)

    def mark(kind: str, first: int, last: int) -> None:
        for line in range(first, last + 1):
            if line in code:
                kinds.setdefault(line, kind)

    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            mark_function(node, mark, names)
        elif isinstance(node, ast.ClassDef) and "Options" in node.name:
            for item in node.body:
                checks = isinstance(item, ast.FunctionDef) and item.name == "__post_init__"
                if isinstance(item, ast.AnnAssign) or checks:
                    help_lines = set() if checks else lines_of_help(item)
                    for line in set(range(item.lineno, (item.end_lineno or 0) + 1)) - help_lines:
                        mark("declarations", line, line)
        elif isinstance(node, ast.keyword) and is_handed_on(node):
            mark("glue", node.lineno, node.end_lineno or node.lineno)
    if path in MACHINERY:
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (
                ast.get_docstring(node)
            ):
                code -= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
        kinds.clear()
        mark("machinery", 1, len(text.splitlines()))
    return Counter(kinds.values())


def mark_function(node: ast.FunctionDef, mark: Mark, names: Counter[str]) -> None:
    """Parameters, copies in docstrings, glue."""
    told = list(entries(node))
    for name, first, last in told:
        if names[name] > 1:
            mark("copies", first, last)
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    if told and arguments:
        mark("declarations", arguments[0].lineno, max(a.end_lineno or 0 for a in arguments))
    untyped = {
        ast.unparse(one.annotation)
        for one in (*node.args.args, *node.args.kwonlyargs)
        if one.arg in LOOSE and one.annotation is not None
    } & UNTYPED
    rest = node.args.kwarg and node.args.kwarg.annotation
    if untyped or (rest and ast.unparse(rest) == "Any"):
        mark("glue", node.lineno, node.end_lineno or node.lineno)


def lines_of_help(item: ast.AST) -> set[int]:
    """Lines of a field that hold nothing but its help."""
    texts = [
        part
        for part in ast.walk(item)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value
    ]
    lines = {line for one in texts for line in range(one.lineno, (one.end_lineno or 0) + 1)}
    return lines - {item.lineno, item.end_lineno}


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
        files = files_of(commit)
        names = explained(files)
        for path, text in files.items():
            total += count(path, text, names)
        machinery = total.pop("machinery", 0)
        whole = sum(total.values())
        first = first or whole
        parts = ", ".join(f"{kind} {total[kind]}" for kind in sorted(total))
        print(
            f"{commit or 'now':10s} {whole:5d} lines ({whole / first:.2f}): {parts}; machinery {machinery}"
        )


if __name__ == "__main__":
    main(list(sys.argv[1:]) or [FIRST, None])
