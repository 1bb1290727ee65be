#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prove by compiling that a folder's include list is as narrow as the table of layers.py says.

For each folder, one-line C files are compiled with the flags of that folder's own target: an include
of what the table forbids must fail, an include of what it permits must succeed.

    compile_layers.py SOURCE BUILD...      a folder's flags are those of the first build that has it
"""
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import check_layers
import layers
import targets
import tree
from tap import Tap

SYSTEM_HEADERS = ("stdio.h", "string.h", "errno.h", "unistd.h")


def spellings(header):
    """How somebody would try to reach `header` from another folder."""
    parts = header.parts
    return {"/".join(parts[i:]) for i in range(len(parts))}


def with_what_they_include(root, headers):
    """The headers and all that comes along with them."""
    found, new = set(), set(headers)
    while new:
        found |= new
        new = {included for header in new for included in check_layers.includes(root, header)} - found
    return found


def spelled(root, headers):
    """How an #include reaches them, given the include directories of their layers."""
    return {header.relative_to(place).as_posix() for header in headers
            for place in layers.search_path(root) if place in header.parents}


def plan(root, layer):
    """(header, its spelling, must it compile) for the headers that are not in the layer's folder."""
    headers = [h for h in tree.files(root, ".h", under="include") + tree.files(root, ".h", under="src")
               if layers.layer_of(h) not in (None, layer)]
    permitted = {header for header in headers if layer.may_include(header)}
    reachable = spelled(root, with_what_they_include(root, permitted))
    wanted = [(None, name, True) for name in sorted(spelled(root, permitted))]
    for header in headers:
        # A header of include/ cannot be hidden from one layer: check_layers.py guards those.
        if header not in permitted and Path("include") not in header.parents:
            wanted += [(header, name, False) for name in spellings(header) if name not in reachable]
    if layer.freestanding:
        wanted += [(None, name, False) for name in SYSTEM_HEADERS]
    return wanted


def reaches(root, command, build, scratch, header, name):
    """Whether the include compiles, and finds `header` rather than a namesake of the system's."""
    source = Path(scratch, name.replace("/", "_") + ".c")
    dependencies = source.with_suffix(".d")
    source.write_text(f"#include <{name}>\nextern int opp_unused;\n")
    run = subprocess.run(
        command + ["-c", "-MD", "-MF", str(dependencies), "-o", "/dev/null", str(source)],
        cwd=build, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if run.returncode != 0:
        return False
    found = dependencies.read_text().split()
    return header is None or root / header in [Path(build, path).resolve() for path in found]


def check(root, build, layer, command):
    wanted = plan(root, layer)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
        got = list(pool.map(
            lambda want: reaches(root, command, build, scratch, want[0], want[1]), wanted))
    return [f"{layer.folder}: #include <{name}> {'must' if must else 'must not'} compile"
            for (_, name, must), did in zip(wanted, got) if did != must]


def main():
    root, *builds = (Path(arg).resolve() for arg in sys.argv[1:])
    tap = Tap()
    for layer in layers.LAYERS:
        build, command = targets.first_with(root, builds, layer.folder)
        if command:
            tap.result(f"layer {layer.folder}: only permitted headers compile",
                       check(root, build, layer, command))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
