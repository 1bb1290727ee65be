#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prove by compiling that a folder's include list is as narrow as the table of layers.py says.

For each folder, one-line C files are compiled with the flags of that folder's own target: an include
of what the table forbids must fail, an include of what it permits must succeed.
"""
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import layers
import targets
import tree
from tap import Tap

SYSTEM_HEADERS = ("stdio.h", "string.h", "errno.h", "unistd.h")


def spellings(header):
    """How somebody would try to reach `header` from another folder."""
    parts = header.parts
    return {"/".join(parts[i:]) for i in range(len(parts))}


def plan(root, layer):
    """(spelling, must it compile) for every header that is not in the layer's own folder."""
    headers = [h for h in tree.files(root, ".h", under="include") + tree.files(root, ".h", under="src")
               if layers.layer_of(h) not in (None, layer)]
    permitted = {header for header in headers if layer.may_include(header)}
    reachable = {header.relative_to(place).as_posix() for header in permitted
                 for place in layers.search_path(root) if place in header.parents}
    # A header of include/openparport cannot be hidden from one layer: check_layers.py guards those.
    hidden = [h for h in headers if h not in permitted and Path("include") not in h.parents]
    forbidden = {s for header in hidden for s in spellings(header)} - reachable
    if layer.freestanding:
        forbidden.update(SYSTEM_HEADERS)
    return [(name, True) for name in sorted(reachable)] + [(n, False) for n in sorted(forbidden)]


def compiles(command, build, scratch, name):
    source = Path(scratch, name.replace("/", "_") + ".c")
    source.write_text(f"#include <{name}>\nextern int opp_unused;\n")
    run = subprocess.run(command + ["-fsyntax-only", "-o", "/dev/null", str(source)],
                         cwd=build, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return run.returncode == 0


def check(root, build, layer, command):
    wanted = plan(root, layer)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
        got = list(pool.map(lambda w: compiles(command, build, scratch, w[0]), wanted))
    return [f"{layer.folder}: #include <{name}> {'must' if must else 'must not'} compile"
            for (name, must), did in zip(wanted, got) if did != must]


def main():
    root, build = (Path(arg).resolve() for arg in sys.argv[1:3])
    tap = Tap()
    for layer in layers.LAYERS:
        command = targets.compile_command(root, build, layer.folder)
        if command:
            tap.result(f"layer {layer.folder}: only permitted headers compile",
                       check(root, build, layer, command))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
