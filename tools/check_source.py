#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rules of the house that no compiler knows: licence lines, lengths, words, white space."""
import re
import sys
from pathlib import Path

import tree
from tap import Tap

C = (".c", ".h")
LICENSED = C + (".py", ".sh", ".ini", "meson.build", "meson_options.txt", ".pml")
MAX_FILE_LINES = 800
MAX_FUNCTION_LINES = 60
SPDX = "SPDX-License-Identifier: MIT"
TYPEDEF_FOLDER = Path("tests/nt/include")   # names of the driver kit, spelled as documented
TYPEDEF = re.compile(r"^\s*typedef\s+(struct|union|enum)\b")

# Spelled in halves, so that this file does not break its own rule.
WORDS = re.compile("|".join((
    r"\bTO" r"DO\b", r"\bFIX" r"ME\b", r"\bXX" r"X\b", r"(?i:not " r"implemented)",
    r"/wo" r"rk/", r"/fa" r"rm/", r"bash_" r"jobs", r"(?i:sand" r"box)",
)))


def is_script(root, path):
    """A program without a suffix, such as ./check."""
    if path.suffix:
        return False
    with open(root / path, "rb") as file:
        return file.read(2) == b"#!"


def text_files(root):
    """(path, lines, whole text) of every file that is text."""
    for path in tree.files(root):
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        yield path, text.splitlines(), text


def license_line(root, path, lines, text):
    if not path.name.endswith(LICENSED) and not is_script(root, path):
        return
    if not any(SPDX in line for line in lines[:2]):
        yield f"{path}: the first lines lack {SPDX}"


def file_length(root, path, lines, text):
    if path.suffix in C + (".py", ".sh", ".pml") and len(lines) > MAX_FILE_LINES:
        yield f"{path}: {len(lines)} lines, {MAX_FILE_LINES} allowed"


def function_length(root, path, lines, text):
    """The layout is K&R: a function's braces, and no others, stand alone in the first column."""
    if path.suffix not in C:
        return
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start - 1 > MAX_FUNCTION_LINES:
                yield (f"{path}:{start}: function of {number - start - 1} lines, "
                       f"{MAX_FUNCTION_LINES} allowed")
            start = None


def struct_typedef(root, path, lines, text):
    if path.suffix not in C or path.parent == TYPEDEF_FOLDER:
        return
    for number, line in enumerate(lines, 1):
        if TYPEDEF.match(line):
            yield f"{path}:{number}: typedef hides what kind of thing it is"


def put_off_or_machine(root, path, lines, text):
    for number, line in enumerate(lines, 1):
        match = WORDS.search(line)
        if match:
            yield f"{path}:{number}: \"{match[0]}\" has no place in the project"


def white_space(root, path, lines, text):
    if path.suffix in (".patch", ".expected"):
        return
    if text and not text.endswith("\n"):
        yield f"{path}: no newline at the end"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield f"{path}:{number}: white space at the end"


RULES = (
    ("source: each file names its licence", license_line),
    (f"source: no file is longer than {MAX_FILE_LINES} lines", file_length),
    (f"source: no function is longer than {MAX_FUNCTION_LINES} lines", function_length),
    ("source: no typedef for a struct, union or enum", struct_typedef),
    ("source: no put-off work, no path of one machine", put_off_or_machine),
    ("source: clean white space", white_space),
)


def main():
    root = Path(sys.argv[1]).resolve()
    found = list(text_files(root))
    tap = Tap()
    for name, rule in RULES:
        tap.result(name, [problem for file in found for problem in rule(root, *file)])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
