#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-tidy over the sources of a clang build, as many at once as there are processors.

One result a folder below src/.
"""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tap import Tap


def sources(root, build):
    """Files below src/ that the build compiles."""
    entries = json.loads((build / "compile_commands.json").read_text())
    files = {Path(entry["directory"], entry["file"]).resolve() for entry in entries}
    return sorted(path.relative_to(root) for path in files if root / "src" in path.parents)


def tidy(root, build, path):
    run = subprocess.run(["clang-tidy", "-p", str(build), "--quiet", str(root / path)], cwd=root,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         text=True, timeout=300)
    lines = [line for line in run.stdout.splitlines() if ": error:" in line or ": warning:" in line]
    if run.returncode and not lines:
        lines = [f"{path}: clang-tidy ended with status {run.returncode}"]
    return [line.replace(f"{root}/", "") for line in lines]


def main():
    root, build = (Path(arg).resolve() for arg in sys.argv[1:3])
    files = sources(root, build)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = dict(zip(files, pool.map(lambda path: tidy(root, build, path), files)))
    tap = Tap()
    tap.result("clang-tidy: there are sources", [] if files else ["none below src/"])
    for folder in sorted({path.parent for path in files}):
        tap.result(f"clang-tidy: {folder}",
                   [line for path in files if path.parent == folder for line in found[path]])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
