#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shape of parport.sys as a file: what Memory Integrity asks for, and what is the same each time.

    check_image.py PARPORT-SYS...

Memory Integrity (HVCI) wants no memory that is both writable and executable, and sections on page
boundaries. Source: Microsoft, Implement memory integrity compatible code; PE Format.
"""
import sys
from pathlib import Path

import pe
from tap import Tap

PAGE = 0x1000
RELOCATIONS_STRIPPED = 0x0001


def writable_code(image):
    for section in image.sections:
        if section.flags & pe.WRITABLE and section.flags & (pe.EXECUTABLE | pe.CODE):
            yield f"{section.name} is writable and executable"
        if section.flags & pe.EXECUTABLE and not section.flags & pe.CODE:
            yield f"{section.name} is executable, but no code"


def pages(image):
    if image.section_alignment % PAGE:
        yield f"sections are aligned to {image.section_alignment:#x}"
    for section in image.sections:
        if section.address % PAGE:
            yield f"{section.name} begins at {section.address:#x}"


def import_table(image):
    """The loader writes addresses into it: its section is data."""
    address, _ = image.directory(pe.IMPORTS)
    for section in image.sections:
        if section.address <= address < section.address + section.size:
            if section.flags & pe.EXECUTABLE:
                yield f"imports are in {section.name}, which is executable"


def native(image):
    if image.subsystem != pe.NATIVE:
        yield f"subsystem {image.subsystem} is not that of a driver"
    if image.directory(pe.DELAYED)[0]:
        yield "a delayed import is nothing for a kernel"
    if image.exports():
        yield f"exports {', '.join(sorted(image.exports()))}"


def movable(image):
    if image.file_flags & RELOCATIONS_STRIPPED:
        yield "it can be loaded at one address only"
    if not image.characteristics & pe.NX_COMPATIBLE:
        yield "it does not say that it needs no executable data"


def checksum(image):
    said, computed = image.checksum()
    if said != computed:
        yield f"the checksum is {computed:#x}, the header says {said:#x}"


def timeless(image):
    if image.timestamp:
        yield f"it has a time of build, {image.timestamp:#x}"


RULES = (
    ("no section is writable and executable", writable_code),
    ("sections are whole pages", pages),
    ("imports are not among code", import_table),
    ("it is a driver that exports nothing", native),
    ("it may be loaded anywhere, data is not executed", movable),
    ("its checksum is right, without which Windows refuses a driver", checksum),
    ("it does not say when it was built", timeless),
)


def main():
    tap = Tap()
    for path in map(Path, sys.argv[1:]):
        if not path.exists():
            tap.result(f"image: {path.name}", [f"there is no {path}"])
            continue
        image = pe.Image(path)
        for name, rule in RULES:
            tap.result(f"image {image.machine}: {name}", list(rule(image)))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
