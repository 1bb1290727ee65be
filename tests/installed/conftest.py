# SPDX-License-Identifier: MIT
"""A machine with systemd, on which the packages are installed, used and taken away again."""
import pathlib

import pytest

import system
from guest import vm
from lib import debian, paths

PROGRAMS = ("ppdev_questions",)


@pytest.fixture(scope="session")
def archives():
    """{name: archive} of each binary package."""
    return debian.build(paths.BUILD / "package")


@pytest.fixture(scope="session")
def machine(archives, tmp_path_factory):
    """The machine as it is before: two users, one of whom is in group lp, and a port.

    Its port is QEMU's, which writes to .paper what is printed there.
    """
    work = tmp_path_factory.mktemp("machine")
    programs = [paths.BUILD / "tests" / "guest" / name for name in PROGRAMS]
    initrd = system.initramfs(archives.values(), programs, work)
    paper = vm.Paper(work / "paper")
    guest = system.boot(initrd, [(0x378, paper)], work)
    guest.paper = pathlib.Path(paper)
    try:
        guest.run("useradd --create-home --groups lp printing && useradd --create-home other", 60)
        yield guest
    finally:
        guest.close()
