# SPDX-License-Identifier: MIT
"""What Meson knows of a build: its compiler, and which command compiles the C files of a folder."""
import json
from pathlib import Path


def c_groups(build):
    """(target, group of C sources with one command) for every target of the build."""
    targets = json.loads((Path(build) / "meson-info" / "intro-targets.json").read_text())
    for target in targets:
        for group in target["target_sources"]:
            if group.get("language") == "c":
                yield target, group


def compiler(build):
    """The C compiler of a build, as a list of words."""
    return next(group["compiler"] for _, group in c_groups(build))


def compile_command(root, build, folder):
    """Compiler and flags of the first C target of `folder`, or None where it has none."""
    for target, group in c_groups(build):
        if Path(target["defined_in"]).parent == Path(root) / folder:
            return group["compiler"] + group["parameters"]
    return None


def first_with(root, builds, folder):
    """(build, compile_command) of the first of these builds that compiles C files of `folder`."""
    commands = ((build, compile_command(root, build, folder)) for build in builds)
    return next(((build, command) for build, command in commands if command), (None, None))
