#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Scan every #include of the project against the table of layers.py.

Prints one result a layer; a violation names the file, the line and the rule.
"""
import os
import re
import sys
from pathlib import Path, PurePath

import layers
import tree
from tap import Tap

INCLUDE = re.compile(r'^\s*#\s*include(?:_next)?\s*(?:<([^>]+)>|"([^"]+)")')
ANY_INCLUDE = re.compile(r"^\s*#\s*include")


def resolve(root, source, name, quoted):
    """The project's file that `name` stands for in `source`, or None for one of the system's."""
    places = ([source.parent] if quoted else []) + layers.search_path(root)
    for place in places:
        if (root / place / name).is_file():
            return Path(os.path.normpath(place / name))
    return None


def includes(root, source):
    """The project's files that `source` includes."""
    matches = map(INCLUDE.match, (root / source).read_text(encoding="utf-8").splitlines())
    found = (resolve(root, source, m[1] or m[2], quoted=m[2] is not None) for m in matches if m)
    return {path for path in found if path}


def broken_rule(root, layer, source, line):
    """The rule that this #include breaks, or None."""
    match = INCLUDE.match(line)
    if match is None:
        return "an include names its header literally" if ANY_INCLUDE.match(line) else None
    name = match[1] or match[2]
    if ".." in PurePath(name).parts or name.startswith("/"):
        return f"a header is never reached by a path ({name})"
    header = resolve(root, source, name, quoted=match[2] is not None)
    if header is not None:
        return None if layer.may_include(header) else f"{layer.folder} must not include {header}"
    if match[2] is not None and not (root / source).with_name(name).with_suffix(".mc").exists():
        return f"\"{name}\" is not in the folder and not an internal header"
    if layer.freestanding and name not in layers.COMPILER_HEADERS:
        return f"{layer.folder} is freestanding and must not include <{name}>"
    if match[1] is not None and layer.system and name not in layer.system:
        return f"{layer.folder} must not include <{name}>"
    return None


def violations(root, source):
    layer = layers.layer_of(source)
    text = (root / source).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        rule = broken_rule(root, layer, source, line)
        if rule:
            yield f"{source}:{number}: {rule}"


def main():
    root = Path(sys.argv[1]).resolve()
    tap = Tap()
    sources = tree.files(root, ".c", ".h")
    for layer in layers.LAYERS:
        mine = [source for source in sources if layers.layer_of(source) is layer]
        if mine:
            tap.result(f"layer {layer.folder}: every include is in the table",
                       [problem for source in mine for problem in violations(root, source)])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
