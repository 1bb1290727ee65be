# SPDX-License-Identifier: MIT
"""SECURITY.md names a test for every claim; the test must exist."""

import re

import pytest

from lib import paths

case = pytest.mark.case

ROW = re.compile(r"^\|(.*)\| `(\w+\.(?:py|c))`: (.*) \|$")


@case("every claim of SECURITY.md names a case that exists")
def test_claims_have_tests():
    tables = [line for line in (paths.ROOT / "SECURITY.md").read_text().splitlines()
              if line.startswith("|") and line not in ("| claim | test |", "|---|---|")]
    assert len(tables) > 20
    # A long name goes on in the next line.
    def text_of(file):
        return re.sub(r'"\n +"', "", file.read_text())

    for line in tables:
        row = ROW.match(line)
        assert row, f"no test: {line}"
        files = list((paths.ROOT / "tests").rglob(row[2]))
        assert len(files) == 1, line
        assert row[3] in text_of(files[0]), line
