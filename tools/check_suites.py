#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A test in a suite that no phase of ./check runs would never fail: there must be none."""
import json
import re
import sys
from pathlib import Path

from tap import Tap

PHASE = re.compile(r"\bsuite-phase\s+\S+\s+(\S+)\s")


def main():
    root, build = (Path(arg).resolve() for arg in sys.argv[1:3])
    run = set(PHASE.findall((root / "check").read_text()))
    tests = json.loads((build / "meson-info" / "intro-tests.json").read_text())
    idle = [f"{test['name']}: in no suite of {', '.join(sorted(run))}" for test in tests
            if not run & {suite.rpartition(":")[2] for suite in test["suite"]}]
    tap = Tap()
    tap.result("suites: ./check runs every test of the build", idle)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
