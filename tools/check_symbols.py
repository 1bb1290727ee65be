#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the freestanding archives of a build leave undefined: four memory functions and each other,
nothing else.

    check_symbols.py BUILD

A compiler helper (__udivdi3, ___chkstk_ms) is a violation like any other: a kernel has none of them.
"""
import subprocess
import sys
from pathlib import Path

import targets
from tap import Tap

# The last name is the linker's own, which it fills in for position-independent code.
ALLOWED = {"memcpy", "memmove", "memset", "memcmp", "_GLOBAL_OFFSET_TABLE_"}


def run(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=600)


def freestanding_archives(build):
    """The static libraries whose C sources are compiled -ffreestanding."""
    return sorted({Path(target["filename"][0]) for target, group in targets.c_groups(build)
                   if target["type"] == "static library" and "-ffreestanding" in group["parameters"]})


def symbols(nm, archive, underscore):
    """(undefined, defined) names of an archive; i686 PE spells every C name with an underscore."""
    undefined, defined = set(), set()
    for line in run(nm, "-P", "-g", str(archive)).stdout.splitlines():
        fields = line.split()
        if len(fields) < 2 or len(fields[1]) != 1:
            continue
        name = fields[0].removeprefix("_") if underscore else fields[0]
        (undefined if fields[1] in "Uw" else defined).add(name)
    return undefined, defined


def main():
    build = Path(sys.argv[1]).resolve()
    compiler = targets.compiler(build)[-1]
    prefix = compiler.removesuffix("gcc") if compiler.endswith("-gcc") else ""
    label = f"symbols PE {prefix.split('-')[0]}" if "mingw" in prefix else "symbols ELF"
    archives = freestanding_archives(build)
    table = {archive: symbols(prefix + "nm", archive, prefix.startswith("i686"))
             for archive in archives}
    ours = {name for _, defined in table.values() for name in defined}
    tap = Tap()
    tap.result(f"{label}: there are freestanding archives", [] if archives else [f"none in {build}"])
    for archive, (undefined, defined) in table.items():
        strangers = sorted(undefined - defined - ours - ALLOWED)
        tap.result(f"{label}: {archive.stem} needs only its fellows and the four memory functions",
                   [f"{archive.name}: undefined symbol {name}" for name in strangers])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
