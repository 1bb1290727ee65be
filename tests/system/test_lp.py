# SPDX-License-Identifier: MIT
"""lp's ioctls on lpt1, as far as FUSE carries them; the rest is asked of device nodes in a guest."""

import errno
import fcntl
import os
import signal
import subprocess
import sys

import pytest

from clients import wait_in_line, wait_until

case = pytest.mark.case

LPABORT, LPABORTOPEN, LPRESET = 0x0604, 0x060A, 0x060C
RESETS = f"import fcntl, os, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_WRONLY), {LPRESET:#x})"


def set_flag(node, code, value):
    """In a file of its own, as tunelp does it."""
    fd = os.open(node, os.O_WRONLY | os.O_NONBLOCK)
    fcntl.ioctl(fd, code, value)
    os.close(fd)


def opening(node, flags=os.O_WRONLY):
    """0, or the errno of open()."""
    try:
        os.close(os.open(node, flags))
    except OSError as error:
        return error.errno
    return 0


@case("P-058 LPABORT: paper out ends a write at once, whoever sets it, until it is taken back")
def test_abort(serve, client):
    node = serve({"paper_out": True}).node("lpt1")
    set_flag(node, LPABORT, 1)
    job = client(node, os.O_WRONLY)
    assert job.do("write x 1") == "ENOSPC"
    assert job.do("close") == "ok"
    set_flag(node, LPABORT, 0)
    job = client(node, os.O_WRONLY)
    job.send("write x 1")
    assert not job.answered(1)


@case("LPABORTOPEN: opening tells what is wrong with the printer, but not with O_NONBLOCK")
@pytest.mark.parametrize("fault, error", [("paper_out", errno.ENOSPC), ("off_line", errno.EIO),
                                          ("error", errno.EIO), ("powered_off", errno.EIO)])
def test_abort_open(serve, fault, error):
    node = serve({fault: True}).node("lpt1")
    assert opening(node) == 0
    set_flag(node, LPABORTOPEN, 1)
    assert opening(node) == error
    assert opening(node, os.O_WRONLY | os.O_NONBLOCK) == 0
    set_flag(node, LPABORTOPEN, 0)
    assert opening(node) == 0


@case("LPABORTOPEN: a printer that is ready is opened")
def test_abort_open_ready(serve):
    node = serve().node("lpt1")
    set_flag(node, LPABORTOPEN, 1)
    assert opening(node) == 0


def lines(service):
    text = service.printed.read_text() if service.printed.exists() else ""
    return [line.split() for line in text.splitlines()]


@case("LPRESET: when the port is free, one pulse of 50 us on nInit")
def test_reset(serve, client):
    service = serve({"peripheral": "recorder", "scan": False})
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    resetting = subprocess.Popen([sys.executable, "-c", RESETS, str(service.node("lpt1"))])
    wait_in_line(service.node("parport0"), 1)
    before = len(lines(service))
    assert holder.do("release") == "ok"
    assert resetting.wait(20) == 0
    wait_until(lambda: len(lines(service)) == before + 2, "two changes of the lines")
    fall, rise = lines(service)[before:]
    assert (int(fall[2], 16) & 4, int(rise[2], 16) & 4) == (0, 4)
    assert int(rise[0]) - int(fall[0]) == 50000


@case("LPRESET: a signal ends the wait for the port, and then there is no pulse")
def test_reset_killed(serve, client):
    service = serve({"peripheral": "recorder", "scan": False})
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    resetting = subprocess.Popen([sys.executable, "-c", RESETS, str(service.node("lpt1"))])
    wait_in_line(service.node("parport0"), 1)
    before = len(lines(service))
    resetting.send_signal(signal.SIGKILL)
    assert resetting.wait(20) == -signal.SIGKILL
    wait_in_line(service.node("parport0"), 0)
    assert holder.do("release") == "ok"
    assert holder.do("claim") == "ok"
    assert len(lines(service)) == before
