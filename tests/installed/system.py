# SPDX-License-Identifier: MIT
"""A small Debian with systemd, and what boots it with packages in its folder /packages.

mmdebstrap makes the system once, in the cache, from the sources that apt has here.
Run as a program, this does no more than that. The guest unpacks it into memory:
each start is a machine on which nothing was installed yet. The kernel is the one
of tests/guest, with those of its modules that the packages have to do with.
"""

import hashlib
import pathlib
import shutil

from guest import cache, image, vm

# With systemd what it needs as a first process, and what the packages depend on: the guest
# reaches no other machine to fetch it from.
PACKAGES = ("dbus", "fuse3", "kmod", "libcap-ng0", "libconfig9", "libevent-core-2.1-7",
            "libfuse3-3", "libjson-c5", "systemd", "systemd-sysv", "udev")
SOURCES = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
MODULES = ("parport", "parport_pc", "ppdev", "lp", "fuse", "cuse")
# Emulated, as the other guests are: it takes its time, and needs nothing of the machine.
MACHINE = vm.Machine(memory_mib=1024, boot_s=300, life_s=900, command_line="systemd.getty_auto=0")

# The system is copied into a file system of its own because systemd gives services another
# root, which the first file system of a kernel does not allow.
INIT = """#!/bin/sh
/bin/busybox --install -s /bin
mount -t tmpfs -o mode=755,size=90% system /system
tar -x -f /system.tar -C /system
cp -a /added/. /system/
chroot /system depmod -a {version}
exec switch_root /system /sbin/init
"""

# As in tests/guest: one command a line, its output and its status back.
ASKS = """#!/bin/sh
stty raw -echo
systemctl is-system-running --wait >/dev/null
echo "@@ready@@ 0"
while read -r mark seconds command; do
	timeout -s KILL "$seconds" sh -c "$command" </dev/null
	status=$?
	echo
	echo "$mark $status"
done
"""
ASKS_UNIT = """[Service]
ExecStart=/usr/local/sbin/asks
Environment=LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
"""


def cached_name():
    """Another version of systemd, or other packages, are another folder."""
    (version,) = (line.split()[1] for line in cache.described("systemd")
                  if line.startswith("Version: "))
    chosen = hashlib.sha256(" ".join(PACKAGES).encode()).hexdigest()[:8]
    return f"system_{version}_{chosen}"


def make(_, where):
    """Makes system.tar in folder WHERE."""
    sources = cache.run("apt-get", "indextargets", "--format", SOURCES, "Created-By: Packages",
                        "Origin: Debian", capture_output=True, text=True).stdout
    if not sources:
        raise RuntimeError("apt knows no source of Debian's packages")
    release = sources.split()[2]
    cache.run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}",
              '--customize-hook=rm -rf "$1"/usr/share/doc/* "$1"/usr/share/locale/*',
              release, where / "system.tar", "-", input=sources.encode())


def archive():
    """The system as a tar archive, made once."""
    return cache.folder(cached_name, make) / "system.tar"


def added(tree, packages, programs, where):
    """Fills folder WHERE with what the system gets besides; returns the kernel's version."""
    (modules,) = tree.glob("lib/modules/*")
    for found in modules.rglob("*.ko*"):
        if found.name.split(".")[0] in MODULES:
            target = where / "usr/lib/modules" / modules.name / found.relative_to(modules)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, target)
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(modules / name, where / "usr/lib/modules" / modules.name)
    for folder, files in (("packages", packages), ("usr/local/bin", programs)):
        (where / folder).mkdir(parents=True)
        for file in files:
            shutil.copy(file, where / folder)
    wanted = where / "etc/systemd/system/multi-user.target.wants"
    wanted.mkdir(parents=True)
    (wanted.parent / "asks.service").write_text(ASKS_UNIT)
    (wanted / "asks.service").symlink_to("../asks.service")
    asks = where / "usr/local/sbin/asks"
    asks.parent.mkdir(parents=True)
    asks.write_text(ASKS)
    asks.chmod(0o755)
    return modules.name


def initramfs(packages, programs, work):
    """What the kernel unpacks: busybox, the system as an archive, and what is added to it."""
    root = pathlib.Path(work) / "root"
    for folder in ("bin", "dev", "system"):
        (root / folder).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), root / "bin")
    (root / "bin" / "sh").symlink_to("busybox")
    shutil.copy(archive(), root)
    version = added(image.kernel(), packages, programs, root / "added")
    (root / "init").write_text(INIT.format(version=version))
    (root / "init").chmod(0o755)
    return image.pack(root, pathlib.Path(work) / "initramfs.cpio")


def boot(initrd, ports, work):
    return vm.Guest(image.kernel(), initrd, ports, work, MACHINE)


if __name__ == "__main__":
    print(archive())
