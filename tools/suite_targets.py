#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Name what ninja has to make for one suite, and for what is not in a suite: suite_targets.py BUILD SUITE

All but the programs of other suites. A sanitizer's build that runs one would take twice as long for
programs that nobody starts.
"""
import json
import os
import sys
from pathlib import Path


def read(build, what):
    return json.loads((build / "meson-info" / f"intro-{what}.json").read_text())


def programs(build, suite):
    """(those of the suite, those of others)"""
    own, others = set(), set()
    for test in read(build, "tests"):
        is_own = suite in {name.rpartition(":")[2] for name in test["suite"]}
        (own if is_own else others).update(map(os.path.normpath, test["cmd"]))
    return own, others - own


def main():
    build, suite = Path(sys.argv[1]).resolve(), sys.argv[2]
    _, others = programs(build, suite)
    for target in read(build, "targets"):
        if target["build_by_default"]:
            for file in set(target["filename"]) - others:
                print(os.path.relpath(file, build))


if __name__ == "__main__":
    main()
