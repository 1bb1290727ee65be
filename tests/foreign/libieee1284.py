# SPDX-License-Identifier: MIT
"""libieee1284 and its own test program, built from Debian's source package.

Run as a program, this downloads the source package and no more. Whoever wants to
run something with the library on a port of the service:

    folder = libieee1284.built()
    cc ... -I FOLDER/include ... FOLDER/libieee1284.a
    parport run --port lpt1 -- PROGRAM

What PROGRAM then finds is one port, "parport0", which is lpt1.
"""

import os
import shutil

import sources
from lib import paths

PACKAGE = "libieee1284"
TEST_PROGRAM = "libieee1284_test"


def make(where):
    """Builds outside of the source tree, which stays as it was unpacked."""
    configure = sources.source(PACKAGE) / "configure"
    with (where / "make.log").open("wb") as log:
        for argv in ((configure, "--without-python", "--disable-shared"),
                     ("make", "-j2", TEST_PROGRAM)):
            sources.run(*argv, cwd=where, stdout=log, stderr=log)


def built():
    """Folder with libieee1284_test, libieee1284.a and include/ieee1284.h; built once a build."""
    folder = paths.BUILD / "tests" / "foreign" / PACKAGE
    if not folder.is_dir():
        fresh = folder.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        make(fresh)
        shutil.copy(fresh / ".libs" / "libieee1284.a", fresh)
        shutil.copytree(sources.source(PACKAGE) / "include", fresh / "include", dirs_exist_ok=True)
        os.rename(fresh, folder)
    return folder


if __name__ == "__main__":
    print(sources.source(PACKAGE))
