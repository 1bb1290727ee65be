#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What parport.sys asks of the kernel must be there: on the oldest Windows, ReactOS and Wine.

    check_imports.py ROOT PARPORT-64 PARPORT-32

tools/imports.txt says since when each function is exported. It must name what the two drivers
import and nothing else; nothing in it may be newer than the floor; and what it says of Wine must be
so of the Wine that is installed (package libwine, 64 bits).
"""
import sys
from dataclasses import dataclass
from pathlib import Path

import pe
from tap import Tap

WINDOWS = ("any", "2000", "xp", "xp-sp2", "xp-sp3", "vista", "7", "8")     # in the order they came
FLOOR = {"x86_64": "7", "i686": "xp-sp3"}
MODULES = {"ntoskrnl.exe", "hal.dll"}
WINE = Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows")
MACHINES = {"both": ("x86_64", "i686"), "64": ("x86_64",), "32": ("i686",)}


@dataclass(frozen=True)
class Entry:
    line: int
    module: str
    function: str
    machines: tuple
    windows: str
    reactos: str
    wine: str


def read_table(path):
    for number, text in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
        if text and not text.startswith("#"):
            module, function, machines, *rest = text.split()
            yield Entry(number, module, function, MACHINES[machines], *rest)


def imported(image):
    return {(module, function) for module, functions in image.imports().items()
            for function in functions}


def listed(table, images):
    """What is imported is what the table has, for each machine."""
    for machine, image in images.items():
        known = {(entry.module, entry.function): entry for entry in table
                 if machine in entry.machines}
        for module, function in sorted(imported(image) - known.keys()):
            yield f"{machine}: {function} of {module} is imported, and not in tools/imports.txt"
        for key in sorted(known.keys() - imported(image)):
            yield f"line {known[key].line}: {machine} does not import {key[1]} of {key[0]}"


def modules(table, images):
    for machine, image in images.items():
        yield from (f"{machine}: imports of {module}" for module in
                    sorted(image.imports().keys() - MODULES))


def old_enough(table, images):
    for entry in table:
        for machine in entry.machines:
            if WINDOWS.index(entry.windows) > WINDOWS.index(FLOOR[machine]):
                yield (f"line {entry.line}: {entry.function} came with Windows {entry.windows}, "
                       f"the floor of {machine} is {FLOOR[machine]}")


def in_reactos(table, images):
    yield from (f"line {entry.line}: ReactOS 0.4.15 does not export {entry.function}"
                for entry in table if entry.reactos != "yes")


def in_wine(table, images):
    """Without an export a call raises; without the module the driver is not loaded at all."""
    exports = {}
    for entry in table:
        file = WINE / entry.module
        if entry.module not in exports:
            exports[entry.module] = pe.Image(file).exports() if file.exists() else set()
        there = "x86_64" in entry.machines and entry.function in exports[entry.module]
        if there != (entry.wine in ("yes", "stub", "raises")):
            yield (f"line {entry.line}: {entry.function} is said to be {entry.wine!r} in Wine, "
                   f"which {'has' if there else 'does not have'} it")


RULES = (
    ("the table has what the drivers import and nothing else", listed),
    ("only the kernel and its hardware layer are imported of", modules),
    ("Windows 7 (64 bits) and XP SP3 (32 bits) have everything", old_enough),
    ("ReactOS 0.4.15 has everything", in_reactos),
    ("what is said of Wine is so", in_wine),
)


def main():
    root, *files = map(Path, sys.argv[1:])
    tap = Tap()
    missing = [f"there is no {file}" for file in files if not file.exists()]
    tap.result("imports: both drivers are built, and Wine is there",
               missing or ([] if WINE.exists() else [f"there is no {WINE}"]))
    if not missing:
        table = list(read_table(root / "tools" / "imports.txt"))
        images = {image.machine: image for image in map(pe.Image, files)}
        for name, rule in RULES:
            tap.result(f"imports: {name}", list(rule(table, images)))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
