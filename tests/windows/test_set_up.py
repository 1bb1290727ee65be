# SPDX-License-Identifier: MIT
"""The INF files as Wine's set-up library reads them, of which ReactOS's is a relative.

It knows no platforms where it looks for a disk, so what it copies is the driver for i686, as in ReactOS.
"""
import re
import shutil
import sys

import pytest

from lib.paths import BUILD, CACHE, ROOT

sys.path.insert(0, str(ROOT / "tests" / "wine"))

from prefix import Prefix  # noqa: E402  (the path must be known first)

case = pytest.mark.case
SET_UP = BUILD.parent / "nt64" / "tests/windows/set_up.exe"
FOLDER = r"C:\openparport\package"


def values(registry, key):
    """What stands below a key, as Wine keeps it in a file."""
    block = re.search(rf"^\[{re.escape(key)}\][^\n]*\n(.*?)\n\n", registry, re.M | re.S)
    return dict(re.findall(r'^"(\w+)"=(.*)$', block[1], re.M)) if block else {}


@pytest.fixture
def prefix():
    with Prefix(CACHE / "wine") as prefix:
        installed = prefix.folder / "drive_c/windows/system32/drivers/openparport.sys"
        installed.unlink(missing_ok=True)
        yield prefix
        installed.unlink(missing_ok=True)


def set_up(prefix, package, inf, section):
    """What is in the registry afterwards."""
    shutil.copytree(package.folder, prefix.files / "package")
    prefix.copy(SET_UP)
    status = prefix.run(["set_up.exe", rf"{FOLDER}\{inf}", section, FOLDER], timeout=60)
    assert status == 0, prefix.text("output.txt")
    prefix.stop()
    return prefix.registry.read_text(encoding="utf-8", errors="replace")


@case("windows package: set-up copies the driver under its own name, adds the service, sets defaults")
def test_port(package, prefix):
    registry = set_up(prefix, package, "parport.inf", "Port.NT")
    copied = prefix.folder / "drive_c/windows/system32/drivers/openparport.sys"
    assert copied.read_bytes() == (package.folder / "x86/parport.sys").read_bytes()

    service = values(registry, r"System\\CurrentControlSet\\Services\\OpenParport")
    assert service["ImagePath"].strip('"').lower().endswith(r"\\system32\\drivers\\openparport.sys")
    assert service["Group"] == '"Parallel arbitrator"'
    assert (service["Type"], service["Start"]) == ("dword:00000001", "dword:00000003")

    device = values(registry, r"Software\\OpenParportTest")
    assert device["PortSubClass"] == "hex:00"
    assert device["LockTimeout"] == f"dword:{5000:08x}"
    assert device["Security"] == '"D:P(D;;GA;;;NU)(A;;GA;;;SY)(A;;GA;;;BA)"'


@case("windows package: set-up gives LPTn its list of who may open it, and no service")
def test_raw(package, prefix):
    registry = set_up(prefix, package, "lptraw.inf", "Raw.NT")
    device = values(registry, r"Software\\OpenParportTest")
    assert device["Security"] == '"D:P(D;;GA;;;NU)(A;;GA;;;SY)(A;;GA;;;BA)(A;;GRGW;;;IU)"'
    assert not values(registry, r"System\\CurrentControlSet\\Services\\OpenParport")
