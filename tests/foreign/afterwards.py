# SPDX-License-Identifier: MIT
"""What every program has to leave behind."""

import os
import time

from lib import ioctls

FREE, HELD = 0, 2
CONTROL_AT_REST = 0x0c
MODE_COMPAT = 0x100


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
