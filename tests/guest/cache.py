# SPDX-License-Identifier: MIT
"""What the tests take from Debian packages that nobody installs: fetched once, kept unpacked."""

import shutil
import subprocess

from lib import paths


def run(*argv, **kwargs):
    return subprocess.run([str(a) for a in argv], check=True, timeout=300, **kwargs)


def described(package):
    """Lines of what apt knows of PACKAGE."""
    shown = run("apt-cache", "--no-all-versions", "show", package, capture_output=True, text=True)
    if not shown.stdout:
        raise RuntimeError(f"{package} is unknown here: run 'apt-get update'")
    return shown.stdout.splitlines()


def download(package, where):
    """Path of the archive of PACKAGE, in folder WHERE."""
    run("apt-get", "-q", "download", package, cwd=where)
    (archive,) = where.glob("*.deb")
    return archive


def _folder(name, fill):
    made = paths.CACHE / name
    if not made.is_dir():
        fresh = paths.CACHE / (name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        fill(name, fresh)
        fresh.rename(made)
    return made


def folder(name_of, fill):
    """The folder name_of() of the cache; fill(name, folder) makes one that is not there yet."""
    try:
        return _folder(name_of(), fill)
    except (RuntimeError, subprocess.CalledProcessError):
        # apt's lists are missing, or older than the archive.
        run("apt-get", "-q", "update")
        return _folder(name_of(), fill)
