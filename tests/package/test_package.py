# SPDX-License-Identifier: MIT
"""The Debian packages: what is in them, and that it works without being installed."""
import os
import re
import stat
import subprocess

import pytest

from lib import debian, paths

case = pytest.mark.case
pytestmark = pytest.mark.timeout(400)

LIBRARY = re.compile(r"\(NEEDED\).*\[(\S+)\]")
PATH_IN_MAN = re.compile(r"^\.Pa (/(?:etc|usr|lib)/\S+)", re.M)


def run(*argv, **kwargs):
    """What a command says on both outputs; it has to succeed."""
    done = subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, **kwargs)
    assert done.returncode == 0, f"{argv}: {done.returncode}: {done.stdout}"
    return done.stdout


def files(root):
    """Paths of what is not a folder, below ROOT; control files are left out."""
    return {str(path.relative_to(root)) for path in root.rglob("*")
            if path.is_symlink() or not path.is_dir()
            if path.relative_to(root).parts[0] != "DEBIAN"}


def programs(root):
    """Programs and shared libraries below ROOT."""
    return [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()
            and path.read_bytes()[:4] == b"\x7fELF"]


@case("the packages build from a copy of the tree, and lintian has no error and no warning for them")
def test_lintian(archives):
    said = run("lintian", "--allow-root", "--fail-on", "error,warning", debian.changes(archives))
    assert said == ""


@case("README's command builds them, and leaves the tree as it was")
def test_clean(archives):
    assert f" {debian.COMMAND}\n" in (paths.ROOT / "README.md").read_text()
    source = archives["openparport"].parent / "source"
    strange = [name for name in files(source) if not (paths.ROOT / name).exists()]
    assert not strange and (source / "meson.build").exists()


@case("every package has the version that meson.build has")
def test_version(archives):
    (wanted,) = re.findall(r"^  version: '(.*)',$", (paths.ROOT / "meson.build").read_text(), re.M)
    assert {debian.field(archive, "Version") for archive in archives.values()} == {wanted}


@case("the files that the manual pages name are in the package, as is a page for each program")
def test_named_files(roots):
    ours = files(roots["openparport"])
    named = {path.lstrip("/") for page in (paths.ROOT / "man").glob("*.[158]")
             for path in PATH_IN_MAN.findall(page.read_text()) if "parport" in path}
    assert named and named <= ours
    sections = {"usr/bin": 1, "usr/sbin": 8}
    found = [path.rpartition("/") for path in ours if path.startswith(tuple(sections))]
    assert {name for _, _, name in found} == {"parport", "parportd"}
    for folder, _, name in found:
        assert f"usr/share/man/man{sections[folder]}/{name}.{sections[folder]}.gz" in ours


@case("every function that the library shows has its manual page in the development package")
def test_pages(roots):
    pages = {path.name for path in (roots["libopenparport-dev"] / "usr/share/man/man3").iterdir()}
    (library,) = programs(roots["libopenparport0"])
    shown = re.findall(r" (opp_\w+)@@", run("nm", "-D", "--defined-only", library))
    assert shown and pages == {f"{name}.3.gz" for name in shown}


@case("nothing of the tests is in a package, and everything belongs to root, with no one's rights")
def test_contents(archives, together):
    tests = {path.name for folder in ("tests", "bench") for path in (paths.ROOT / folder).rglob("*")}
    assert not {path for path in files(together) if path.rpartition("/")[2] in tests}
    for archive in archives.values():
        for line in debian.dpkg_deb("--contents", archive).splitlines():
            assert line.split()[1] == "root/root", line
            assert line[3] != "s" and line[6] != "s" and line[8] != "w" or line[0] == "l", line


@case("what an administrator changes is a configuration file of dpkg's, and all that is below /etc")
def test_configuration_files(roots):
    for root in roots.values():
        listed = root / "DEBIAN" / "conffiles"
        told = listed.read_text().splitlines() if listed.exists() else []
        assert sorted(told) == sorted(f"/{path}" for path in files(root) if path.startswith("etc/"))


