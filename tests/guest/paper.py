# SPDX-License-Identifier: MIT
"""What came out of a printer on this machine."""

import time


def printed(path, size, seconds=20):
    """What the simulated printer wrote to its file, once it is SIZE long or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and path.stat().st_size >= size:
            break
        time.sleep(0.05)
    return path.read_bytes() if path.exists() else b""
