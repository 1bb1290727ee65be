#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the documents say about the tree must be so: files, functions, links, code, sources."""
import fnmatch
import re
import sys
from pathlib import Path

import tree
from tap import Tap

README_LINES = 150
FOLDERS = ("src", "include", "tests", "tools", "docs", "man", "data", "bench", "examples", "cross")

CODE = re.compile(r"`([^`\n]+)`")
FUNCTION = re.compile(r"^([\w./-]+\.[ch]):(\w+)(?:\(\))?$")
PATH = re.compile(rf"^(?:{'|'.join(FOLDERS)})/[\w./-]*$")
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")
BLOCK = re.compile(r"^```c\n(.*?)^```$", re.M | re.S)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
SOURCE = re.compile(r"\bSources?\b[^:\n]{0,20}:(.*?)(?:\n[ \t]*\*[ \t]*\n|\*/)", re.S)
DECISION = re.compile(r"\bS-\d\d\b")


def documents(root):
    return [path for path in tree.files(root, ".md") if path.parts[0] not in ("tests", "bench")]


def numbered_lines(root, path):
    return enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1)


def code_words(root, path):
    """(line number, text) of everything between single back quotes, code blocks left out."""
    in_block = False
    for number, line in numbered_lines(root, path):
        if line.startswith("```"):
            in_block = not in_block
        elif not in_block:
            for match in CODE.finditer(line):
                yield number, match[1]


def code_blocks(root, path):
    """(line number, text) of every block that is marked as C."""
    text = (root / path).read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1]


def defines(text, function):
    """The layout is K&R: a definition begins in the first column and its brace stands there too."""
    pattern = rf"^[a-z_][^\n;{{}}]*\b{re.escape(function)}\([^;{{}}]*\)[^;{{}}]*\n{{"
    return re.search(pattern, text, re.M)


def functions(root):
    """file:function names a function defined there (in a header: one it declares)."""
    for path in documents(root):
        for number, word in code_words(root, path):
            match = FUNCTION.match(word)
            if not match:
                continue
            file, function = root / match[1], match[2]
            if not file.is_file():
                yield f"{path}:{number}: there is no file {match[1]}"
                continue
            text = file.read_text(encoding="utf-8")
            found = (re.search(rf"\b{function}\(", text) if file.suffix == ".h"
                     else defines(text, function))
            if not found:
                yield f"{path}:{number}: {match[1]} has no function {function}"


def paths(root):
    """Every path is there; x stands for any name, as in src/front/x."""
    for path in documents(root):
        for number, word in code_words(root, path):
            if PATH.match(word) and not word.endswith("/x") and not (root / word).exists():
                yield f"{path}:{number}: there is no {word}"


def links(root):
    for path in documents(root):
        for number, line in numbered_lines(root, path):
            for match in LINK.finditer(line):
                if "://" not in match[1] and not (root / path.parent / match[1]).exists():
                    yield f"{path}:{number}: the link to {match[1]} leads nowhere"


def blocks(root):
    """Every block of C is lines of an example, which the build compiles and a test runs."""
    examples = [(root / path).read_text(encoding="utf-8") for path in tree.files(root, ".c")
                if path.parts[0] == "examples"]
    for path in documents(root):
        for number, block in code_blocks(root, path):
            if not any(block in example for example in examples):
                yield f"{path}:{number}: no example has these lines"


def keys_of_sources(root):
    """Patterns and decisions that docs/sources.md explains: the code words of its table rows."""
    path = root / "docs" / "sources.md"
    if not path.exists():
        return set()
    return {word for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("|")
            for word in CODE.findall(line.split("|")[1])}


def cited_keys(citation):
    """[Key] anywhere, and KEY at the head of a clause."""
    text = re.sub(r"\n[ \t]*\*", " ", citation)
    heads = (re.match(r"\s*([A-Z][A-Z0-9]{2,}(?:-[A-Z]+)?)\b", clause) for clause in text.split(";"))
    return re.findall(r"\[([^\]]+)\]", text) + [head[1] for head in heads if head]


def citations(text):
    """(offset, key) of every source that the comments of a C file cite, and of every S-nn."""
    for comment in COMMENT.finditer(text):
        for match in SOURCE.finditer(comment[0]):
            for key in cited_keys(match[1]):
                yield comment.start() + match.start(), key
    for match in DECISION.finditer(text):
        yield match.start(), match[0]


def sources(root):
    known = keys_of_sources(root)
    for path in tree.files(root, ".c", ".h"):
        if path.parts[0] not in ("include", "src"):
            continue
        text = (root / path).read_text(encoding="utf-8")
        for offset, key in citations(text):
            if not any(fnmatch.fnmatchcase(key, entry) for entry in known):
                yield (f"{path}:{text.count(chr(10), 0, offset) + 1}: "
                       f"docs/sources.md does not know {key}")


def readme(root):
    path = root / "README.md"
    lines = len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0
    if lines > README_LINES:
        yield f"README.md: {lines} lines, {README_LINES} allowed"


RULES = (
    ("every file:function named is there", functions),
    ("every path named is there", paths),
    ("every link leads to a file", links),
    ("every block of C is in an example", blocks),
    ("every source cited in a comment is in docs/sources.md", sources),
    ("the README is short", readme),
)


def main():
    root = Path(sys.argv[1]).resolve()
    tap = Tap()
    for name, rule in RULES:
        tap.result(f"docs: {name}", list(rule(root)))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
