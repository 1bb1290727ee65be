#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""exports.py ROOT LIBRARY: the shared library shows just what its public headers declare."""

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]) / "tools"))
from tap import Tap  # noqa: E402

HEADERS = ("hosted/openparport.h", "words.h")
DECLARED = re.compile(r"^(?:[a-z][\w ]*[ *])(opp_\w+)\(", re.MULTILINE)


def main():
    root, library = Path(sys.argv[1]), sys.argv[2]
    declared = {name for header in HEADERS
                for name in DECLARED.findall((root / "include/openparport" / header).read_text())}
    listing = subprocess.run(["nm", "-D", "--defined-only", library], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.splitlines()
    shown = {line.split()[2].split("@")[0] for line in listing if line.split()[1] == "T"}
    tap = Tap()
    tap.result("libopenparport: every declared function is there", sorted(declared - shown))
    tap.result("libopenparport: nothing else is shown", sorted(shown - declared))
    tap.result("libopenparport: every symbol has its version",
               [line for line in listing if line.split()[1] == "T" and "@@OPENPARPORT_" not in line])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
