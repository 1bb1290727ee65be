#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-tidy over the sources of a clang build, as many at once as there are processors.

One result a folder below src/.
"""
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tap import Tap


def commands(root, build):
    """How the build compiles each file below src/, once.

    A file that two programs compile is looked at twice in one process, where clang-tidy 14 takes
    every va_list for uninitialized the second time.
    """
    entries = json.loads((build / "compile_commands.json").read_text())
    found = {Path(entry["directory"], entry["file"]).resolve(): entry for entry in reversed(entries)}
    return {path.relative_to(root): entry for path, entry in found.items()
            if root / "src" in path.parents}


def tidy(root, database, path):
    run = subprocess.run(["clang-tidy", "-p", database, "--quiet", str(root / path)], cwd=root,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         text=True, timeout=300)
    lines = [line for line in run.stdout.splitlines() if ": error:" in line or ": warning:" in line]
    if run.returncode and not lines:
        lines = [f"{path}: clang-tidy ended with status {run.returncode}"]
    return [line.replace(f"{root}/", "") for line in lines]


def main():
    root, build = (Path(arg).resolve() for arg in sys.argv[1:3])
    compiled = commands(root, build)
    files = sorted(compiled)
    with tempfile.TemporaryDirectory() as database, ThreadPoolExecutor(os.cpu_count()) as pool:
        Path(database, "compile_commands.json").write_text(json.dumps(list(compiled.values())))
        found = dict(zip(files, pool.map(lambda path: tidy(root, database, path), files)))
    tap = Tap()
    tap.result("clang-tidy: there are sources", [] if files else ["none below src/"])
    for folder in sorted({path.parent for path in files}):
        tap.result(f"clang-tidy: {folder}",
                   [line for path in files if path.parent == folder for line in found[path]])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
