# SPDX-License-Identifier: MIT
"""A guest of QEMU that has the port, and a job that waits for it."""

import pathlib
import subprocess

import pytest

from afterwards import at_rest, wait_for
from commands import parport, status

case = pytest.mark.case

HERE = pathlib.Path(__file__).parent
SECTOR_BYTES = 512
SIGNATURE = b"\x55\xaa"
TEXT = b"printed by a guest without an operating system\r\n"


@pytest.fixture
def disk(tmp_path):
    """A disk image that prints TEXT when it is booted."""
    made, code, image = tmp_path / "boot.o", tmp_path / "boot.bin", tmp_path / "disk"
    subprocess.run(["gcc", "-c", "-o", made, HERE / "boot_sector.S"], check=True, timeout=60)
    subprocess.run(["objcopy", "-O", "binary", "-j", ".text", made, code], check=True, timeout=60)
    sector = code.read_bytes() + TEXT + b"\0"
    image.write_bytes(sector.ljust(SECTOR_BYTES - len(SIGNATURE), b"\0") + SIGNATURE)
    return image


@pytest.fixture
def guest(start, disk):
    """guest(service): QEMU, whose guest prints TEXT and stops; its input is QEMU's monitor."""

    def boot(service):
        return start(["qemu-system-x86_64", "-accel", "tcg", "-m", "16", "-nodefaults",
                      "-no-user-config", "-nographic", "-monitor", "stdio",
                      "-drive", f"format=raw,file={disk}",
                      "-chardev", f"parallel,id=port,path={service.node('parport0')}",
                      "-device", "isa-parallel,chardev=port"], stdin=subprocess.PIPE)

    return boot


def quit_qemu(qemu):
    qemu.stdin.write("quit\n")
    qemu.stdin.flush()
    assert qemu.wait(20) == 0


def kill_qemu(qemu):
    qemu.kill()
    qemu.wait(20)


def page_is(page, text):
    wait_for(lambda: page.exists() and page.read_bytes() == text)


@case("parport print waits while a guest of QEMU has the port, which status tells; then it prints")
@pytest.mark.parametrize("end", [quit_qemu, kill_qemu], ids=["QEMU quits", "QEMU is killed"])
def test_print_waits(serve, guest, start, chance, tmp_path, end):
    document, page = tmp_path / "document", tmp_path / "page"
    document.write_bytes(chance.randbytes(50000))
    service = serve(parport0={})
    qemu = guest(service)
    page_is(page, TEXT)
    job = start(parport(service, "print", document))
    wait_for(lambda: status(service)["waiters"] == 1)
    told = status(service)
    assert told["holder"]["pid"] == qemu.pid
    assert told["holder"]["program"] == "qemu-system-x86"	# Linux keeps 15 letters of a name
    assert told["job"]["pid"] == told["waiting"][0]["pid"] == job.pid
    page_is(page, TEXT)
    end(qemu)
    said, _ = job.communicate(timeout=60)
    assert job.returncode == 0, said
    page_is(page, TEXT + document.read_bytes())
    assert at_rest(service)
