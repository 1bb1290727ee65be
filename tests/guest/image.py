# SPDX-License-Identifier: MIT
"""The guest's two files: Debian's kernel and a small initramfs.

The kernel package is downloaded into the cache and unpacked there, never
installed; run as a program, this does just that. The initramfs holds busybox,
the parallel port modules and the programs under test; it is made anew for every
run because it takes no time.
"""

import pathlib
import shutil
import subprocess

from lib import paths

MODULES = ("parport", "parport_pc", "ppdev", "lp")

# ttyS0 is the kernel's log; ttyS1 brings one command a line, as "mark seconds
# command", and takes its output and "mark status" back. The line is raw and
# without echo, so that what a program prints arrives as it was printed.
INIT = """#!/bin/sh
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /tmp
exec </dev/ttyS1 >/dev/ttyS1 2>&1
stty raw -echo
echo "@@ready@@ 0"
while read -r mark seconds command; do
	timeout -s KILL "$seconds" sh -c "$command" </dev/null
	status=$?
	echo
	echo "$mark $status"
done
poweroff -f
"""


def run(*argv, **kwargs):
    return subprocess.run([str(a) for a in argv], check=True, timeout=300, **kwargs)


def kernel_package():
    """Name of the real kernel package that linux-image-amd64 stands for."""
    shown = run("apt-cache", "--no-all-versions", "show", "linux-image-amd64",
                capture_output=True, text=True).stdout
    for line in shown.splitlines():
        if line.startswith("Depends: "):
            return line.split()[1]
    raise RuntimeError("linux-image-amd64 is unknown here: run 'apt-get update'")


def download(name):
    """Unpacks package NAME into the cache."""
    fresh = paths.CACHE / (name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    run("apt-get", "-q", "download", name, cwd=fresh)
    (deb,) = fresh.glob("*.deb")
    run("dpkg-deb", "-x", deb, fresh)
    deb.unlink()
    fresh.rename(paths.CACHE / name)


def kernel():
    """Unpacked kernel package, downloaded once: a folder with boot/ and lib/."""
    try:
        name = kernel_package()
        if not (paths.CACHE / name).is_dir():
            download(name)
    except (RuntimeError, subprocess.CalledProcessError):
        # Lists that are missing, or older than the archive.
        run("apt-get", "-q", "update")
        name = kernel_package()
        download(name)
    return paths.CACHE / name


def put_module(tree, name, where):
    """Copies one kernel module, decompressed if the package packs it."""
    (found,) = tree.glob(f"lib/modules/*/kernel/**/{name}.ko*")
    target = where / f"{name}.ko"
    if found.suffix == ".xz":
        with target.open("wb") as out:
            run("xz", "-dc", found, stdout=out)
    else:
        shutil.copy(found, target)


def initramfs(tree, programs, work):
    """Builds the archive from the modules in TREE and PROGRAMS (static files)."""
    root = pathlib.Path(work) / "root"
    for folder in ("bin", "dev", "proc", "sys", "tmp", "modules"):
        (root / folder).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), root / "bin")
    (root / "bin" / "sh").symlink_to("busybox")
    for program in programs:
        shutil.copy(program, root / "bin")
    for name in MODULES:
        put_module(tree, name, root / "modules")
    (root / "init").write_text(INIT)
    (root / "init").chmod(0o755)
    names = "\n".join(str(p.relative_to(root)) for p in root.rglob("*"))
    archive = pathlib.Path(work) / "initramfs.cpio"
    with archive.open("wb") as out:
        run("cpio", "-o", "-H", "newc", "--quiet", cwd=root, input=names.encode(), stdout=out)
    return archive


if __name__ == "__main__":
    print(kernel())
