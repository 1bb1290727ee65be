# SPDX-License-Identifier: MIT
"""tunelp, which sets up and asks Linux's lp, from Debian's source of util-linux.

Debian 12 has it in no binary package. A few files of the source package stay in the
cache; they are compiled as they are, into a static program.
"""

import pathlib
import shutil
import sys

from foreign import sources
from guest import cache

PACKAGE = "util-linux"
SOURCES = ("sys-utils/tunelp.c", "lib/strutils.c")
HEADERS = "include"
# What its configure would find out here, and names for what it says.
FLAGS = ["-std=gnu11", "-O1", "-w", "-static", "-D_GNU_SOURCE", "-DHAVE_NANOSLEEP", "-DHAVE_FSYNC",
         "-DHAVE_ERR_H", f'-DPACKAGE="{PACKAGE}"', f'-DPACKAGE_STRING="{PACKAGE}"',
         '-DLOCALEDIR="/"']


def cached_name():
    """With its version: a newer source is another folder."""
    (version,) = (line.split()[1] for line in cache.described(PACKAGE)
                  if line.startswith("Version: "))
    return f"tunelp_{version}"


def pick(_, where):
    """Downloads the source package; keeps the wanted files below WHERE."""
    whole = where / "whole"
    sources.download(PACKAGE, whole)
    shutil.copytree(whole / HEADERS, where / HEADERS)
    for name in SOURCES:
        (where / name).parent.mkdir()
        shutil.copy(whole / name, where / name)
    shutil.rmtree(whole)


def tree():
    """Folder with the wanted files, in their places in the source."""
    return cache.folder(cached_name, pick)


def program(work):
    """Builds tunelp in folder WORK; returns its path."""
    source, made = tree(), pathlib.Path(work) / "tunelp"
    cache.run("gcc", *FLAGS, "-I", source / HEADERS, *(source / name for name in SOURCES),
              "-o", made)
    return made


if __name__ == "__main__":
    print(program(sys.argv[1]))
