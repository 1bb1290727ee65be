# SPDX-License-Identifier: MIT
"""SECURITY.md names a test for every claim; the test must exist."""

import re

import pytest

from lib import paths

case = pytest.mark.case

ROW = re.compile(r"^\|(.*)\| `(\w+\.(?:py|c))`: (.*) \|$")


def text_of(file):
    """With the names of cases that go over two lines in one piece."""
    return re.sub(r'"\n +"', "", file.read_text())


@case("every claim of SECURITY.md names a case that exists")
def test_claims_have_tests():
    tables = [line for line in (paths.ROOT / "SECURITY.md").read_text().splitlines()
              if line.startswith("|") and line not in ("| claim | test |", "|---|---|")]
    assert len(tables) > 20
    for line in tables:
        row = ROW.match(line)
        assert row, f"no test: {line}"
        assert any(row[3] in text_of(file) for file in (paths.ROOT / "tests").rglob(row[2])), line
