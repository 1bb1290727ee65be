# SPDX-License-Identifier: MIT
"""The driver package: signed, covered by its catalogue, and the drivers in it the same every time.

What is said here by osslsigncode and openssl is said without code of ours; nothing is said by Windows.
"""
import hashlib
import os
import re
import subprocess

import inf as inf_file
import pe
import pytest
import windows_package

from conftest import run
from lib.paths import ROOT

case = pytest.mark.case
BOTH = pytest.mark.parametrize("number", (0, 1), ids=("x64", "x86"))


def said_digest(output, which):
    return re.search(rf"^{which} message digest *: ([0-9A-F]+)", output, re.M)[1]


def catalogued(package):
    """The SHA-1 digests in the catalogue, as openssl reads it."""
    good, dump = run("openssl", "asn1parse", "-inform", "DER", "-in", package.catalogue)
    assert good
    return re.findall(r"OBJECT +:sha1\n.*NULL.*\n.*OCTET STRING +\[HEX DUMP\]:([0-9A-F]{40})", dump)


@case("windows package: everything that the INF files install and name is in it")
def test_files(package):
    there = {str(path.relative_to(package.folder)) for path in package.folder.rglob("*.*")
             if path.is_file()}
    wanted = {windows_package.CERTIFICATE}
    for path in package.infs:
        inf = inf_file.parse(path.read_text(encoding="ascii"))
        wanted |= {path.name, *inf.value("Version", "CatalogFile")}
        for platform in ("x86", "amd64"):
            wanted |= {f"{inf_file.disk(inf, platform, file.values[0])[3].strip(chr(92))}/{file.key}"
                       for file in inf.lines("SourceDisksFiles")}
    assert there == wanted


@BOTH
@case("windows package: the driver's signature is good")
def test_signature(package, number):
    good, said = package.verify("-in", package.drivers[number])
    assert good, said
    assert "Message digest algorithm  : SHA256" in said


@BOTH
@case("windows package: a driver that was changed afterwards is refused")
def test_changed_driver(package, changed, number):
    good, said = package.verify("-in", changed(package.drivers[number]))
    assert not good, said


@case("windows package: who trusts another certificate refuses the driver")
def test_stranger(package, tmp_path):
    stranger, _ = windows_package.new_certificate(tmp_path)
    assert not run("osslsigncode", "verify", "-CAfile", stranger, "-in", package.drivers[0])[0]


@BOTH
@case("windows package: the digest taken by our tools is osslsigncode's, signed or not")
def test_digest(package, unsigned, number):
    _, said = package.verify("-in", package.drivers[number])
    ours = pe.Image(unsigned[number]).authenticode("sha256").hex().upper()
    assert ours == pe.Image(package.drivers[number]).authenticode("sha256").hex().upper()
    assert ours == said_digest(said, "Current") == said_digest(said, "Calculated")


@case("windows package: the catalogue's signature is good")
def test_catalogue(package):
    good, said = package.verify("-in", package.catalogue)
    assert good, said


@case("windows package: a catalogue that was changed is refused")
def test_changed_catalogue(package, changed):
    assert not package.verify("-in", changed(package.catalogue))[0]


@BOTH
@case("windows package: osslsigncode finds the driver in the catalogue")
def test_member(package, unsigned, number):
    good, said = package.verify("-catalog", package.catalogue, "-in", unsigned[number])
    assert good, said


@BOTH
@case("windows package: osslsigncode does not find a changed driver in the catalogue")
def test_no_member(package, unsigned, changed, number):
    assert not package.verify("-catalog", package.catalogue, "-in", changed(unsigned[number]))[0]


@case("windows package: the catalogue has both INF files as they are, both drivers, nothing else")
def test_members(package):
    wanted = [hashlib.sha1(path.read_bytes()).hexdigest() for path in package.infs]
    wanted += [pe.Image(path).authenticode("sha1").hex() for path in package.drivers]
    assert sorted(catalogued(package)) == sorted(digest.upper() for digest in wanted)


@case("windows package: the catalogue names every hardware id")
def test_hardware_ids(package):
    ids = [one for path in package.infs
           for one in inf_file.hardware_ids(inf_file.parse(path.read_text(encoding="ascii")))]
    assert len(ids) > 20
    data = package.catalogue.read_bytes()
    assert [one for one in ids if (one + "\0").encode("utf-16-le") not in data] == []


@case("windows package: the same files have the same catalogue")
def test_same_catalogue(package, unsigned):
    infs = {path.name: path.read_bytes() for path in package.infs}
    assert (windows_package.make_catalogue(infs, unsigned) ==
            windows_package.make_catalogue(infs, package.drivers))


@case("windows package: lines of INF files end as on Windows")
def test_line_ends(package):
    for path in package.infs:
        assert re.sub(rb"\r\n", b"", path.read_bytes()).count(b"\n") == 0


@case("windows package: the certificate is for signing code and nothing else, its key is gone")
def test_certificate(package):
    good, said = run("openssl", "x509", "-in", package.authority, "-noout", "-text")
    assert good
    assert re.search(r"Extended Key Usage: critical\s+Code Signing\n", said)
    assert re.search(r"Basic Constraints: critical\s+CA:FALSE\n", said)
    for path in package.folder.rglob("*"):
        assert not path.is_file() or b"PRIVATE KEY" not in path.read_bytes()


@pytest.mark.timeout(300)
@case("windows package: a driver built again, in another folder, is the same byte for byte")
def test_reproducible(unsigned, tmp_path):
    again = tmp_path / "another"
    environment = {**os.environ, "CCACHE_DISABLE": "1", "SOURCE_DATE_EPOCH": "1"}
    for command in (["meson", "setup", again, ROOT, "--cross-file",
                     ROOT / "cross" / "mingw-x86_64.ini"],
                    ["ninja", "-C", again, "src/front/nt/parport.sys"]):
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=300)
    assert (again / "src/front/nt/parport.sys").read_bytes() == unsigned[0].read_bytes()
