# SPDX-License-Identifier: MIT
"""The library's examples on a port that parportd serves, among other users of it."""

import os
import subprocess
import time

import pytest

from lib import paths
from lib.ioctls import PPCLAIM, PPRELEASE, File

case = pytest.mark.case

LIMIT_S = 30
NOT_IN_TIME = 124


def start(service, name, *arguments):
    return subprocess.Popen(
        [paths.BUILD / "examples" / name, *map(str, arguments)], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "OPENPARPORT_MOUNT": str(service.mount)})


def end(program):
    """(exit status, what it printed)."""
    said, _ = program.communicate(timeout=LIMIT_S)
    return program.returncode, said


def wait_for_waiter(file):
    deadline = time.monotonic() + LIMIT_S
    while file.status()[1] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@case("a trigger on a served port: a recorder sees the width")
def test_trigger(serve):
    service = serve({"peripheral": "recorder"})
    assert end(start(service, "trigger", "lpt1", 3000)) == (0, "D0 was up for 3000000 ns\n")
    assert service.stop() == 0
    changes = [line.split() for line in service.printed.read_text().splitlines()]
    levels = [(int(at), int(data, 16) & 1) for at, data, _ in changes]
    # The service itself looks what devices there are, when it starts.
    widths = [after[0] - before[0] for before, after in zip(levels, levels[1:])
              if before[1] and not after[1]]
    assert widths.count(3000000) == 1


@case("a waiter on a served port has it when the holder lets go, or gives up in time")
def test_waiter(serve):
    service = serve()
    with File(service.node("parport0")) as holder:
        holder.call(PPCLAIM)
        status, said = end(start(service, "waiter", "lpt1", 300))
        assert status == NOT_IN_TIME
        assert "1 in line" in said
        assert "waiter: the port is in use\n" in said
        waiter = start(service, "waiter", "lpt1", LIMIT_S * 1000)
        wait_for_waiter(holder)
        holder.call(PPRELEASE)
        status, said = end(waiter)
        assert status == 0
        assert said.endswith("the port is ours\n")


@case("a device id on a served port")
def test_device_id(serve):
    service = serve({"modes": "nibble", "id": "MFG:Maker;MDL:Box 7;"})
    assert end(start(service, "device_id", "parport0")) == (0, "MFG:Maker\nMDL:Box 7\n")
