# SPDX-License-Identifier: MIT
"""The tests' own net: a service that ends badly fails its test, and what it said is shown."""

import os
import re
import subprocess

import pytest

from lib import paths

case = pytest.mark.case

LIMIT_S = 120

# parportd, with what a sanitizer that finds a mistake at the very end would add.
PRETENDER = """#!/bin/sh
"{parportd}" "$@" &
trap 'kill $!; wait $!; echo "==1==ERROR: LeakSanitizer: pretended" >&2; exit {status}' TERM
wait $!
"""

FIXTURES = {
    "serve of tests/system": ("system/test_service.py", "test_modes"),
    "served of tests/system": ("system/test_cli_service.py", "test_names"),
    "serve of tests/foreign": ("foreign/test_lines.py", "test_pyparallel_refuse"),
}


@pytest.fixture
def pretender(tmp_path):
    """pretender(status) is a build whose parportd ends with STATUS and a report."""
    def build(status):
        folder = tmp_path / "build" / "src" / "front"
        (folder / "fuse").mkdir(parents=True)
        (folder / "cli").symlink_to(paths.BUILD / "src" / "front" / "cli")
        program = folder / "fuse" / "parportd"
        program.write_text(PRETENDER.format(status=status,
                                            parportd=paths.BUILD / "src/front/fuse/parportd"))
        program.chmod(0o755)
        return tmp_path / "build"

    return build


@pytest.mark.parametrize("status", [23, 0])
@pytest.mark.parametrize("fixture", FIXTURES)
@case("a test fails when its service ends with a report or another status than 0, and shows both")
def test_bad_end(pretender, fixture, status):
    file, name = FIXTURES[fixture]
    argv = ["/usr/bin/python3", "-m", "pytest", str(paths.ROOT / "tests" / file), "-k", name,
            "-p", "no:cacheprovider"]
    done = subprocess.run(argv, env={**os.environ, "OPP_BUILD": str(pretender(status))}, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=LIMIT_S)
    assert done.returncode == 1, done.stdout
    assert re.search(r"= 1 passed,.* 1 error in ", done.stdout), done.stdout
    assert f"parportd ended with status {status}:" in done.stdout
    assert "ERROR: LeakSanitizer: pretended" in done.stdout
