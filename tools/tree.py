# SPDX-License-Identifier: MIT
"""The files of the project, without the help of git: a release archive is checked the same way."""
import os
from pathlib import Path

NOT_OURS = {".git", "build", "__pycache__", ".pytest_cache"}


def files(root, *suffixes, under=""):
    """Sorted paths, relative to `root`, of the files below `under` that end in one of `suffixes`."""
    root = Path(root)
    found = []
    for folder, names, leaves in os.walk(root / under):
        names[:] = [n for n in names if n not in NOT_OURS]
        found += [Path(folder, leaf).relative_to(root) for leaf in leaves
                  if not suffixes or leaf.endswith(suffixes)]
    return sorted(found)
