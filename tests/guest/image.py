# SPDX-License-Identifier: MIT
"""The guest's two files: Debian's kernel and a small initramfs.

The kernel package is downloaded into the cache and unpacked there, never
installed. The initramfs holds busybox, the parallel port modules and the programs
under test; it is made anew for every run because it takes no time.
"""

import pathlib
import re
import shutil

from guest import cache
from guest.cache import run

MODULES = ("parport", "parport_pc", "ppdev", "lp", "fuse", "cuse")

# ttyS0 is the kernel's log; ttyS1 brings one command a line, as "mark seconds
# command", and takes its output and "mark status" back. The line is raw and
# without echo, so that what a program prints arrives as it was printed. It is read by
# a shell that is not the first process: that one inherits orphans, and busybox's read
# loses the part of a line that it has when a child ends.
INIT = """#!/bin/sh
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /tmp
exec </dev/ttyS1 >/dev/ttyS1 2>&1
stty raw -echo
echo "@@ready@@ 0"
(while read -r mark seconds command; do
	timeout -s KILL "$seconds" sh -c "$command" </dev/null
	status=$?
	echo
	echo "$mark $status"
done)
poweroff -f
"""

# parportd gives its nodes to the group lp.
GROUPS = "root:x:0:\nlp:x:7:\n"


def kernel_package():
    """Name of the real kernel package that linux-image-amd64 stands for."""
    for line in cache.described("linux-image-amd64"):
        if line.startswith("Depends: "):
            return line.split()[1]
    raise RuntimeError("linux-image-amd64 depends on no kernel")


def unpack(name, where):
    archive = cache.download(name, where)
    run("dpkg-deb", "-x", archive, where)
    archive.unlink()


def kernel():
    """Unpacked kernel package, downloaded once: a folder with boot/ and lib/."""
    return cache.folder(kernel_package, unpack)


def put_module(tree, name, where):
    """Copies one kernel module, decompressed if the package packs it."""
    (found,) = tree.glob(f"lib/modules/*/kernel/**/{name}.ko*")
    target = where / f"{name}.ko"
    if found.suffix == ".xz":
        with target.open("wb") as out:
            run("xz", "-dc", found, stdout=out)
    else:
        shutil.copy(found, target)


def put_libraries(program, root):
    """Copies the shared libraries of PROGRAM to their places below ROOT."""
    said = run("ldd", program, capture_output=True, text=True).stdout
    for library in re.findall(r"(/\S+) \(0x", said):
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)


def pack(root, archive):
    """Makes ARCHIVE, as the kernel unpacks one, of all that is below ROOT."""
    names = "\n".join(str(p.relative_to(root)) for p in root.rglob("*"))
    with archive.open("wb") as out:
        run("cpio", "-o", "-H", "newc", "--quiet", cwd=root, input=names.encode(), stdout=out)
    return archive


def initramfs(tree, programs, services, work):
    """Builds the archive from the modules in TREE, PROGRAMS (static files), and SERVICES
    (programs that need their shared libraries)."""
    root = pathlib.Path(work) / "root"
    for folder in ("bin", "dev", "proc", "sys", "run", "tmp", "modules"):
        (root / folder).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), root / "bin")
    (root / "bin" / "sh").symlink_to("busybox")
    for program in [*programs, *services]:
        shutil.copy(program, root / "bin")
    for service in services:
        put_libraries(service, root)
    for name in MODULES:
        put_module(tree, name, root / "modules")
    (root / "init").write_text(INIT)
    (root / "init").chmod(0o755)
    (root / "etc").mkdir()
    (root / "etc" / "group").write_text(GROUPS)
    return pack(root, pathlib.Path(work) / "initramfs.cpio")

