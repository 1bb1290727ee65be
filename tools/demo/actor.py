#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One program of the demo's scene: actor.py NAME NODE DEADLINE_US HOLD_S TIMES

Takes the port TIMES times and holds it for HOLD_S seconds each time, writing DATA meanwhile.
DEADLINE_US is how long it waits; "forever" is no limit. Says nothing: the log does.
Exit status: 0, or 3 when a deadline passed.
"""

import errno
import fcntl
import os
import struct
import sys
import time

ALLOCATE, RELEASE, WRITE_DATA = 0x40084F01, 0x708C, 0x40017086
FOREVER_US = (1 << 64) - 1


def main():
    name, node, deadline, hold_s, times = sys.argv[1:6]
    with open("/proc/self/comm", "w", encoding="ascii") as comm:
        comm.write(name)
    wish = struct.pack("<Q", FOREVER_US if deadline == "forever" else int(deadline))
    port = os.open(node, os.O_RDWR)
    for turn in range(int(times)):
        try:
            fcntl.ioctl(port, ALLOCATE, wish)
        except OSError as error:
            return 3 if error.errno == errno.EBUSY else 1
        fcntl.ioctl(port, WRITE_DATA, bytes([turn]))
        time.sleep(float(hold_s))
        fcntl.ioctl(port, RELEASE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
