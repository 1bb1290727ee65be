# SPDX-License-Identifier: MIT
"""The Debian packages of this tree, built and taken apart; nothing is installed."""

import os
import pathlib
import shutil
import subprocess

from lib import paths

NAMES = ("openparport", "libopenparport0", "libopenparport-dev")
NOT_SOURCE = shutil.ignore_patterns(".git", "build", "__pycache__", ".pytest_cache")
COMMAND = "dpkg-buildpackage -b -us -uc -tc"
BUILD_S = 300


def environment():
    """That of a build, without what a phase of ./check has chosen for its own."""
    own = {name: value for name, value in os.environ.items()
           if name not in ("CC", "CFLAGS", "CPPFLAGS", "LDFLAGS", "DESTDIR")}
    return {**own, "DEB_BUILD_OPTIONS": f"parallel={os.cpu_count()}"}


def build(where):
    """{name: archive} of the packages, built from WHERE/source, a copy of the tree."""
    where = pathlib.Path(where)
    shutil.rmtree(where, ignore_errors=True)
    source = where / "source"
    shutil.copytree(paths.ROOT, source, ignore=NOT_SOURCE, symlinks=True)
    log = where / "build.log"
    with log.open("wb") as said:
        done = subprocess.run(COMMAND.split(), cwd=source, env=environment(), timeout=BUILD_S,
                              stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    assert done.returncode == 0, log.read_text(errors="replace")[-3000:]
    made = {}
    for name in NAMES:
        (made[name],) = where.glob(f"{name}_*.deb")
    return made


def changes(archives):
    """The file that lists what was built."""
    (found,) = archives[NAMES[0]].parent.glob("*.changes")
    return found


def dpkg_deb(*argv):
    return subprocess.run(["dpkg-deb", *map(str, argv)], check=True, stdout=subprocess.PIPE,
                          text=True, timeout=60).stdout


def field(archive, name):
    return dpkg_deb("--field", archive, name).strip()