@case("programs and the library are hardened, stripped, and look for libraries nowhere of their own")
def test_hardening(together):
    found = programs(together)
    assert len(found) == 3
    for program in found:
        dynamic = run("readelf", "--wide", "--dynamic", program)
        assert "RPATH" not in dynamic and "RUNPATH" not in dynamic
        assert "BIND_NOW" in dynamic
        assert "GNU_RELRO" in run("readelf", "--wide", "--program-headers", program)
        header = run("readelf", "--wide", "--file-header", program)
        assert re.search(r"Type: +DYN", header)
        assert ".symtab" not in run("readelf", "--wide", "--section-headers", program)


@case("the library needs the C library and no other")
def test_library(roots):
    (library,) = programs(roots["libopenparport0"])
    dynamic = run("readelf", "--wide", "--dynamic", library)
    assert set(LIBRARY.findall(dynamic)) <= {"libc.so.6", "ld-linux-x86-64.so.2"}
    assert re.search(r"\(SONAME\).*\[libopenparport\.so\.0\]", dynamic)


@case("the configuration that is installed is one that parportd accepts, and its unit starts that")
def test_configuration(together):
    parportd = together / "usr/sbin/parportd"
    run(parportd, "--check-config", "--config", together / "etc/openparport/parport.conf")
    unit = (together / "lib/systemd/system/parportd.service").read_text()
    (started,) = re.findall(r"^ExecStart=[-@:+!|]*(\S+)", unit, re.M)
    assert (together / started.lstrip("/")).samefile(parportd)


@case("the command of the package works by itself, on a simulated port")
def test_command(together):
    said = run(together / "usr/bin/parport", "pins", "sim:paper_out=yes")
    assert re.search(r"PError +high", said)


@pytest.fixture
def pkg_config(together):
    """An environment where pkg-config finds what the packages install, and nothing else."""
    (folder,) = together.glob("usr/lib/*/pkgconfig")
    return {**os.environ, "PKG_CONFIG_SYSROOT_DIR": str(together),
            "PKG_CONFIG_LIBDIR": str(folder), "LD_LIBRARY_PATH": str(folder.parent)}


@case("a program is compiled by what pkg-config tells, and runs on a simulated port")
def test_development(together, pkg_config, tmp_path):
    flags = run("pkg-config", "--cflags", "--libs", "openparport", env=pkg_config).split()
    example = together / "usr/share/doc/libopenparport-dev/examples/device_id.c"
    run("cc", example, *flags, "-o", tmp_path / "device_id")
    said = run(tmp_path / "device_id", "sim:modes=nibble,id=MFG:Fourth;MDL:Matrix;", env=pkg_config)
    assert said == "MFG:Fourth\nMDL:Matrix\n"


@case("each header of the development package is whole by itself")
def test_headers(together, pkg_config, tmp_path):
    flags = run("pkg-config", "--cflags", "openparport", env=pkg_config).split()
    include = together / "usr/include"
    for header in sorted(include.rglob("*.h")):
        source = tmp_path / "header.c"
        source.write_text(f"#include <{header.relative_to(include)}>\n")
        run("cc", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *flags, source)


@case("maintainer scripts are those of debian/ and of debhelper, and no others")
def test_scripts(roots):
    for package, root in roots.items():
        for script in (root / "DEBIAN").iterdir():
            if not script.stat().st_mode & stat.S_IXUSR:
                continue
            text = script.read_text()
            own = re.sub(r"^# Automatically added by .*?^# End automatically added section\n", "",
                         text, flags=re.M | re.S)
            written = paths.ROOT / "debian" / f"{package}.{script.name}"
            expected = written.read_text() if written.exists() else "#!/bin/sh\nset -e\n"
            assert own.strip() in (expected.replace("#DEBHELPER#", "").strip(), ""), own
