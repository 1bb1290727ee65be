# SPDX-License-Identifier: MIT
"""The driver package, made once from the drivers that ./check has built."""
import subprocess
import sys

import pytest

from lib.paths import BUILD, ROOT

sys.path.insert(0, str(ROOT / "tools"))

import windows_package  # noqa: E402  (the path must be known first)

DRIVERS = {name: BUILD.parent / name / "src/front/nt/parport.sys" for name in ("nt64", "nt32")}


def run(*command):
    """(whether it succeeded, what it said)"""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    return done.returncode == 0, done.stdout


class Package:
    def __init__(self, folder):
        self.folder = folder
        self.catalogue = folder / windows_package.CATALOGUE
        self.drivers = [folder / name / windows_package.DRIVER for name in windows_package.FOLDERS]
        self.infs = sorted(folder.glob("*.inf"))
        self.authority = folder.parent / "certificate.pem"
        assert run("openssl", "x509", "-inform", "DER", "-in",
                   folder / windows_package.CERTIFICATE, "-out", self.authority)[0]

    def verify(self, *arguments):
        """osslsigncode's judgement; the package's certificate is all that it trusts."""
        return run("osslsigncode", "verify", "-CAfile", self.authority, *arguments)


@pytest.fixture(scope="session")
def unsigned():
    """The drivers as they are built, for x86_64 and i686."""
    return list(DRIVERS.values())


@pytest.fixture(scope="session")
def package(unsigned, tmp_path_factory):
    folder = tmp_path_factory.mktemp("windows") / "package"
    windows_package.make(unsigned, folder)
    return Package(folder)


@pytest.fixture
def changed(tmp_path):
    """changed(file): a copy of it with one bit of its middle turned over."""
    def turn(file):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        copy = tmp_path / file.name
        copy.write_bytes(data)
        return copy

    return turn
