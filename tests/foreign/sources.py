# SPDX-License-Identifier: MIT
"""Debian's source packages, on a machine that is set up for binary ones.

apt works on a list of its own, made of the sources that are configured here, and
keeps its state in a folder of ours: nothing of the system changes, and it need not
be root who asks.
"""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile

from lib import paths


def run(*argv, check=True, **kwargs):
    return subprocess.run([str(a) for a in argv], check=check, timeout=300, **kwargs)


def of_one_line_form(text):
    """sources.list(5): the lines that offer packages, asked for their sources."""
    found = re.findall(r"^[ \t]*deb([ \t].*)$", text, re.MULTILINE)
    return "".join(f"deb-src{rest}\n" for rest in found)


def of_deb822_form(text):
    """The same of a .sources file, whose other fields hold for sources, too."""
    return re.sub(r"^Types:.*(\n[ \t].*)*$", "Types: deb-src", text,
                  flags=re.MULTILINE | re.IGNORECASE)


def configured():
    """(main list, folder of more) of this machine; neither need exist."""
    said = run("apt-config", "shell", "MAIN", "Dir::Etc::sourcelist/f",
               "PARTS", "Dir::Etc::sourceparts/d", capture_output=True, text=True).stdout
    known = dict(word.split("=", 1) for word in shlex.split(said))
    return pathlib.Path(known["MAIN"]), pathlib.Path(known["PARTS"])


def write_lists(main, parts, where):
    """Derives WHERE/sources.list and WHERE/sources.list.d from the lists MAIN and PARTS."""
    made = where / "sources.list.d"
    made.mkdir()
    text = main.read_text(encoding="utf-8") if main.is_file() else ""
    (where / "sources.list").write_text(of_one_line_form(text), encoding="utf-8")
    for form, derive in ((".list", of_one_line_form), (".sources", of_deb822_form)):
        for path in sorted(parts.glob("*" + form)):
            derived = derive(path.read_text(encoding="utf-8"))
            (made / path.name).write_text(derived, encoding="utf-8")


def options(where):
    """What makes apt live in the folder WHERE, and ask again where an answer is lost."""
    settings = {
        "Dir::Etc::sourcelist": where / "sources.list",
        "Dir::Etc::sourceparts": where / "sources.list.d",
        "Dir::State::lists": where / "lists",
        "Dir::Cache": where / "cache",
        "Acquire::Retries": 3,
    }
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def download(package, folder):
    """Unpacks the source package, with Debian's patches; FOLDER appears when it is complete."""
    paths.CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=paths.CACHE) as private:
        where = pathlib.Path(private)
        for name in ("lists", "cache/archives"):
            (where / name / "partial").mkdir(parents=True)
        write_lists(*configured(), where)
        apt = ["apt-get", "-q", *options(where)]
        # Not every source has source packages; it is the next step that must find one.
        run(*apt, "update", check=False)
        run(*apt, "--download-only", "source", package, cwd=where)
        (description,) = where.glob("*.dsc")
        # apt has checked every file of it.
        run("dpkg-source", "--no-check", "-x", description, "unpacked", cwd=where)
        os.rename(where / "unpacked", folder)


def source(package):
    """The unpacked source package, downloaded once; a folder of the cache."""
    folder = paths.CACHE / f"{package}-source"
    if not folder.is_dir():
        download(package, folder)
    return folder
