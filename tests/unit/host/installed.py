#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""installed.py ROOT BUILD: the library as others get it, installed below a temporary folder."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]) / "tools"))
from tap import Tap  # noqa: E402

HEADERS = ("openparport/hosted/openparport.h", "openparport/words.h")
DECLARED = re.compile(r"^(?:[a-z][\w ]*[ *])(opp_\w+)\(", re.MULTILINE)
STRICT = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
LIMIT_S = 100


def run(*command, **environment):
    """What it printed; a line for a failure is its last one."""
    return subprocess.run(list(map(str, command)), env={**os.environ, **environment}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S)


def problems(done):
    return [] if done.returncode == 0 else done.stdout.splitlines()[-5:]


class Tree:
    """A folder with what `meson install` put there, and the compiler flags pkg-config tells."""

    def __init__(self, folder, build):
        self.folder = Path(folder)
        self.done = run("meson", "install", "-C", build, "--no-rebuild", "--quiet",
                        DESTDIR=str(folder))
        self.pkgconfig = next(self.folder.rglob("openparport.pc"), None)

    def flags(self, *wanted):
        told = run("pkg-config", *wanted, "openparport", PKG_CONFIG_SYSROOT_DIR=str(self.folder),
                   PKG_CONFIG_LIBDIR=str(self.pkgconfig.parent))
        return told.stdout.split() if told.returncode == 0 else []

    def library(self):
        return next(self.folder.rglob("libopenparport.so"))

    def compile(self, source, program):
        return run("cc", *STRICT, source, "-o", program, *self.flags("--cflags", "--libs"))

    def start(self, program):
        return run(program, LD_LIBRARY_PATH=str(self.library().parent))


def soname(tree):
    read = run("readelf", "-d", tree.library())
    return [] if "[libopenparport.so.0]" in read.stdout else read.stdout.splitlines()


def headers(tree, work):
    """Each installed header compiles alone, and needs no other than those installed."""
    include = next(tree.folder.rglob("openparport/status.h")).parent.parent
    for path in sorted(include.rglob("*.h")):
        source = Path(work) / "alone.c"
        source.write_text(f"#include <{path.relative_to(include)}>\nint alone;\n")
        yield from problems(run("cc", *STRICT, "-fsyntax-only", source,
                                *tree.flags("--cflags")))


def pages(tree, declared):
    """A page, or a link to one, for each function of the public headers."""
    man3 = next(tree.folder.rglob("man3"))
    for function in sorted(declared):
        page = man3 / f"{function}.3"
        if not page.exists():
            yield f"{function} has no page"
        elif f"\n.Nm {function}" not in page.read_text():
            yield f"{function} is not named in {page.resolve().name}"
        elif not re.search(rf"^\.F[no] {function}\b", page.read_text(), re.M):
            yield f"{page.resolve().name} does not show how {function} is called"
    for page in sorted(man3.glob("opp_*.3")):
        if page.stem not in declared:
            yield f"{page.name}: there is no such function"


def main():
    root, build = (Path(arg).resolve() for arg in sys.argv[1:3])
    declared = {name for header in HEADERS
                for name in DECLARED.findall((root / "include" / header).read_text())}
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as work:
        tree = Tree(folder, build)
        tap.result("libopenparport: it installs", problems(tree.done))
        tap.result("libopenparport: its name has a version", soname(tree))
        tap.result("libopenparport: its headers stand by themselves", list(headers(tree, work)))
        for name, said in (("trigger", "D0 was up for 5000000 ns\n"),
                           ("waiter", "the port is ours\n")):
            program = Path(work) / name
            built = tree.compile(root / "examples" / f"{name}.c", program)
            tap.result(f"libopenparport: {name}.c compiles as pkg-config says", problems(built))
            ran = tree.start(program)
            tap.result(f"libopenparport: {name} runs with the installed library",
                       [] if ran.stdout == said else [repr(ran.stdout)])
        tap.result("libopenparport: every function has a manual page",
                   list(pages(tree, declared)))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
