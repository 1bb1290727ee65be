#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""examples.py ROOT TRIGGER DEVICE_ID WAITER WINDOWS_CLIENT [REGISTERS]: the library's examples do what they say."""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]) / "tools"))
from tap import Tap  # noqa: E402

LIMIT_S = 30
NO_PORT = 110


def run(*command):
    """(exit status, what it printed)."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S)
    return done.returncode, done.stdout


def expect(got, wanted):
    return [] if got == wanted else [f"{got!r}, expected {wanted!r}"]


def edges(log):
    """When D0 went up and down, by a recorder's log."""
    changes = [line.split() for line in log.read_text().splitlines()]
    return [int(at) for at, data, _ in changes if int(data, 16) & 1], \
           [int(at) for at, data, _ in changes if not int(data, 16) & 1]


def pulse(trigger, microseconds):
    """What the recorder of a simulated port says of one."""
    with tempfile.TemporaryDirectory() as work:
        log = Path(work) / "changes"
        said = run(trigger, f"sim:peripheral=recorder,output={log}", microseconds)
        up, down = edges(log)
        falls = [at for at in down if at > up[0]]
        width = falls[0] - up[0]
    return expect(said, (0, f"D0 was up for {microseconds * 1000} ns\n")) + \
        expect((len(up), len(falls)), (1, 1)) + expect(width, microseconds * 1000)


def main():
    trigger, device_id, waiter, windows_client = sys.argv[2:6]
    tap = Tap()
    for microseconds in (1, 250, 20000):
        tap.result(f"trigger: a recorder sees a pulse of {microseconds} us",
                   pulse(trigger, microseconds))
    tap.result("trigger: no port, no pulse", expect(run(trigger, "/nonexistent")[0], NO_PORT))
    status, said = run(device_id, "sim:modes=nibble,id=MFG:Maker;MDL:Box 7;CLS:PRINTER;")
    tap.result("device_id: a line for each piece of the id",
               expect((status, said.splitlines()), (0, ["MFG:Maker", "MDL:Box 7", "CLS:PRINTER"])))
    tap.result("device_id: nobody who knows IEEE 1284 is there",
               expect(run(device_id, "sim:"), (NO_PORT, "device_id: no such port or device\n")))
    tap.result("waiter: a free port is had at once",
               expect(run(waiter, "sim:"), (0, "the port is ours\n")))
    tap.result("windows_client: codes, structures and routines of the documents",
               expect(run(windows_client, "sim:chip=ecp"),
                      (0, "capabilities 0x09, chip mode 0x00\n0 others wait\n"
                          "NTSTATUS 0x00000000\n")))
    for registers in sys.argv[6:]:
        tap.result("registers: a simulated port has none to hand out",
                   expect(run(registers, "sim:"), (NO_PORT, "registers: no such port or device\n")))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
