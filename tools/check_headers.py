#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every header compiles alone: with the compiler of a build, and the freestanding ones as PE too.

    check_headers.py SOURCE BUILD [CROSS-COMPILER...]
"""
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import layers
import targets
import tree
from tap import Tap

STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wundef", "-Werror", "-Iinclude"]
FREESTANDING = ["-std=c11", "-ffreestanding"] + STRICT
HOSTED = ["-std=gnu11", "-D_GNU_SOURCE"] + STRICT


def problem(root, command, header):
    """The first complaint about `header`, or None. The last line keeps the unit from being empty."""
    unit = f'#include "{root / header}"\nextern int opp_unused;\n'
    run = subprocess.run(command + ["-fsyntax-only", "-x", "c", "-"], input=unit, cwd=root,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    if run.returncode == 0:
        return None
    return f"{header}: {(run.stdout.splitlines() or ['failed'])[0]}"


def problems(root, jobs):
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda job: problem(root, *job), jobs)
    return [line for line in found if line]


def flags_of(root, build, header):
    """How the folder of an internal header compiles its own files, or None."""
    command = targets.compile_command(root, build, header.parent)
    if command is None and header.parent.name == "export":
        command = targets.compile_command(root, build, header.parent.parent)
    if command is None:
        return None
    # The flags were made for the build folder; include paths in them are absolute or relative to it.
    return [f"-I{(build / flag[2:]).resolve()}" if flag.startswith("-I") else flag
            for flag in command]


def main():
    root, build = (Path(arg).resolve() for arg in sys.argv[1:3])
    compiler = targets.compiler(build)
    public = tree.files(root, ".h", under="include")
    hosted = [header for header in public if header.parent.name == "hosted"]
    free = [header for header in public if header not in hosted]
    inside = [(flags_of(root, build, header), header) for header in tree.files(root, ".h", under="src")]
    tap = Tap()
    tap.result("headers: there are public ones", [] if free else ["none in include/openparport"])
    for cc in [compiler] + [[cross] for cross in sys.argv[3:]]:
        tap.result(f"headers: each freestanding one compiles alone as C11 with {cc[0]}",
                   problems(root, [(cc + FREESTANDING, header) for header in free]))
    tap.result(f"headers: each hosted one compiles alone with {compiler[0]}",
               problems(root, [(compiler + HOSTED, header) for header in hosted]))
    tap.result(f"headers: each internal one compiles alone with {compiler[0]}",
               [f"{header}: no target in its folder" for flags, header in inside if flags is None] +
               problems(root, [job for job in inside if job[0]]))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
