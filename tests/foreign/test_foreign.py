# SPDX-License-Identifier: MIT
"""Programs we did not write, unmodified, on our files."""

import os
import subprocess
import sys
import time

import pytest

from lib import ioctls, paths

case = pytest.mark.case

FREE, HELD = 0, 2
CONTROL_AT_REST = 0x0c
MODE_COMPAT = 0x100
TCK = 0x04	# of OpenOCD's "wiggler" cable, among the data lines

# Holds the port through pyparallel until its input ends; says what happened.
PYPARALLEL = """
import errno, sys, parallel
print("start", flush=True)
try:
    port = parallel.Parallel(sys.argv[1])
except OSError as error:
    print(errno.errorcode[error.errno], flush=True)
    sys.exit(3)
print("holds", flush=True)
for line in sys.stdin:
    port.setData(int(line))
    print(port.getData(), port.getInPaperOut(), flush=True)
"""


class Holder:
    """A process that opens the port with pyparallel and does what it reads."""

    def __init__(self, node):
        self.process = subprocess.Popen([sys.executable, "-c", PYPARALLEL, str(node)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        assert self.hear() == "start"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(20)
        self.process.stdin.close()
        self.process.stdout.close()

    def hear(self):
        return self.process.stdout.readline().strip()

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.hear()

    def leave(self):
        self.process.stdin.close()
        return self.process.wait(20)


def wait_for(what, seconds=20):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def at_rest(service):
    """Nobody holds or waits; a newcomer finds the port as at first, and may have it alone."""
    with ioctls.File(service.node("parport0"), os.O_RDWR | os.O_NONBLOCK) as port:
        wait_for(lambda: port.status()[:2] == (FREE, 0))
        port.call(ioctls.PPEXCL)
        port.call(ioctls.PPCLAIM)
        return port.mode() == MODE_COMPAT and port.byte(ioctls.PPRCONTROL) == CONTROL_AT_REST


def prints_exactly(service, page):
    """A page through lpt1 arrives byte exact, after what is in the printer's file by now."""
    path = page if page.exists() else None
    before = path.stat().st_size if path else 0
    text = bytes(range(256)) * 8
    with open(service.node("lpt1"), "wb", buffering=0) as job:
        sent = 0
        while sent < len(text):
            sent += job.write(text[sent:])
        os.fsync(job.fileno())
    wait_for(lambda: page.stat().st_size >= before + len(text))
    return page.read_bytes()[before:] == text


@case("pyparallel drives data lines and reads the printer's status lines")
@pytest.mark.parametrize("printer, paper_out", [({}, "False"), ({"paper_out": True}, "True")],
                         ids=["paper", "no paper"])
def test_pyparallel_lines(serve, printer, paper_out):
    service = serve(parport0=printer)
    with Holder(service.node("parport0")) as one:
        assert one.hear() == "holds"
        assert one.tell("165").split() == ["165", paper_out]
        with ioctls.File(service.node("parport0")) as port:
            assert port.pins()[0] == 165
        assert one.leave() == 0
    assert at_rest(service)


@case("pyparallel, exclusive = refuse: the second process gets Linux's ENXIO, then its turn")
def test_pyparallel_refuse(serve):
    service = serve(parport0={"exclusive": "refuse"})
    node = service.node("parport0")
    with Holder(node) as one:
        assert one.hear() == "holds"
        with Holder(node) as two:
            assert two.hear() == "ENXIO"
            assert two.leave() == 3
        assert one.tell("7").split()[0] == "7"
        assert one.leave() == 0
    with Holder(node) as three:
        assert three.hear() == "holds"
    assert at_rest(service)


@case("pyparallel, exclusive = wait: the second process takes its turn when the first leaves")
def test_pyparallel_wait(serve):
    service = serve(parport0={"exclusive": "wait"})
    node = service.node("parport0")
    with Holder(node) as one, ioctls.File(node) as port:
        assert one.hear() == "holds"
        with Holder(node) as two:
            wait_for(lambda: port.status() == (HELD, 1, one.process.pid))
            assert one.tell("7").split()[0] == "7"
            assert one.leave() == 0
            assert two.hear() == "holds"
            assert port.status() == (HELD, 0, two.process.pid)
            assert two.tell("9").split()[0] == "9"
    assert at_rest(service)


@case("stress-ng's device stressor leaves others their turns, ends in time, and the port works")
def test_stress_ng(serve, as_parport0, tmp_path):
    service = serve(parport0={})
    argv = ["env", f"LD_PRELOAD={paths.BUILD / 'tests' / 'foreign' / 'pretend_device.so'}",
            "stress-ng", "--dev", "2", "--dev-file", "/dev/parport0", "--timeout", "10"]
    program = as_parport0(service, argv, cwd=tmp_path)
    with ioctls.File(service.node("parport0")) as port:
        wait_for(lambda: port.status()[0] == HELD)
        for _ in range(100):
            port.call(ioctls.PPCLAIM)
            port.call(ioctls.PPRELEASE)
        assert program.poll() is None, "the turns were taken while it ran"
    said, _ = program.communicate(timeout=60)
    assert program.returncode == 0, said
    assert "1 of 1 devices opened and exercised" in said
    assert at_rest(service)
    assert prints_exactly(service, tmp_path / "page")


def openocd(service, as_parport0):
    """Runs OpenOCD over a wiggler cable; returns (its words, the data bytes seen on the wires)."""
    script = ["adapter driver parport", "parport port 0", "parport cable wiggler",
              "adapter speed 1000", "jtag newtap none tap -irlen 4", "init", "runtest 20000",
              "shutdown"]
    argv = ["openocd"] + [word for line in script for word in ("-c", line)]
    seen = set()
    program = as_parport0(service, argv)
    with ioctls.File(service.node("parport0")) as port:
        deadline = time.monotonic() + 60
        while program.poll() is None and time.monotonic() < deadline:
            state, _, holder = port.status()
            if state == HELD and holder == program.pid:
                seen.add(port.pins()[0])
    said, _ = program.communicate(timeout=20)
    return said, seen


@case("OpenOCD claims, toggles TCK, reads our TDO line both ways and leaves a free port")
@pytest.mark.parametrize("printer, chain", [({}, "all zeroes"), ({"off_line": True}, "all ones")],
                         ids=["ready", "off-line"])
def test_openocd(serve, as_parport0, printer, chain):
    service = serve(parport0=printer)
    said, seen = openocd(service, as_parport0)
    assert f"scan chain interrogation failed: {chain}" in said
    assert {data ^ TCK for data in seen} & seen, f"TCK did not move: {seen}"
    assert at_rest(service)
