#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The linters that others wrote, each over the files that concern it."""
import subprocess
import sys
from pathlib import Path

import tree
from tap import Tap


def c_files(root):
    return tree.files(root, ".c", ".h")


def shell_scripts(root):
    def first_line(path):
        with open(root / path, "rb") as file:
            return file.readline()
    return [path for path in tree.files(root)
            if path.suffix == ".sh" or (not path.suffix and first_line(path).startswith(b"#!") and
                                        b"sh" in first_line(path).rsplit(b"/", 1)[-1])]


def manual_pages(root):
    return tree.files(root, ".1", ".3", ".5", ".8", under="man")


LINTERS = (
    ("clang-format: the layout is that of .clang-format", c_files,
     ["clang-format", "--dry-run", "-Werror"]),
    ("shellcheck: shell scripts", shell_scripts, ["shellcheck", "-x"]),
    ("mandoc: manual pages", manual_pages, ["mandoc", "-T", "lint", "-W", "warning"]),
)


def complaints(root, command, files):
    if not files:
        return ["there is no file to look at"]
    run = subprocess.run(command + [str(path) for path in files], cwd=root, text=True, timeout=300,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode == 0:
        return []
    return run.stdout.splitlines() or [f"exit status {run.returncode}"]


def main():
    root = Path(sys.argv[1]).resolve()
    tap = Tap()
    for name, pick, command in LINTERS:
        tap.result(name, complaints(root, command, pick(root)))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
