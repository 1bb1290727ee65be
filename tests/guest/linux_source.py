# SPDX-License-Identifier: MIT
"""Linux's own code for parallel ports, compiled to run on the simulated port.

The package with the source is downloaded once; a few files of it stay in the
cache, the rest is never written anywhere. They are compiled as they are, but for
what parport_pc.c has for PCI, PnP and modules, which is left out. What else they
need of Linux is in linux/kernel.h, what they run on in linux/bench.c.
"""

import pathlib
import re
import subprocess
import sys
import tarfile

from guest import cache
from lib import paths

PACKAGE = "linux-source-6.1"
SOURCES = [f"drivers/parport/{name}.c"
           for name in ("parport_pc", "ieee1284", "ieee1284_ops", "daisy", "probe")]
HEADERS = ["include/linux/parport.h", "include/linux/parport_pc.h",
           "include/uapi/linux/parport.h"]
HERE = pathlib.Path(__file__).parent / "linux"

FLAGS = ["-std=gnu11", "-O1", "-g", "-w", "-Werror=implicit-function-declaration", "-D_GNU_SOURCE",
         "-DCONFIG_PARPORT_1284", "-DCONFIG_PARPORT_PC_FIFO", "-DCONFIG_PARPORT_NOT_PC"]


# ---- the cache ------------------------------------------------------------------------


def cached_name():
    """With its version: a newer source is another folder."""
    (version,) = (line.split()[1] for line in cache.described(PACKAGE)
                  if line.startswith("Version: "))
    return f"{PACKAGE}_{version}"


def pick(source, where):
    """Writes the wanted members of the open archive SOURCE below WHERE."""
    wanted = {f"{PACKAGE}/{name}": where / name for name in SOURCES + HEADERS}
    for member in source:
        target = wanted.pop(member.name, None)
        if target:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.extractfile(member).read())
        if not wanted:
            return
    raise RuntimeError(f"{PACKAGE} lacks {', '.join(wanted)}")


def unpack(name, where):
    archive = cache.download(PACKAGE, where)
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive],
                          stdout=subprocess.PIPE) as opened:
        with tarfile.open(fileobj=opened.stdout, mode="r|") as package:
            for member in package:
                if member.name.endswith(".tar.xz"):
                    with tarfile.open(fileobj=package.extractfile(member), mode="r|xz") as source:
                        pick(source, where)
                    break
        opened.kill()
    archive.unlink()


def tree():
    """Folder with the wanted files, in their places in Linux's source."""
    return cache.folder(cached_name, unpack)


# ---- the program ----------------------------------------------------------------------


def detection_only(text):
    """parport_pc.c as far as it is about a port at a known address."""
    kept, cut, _ = text.partition("#ifdef CONFIG_PCI\n")
    if not cut or "parport_pc_probe_port(" not in kept:
        raise RuntimeError("parport_pc.c is not laid out as it was")
    return kept


def lay_out(work):
    """Copies the source to WORK; every other header that it asks for is an empty file."""
    source = tree()
    for name in SOURCES + HEADERS:
        text = (source / name).read_text()
        target = work / name.removeprefix("drivers/parport/").removeprefix("include/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(detection_only(text) if target.name == "parport_pc.c" else text)
        for header in re.findall(r"^#include <(.*)>", text, re.M):
            (work / header).parent.mkdir(parents=True, exist_ok=True)
            if f"include/{header}" not in HEADERS and header != "linux/errno.h":
                (work / header).touch()


def program(work):
    """Builds linux_bench in folder WORK; returns its path."""
    lay_out(work)
    sources = [work / pathlib.Path(name).name for name in SOURCES] + [HERE / "kernel.c"]
    cache.run("gcc", *FLAGS, "-I", work, "-I", HERE, "-include", "kernel.h", *sources,
              paths.BUILD / "tests" / "guest" / "liblinux_bench.a", "-pthread",
              "-o", work / "linux_bench")
    return work / "linux_bench"


if __name__ == "__main__":
    print(program(pathlib.Path(sys.argv[1])))
