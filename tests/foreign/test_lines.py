# SPDX-License-Identifier: MIT
"""pyparallel and stress-ng: what goes over the lines, and who has the port."""

import os
import subprocess
import sys

import pytest

from afterwards import HELD, at_rest, wait_for
from lib import ioctls, paths

case = pytest.mark.case

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

# Writes every value to the data lines and its bits to the control lines, and tells what comes back.
LOOP_BACK = """
import sys, parallel
port = parallel.Parallel(sys.argv[1])
for value in [*range(256), *range(255, -1, -1)]:
    port.setData(value)
    for place, drive in enumerate([port.setDataStrobe, port.setAutoFeed, port.setInitOut,
                                   port.setSelect]):
        drive(value >> place & 1)
    levels = [port.getInError(), port.getInSelected(), port.getInPaperOut(),
              port.getInAcknowledge(), port.getInBusy()]
    print(value, port.getData(), *map(int, levels))
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


def norton(value):
    """Levels of nFault, Select, PError, nAck, Busy: the five lowest data lines."""
    return [value >> place & 1 for place in range(5)]


def checkit(value):
    """The same: Data1, and the control lines, to which LOOP_BACK gives the four lowest bits."""
    return [value & 1] + [value >> place & 1 for place in range(4)]


@case("pyparallel drives the loop-back plug through all 256 values and back")
@pytest.mark.parametrize("plug", [norton, checkit], ids=["norton", "checkit"])
def test_loop_back(serve, plug):
    service = serve(parport0={"peripheral": plug.__name__})
    said = subprocess.run([sys.executable, "-c", LOOP_BACK, service.node("parport0")], text=True,
                          stdout=subprocess.PIPE, timeout=60, check=True).stdout
    heard = [[int(word) for word in line.split()] for line in said.splitlines()]
    assert heard == [[value, value, *plug(value)] for value in [*range(256), *range(255, -1, -1)]]
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
