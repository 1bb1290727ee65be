#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tells what happens on the ports of a running parportd, live: watch.py LOG PID

Ends when the service PID has ended, or with Ctrl-C.
"""

import os
import sys

from history import Contradiction
from story import Story

SLICE_S = 0.5


def alive(pid):
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def main():
    story, pid = Story(sys.argv[1], sys.stdout), int(sys.argv[2])
    try:
        while alive(pid):
            story.tell_for(SLICE_S)
        story.tell()
    except KeyboardInterrupt:
        print()
    except Contradiction as wrong:
        print(f"The log contradicts itself, please report this: {wrong}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
