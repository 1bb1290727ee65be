#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every header compiles alone: with the compiler of a build, and the freestanding ones as PE too.

    check_headers.py SOURCE BUILD [PE-BUILD...]

An internal header is compiled by the first build that has its folder; what only Windows has needs a
PE build.
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


def flags_of(root, builds, header):
    """How the folder of an internal header compiles its own files, or None."""
    folder = header.parent.parent if header.parent.name == "export" else header.parent
    build, command = targets.first_with(root, builds, folder)
    if command is None:
        return None
    # The flags were made for the build folder; include paths in them are absolute or relative to it.
    return [f"-I{(build / flag[2:]).resolve()}" if flag.startswith("-I") else flag
            for flag in command]


def main():
    root, *builds = (Path(arg).resolve() for arg in sys.argv[1:])
    compilers = [targets.compiler(build) for build in builds]
    public = tree.files(root, ".h", under="include")
    hosted = [header for header in public if header.parent.name == "hosted"]
    free = [header for header in public if header not in hosted]
    inside = [(flags_of(root, builds, header), header)
              for header in tree.files(root, ".h", under="src")
              if len(builds) > 1 or not layers.layer_of(header).windows]
    tap = Tap()
    tap.result("headers: there are public ones", [] if free else ["none in include/openparport"])
    for cc in compilers:
        tap.result(f"headers: each freestanding one compiles alone as C11 with {cc[-1]}",
                   problems(root, [(cc + FREESTANDING, header) for header in free]))
    tap.result(f"headers: each hosted one compiles alone with {compilers[0][-1]}",
               problems(root, [(compilers[0] + HOSTED, header) for header in hosted]))
    tap.result(f"headers: each internal one compiles alone with {compilers[0][-1]}",
               [f"{header}: no target in its folder" for flags, header in inside if flags is None] +
               problems(root, [job for job in inside if job[0]]))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
