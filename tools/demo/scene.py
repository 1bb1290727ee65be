#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The scene of ./run --demo, about 20 seconds: scene.py MOUNT LOG PRINTED

Starts the actors and lets the story be told from the service's log alone. Every act ends when the
log shows what it is about; when it does not, or contradicts itself, the exit status is 1.
"""

import os
import pathlib
import signal
import subprocess
import sys
import time

from history import Contradiction
from story import Story

HERE = pathlib.Path(__file__).parent
ACT_S = 15
PAGE = b"".join(b"line %5d of the page that OpenParport's demo prints\r\n" % n for n in range(400))


class Failure(Exception):
    """The log does not show what an act is about."""


class Scene:
    def __init__(self, mount, log, printed):
        self.node = pathlib.Path(mount) / "parport0"
        self.printer = pathlib.Path(mount) / "lpt1"
        self.printed = pathlib.Path(printed)
        self.story = Story(log, sys.stdout)
        self.actors = []

    def actor(self, name, hold_s, times, deadline="forever"):
        process = subprocess.Popen([sys.executable, str(HERE / "actor.py"), name, str(self.node),
                                    str(deadline), str(hold_s), str(times)])
        self.actors.append(process)
        return process

    def until(self, what, condition, seconds=ACT_S):
        if not self.story.tell_for(seconds, condition):
            raise Failure(f"the log does not show: {what}")

    def saw(self, kind, process, times=1):
        """A condition: the log has TIMES events of this kind by this process."""
        return lambda events: sum(event["event"] == kind and event["pid"] == process.pid
                                  for event in events) >= times

    def contend(self):
        print("\n-- Starting three programs; each wants the port three times.")
        actors = [self.actor(name, 0.8, 3) for name in ("plotter", "scanner", "burner")]
        for process in actors:
            self.until("each is served three times", self.saw("released", process, 3))

    def kill_holder(self):
        print("\n-- Starting one that gets kill -9 while it holds the port, and one that waits for it.")
        victim = self.actor("burner", 60, 1)
        self.until("the holder", self.saw("granted", victim))
        heir = self.actor("plotter", 1, 1)
        self.until("who waits", self.saw("queued", heir))
        time.sleep(1)
        victim.send_signal(signal.SIGKILL)
        self.until("the holder is gone", self.saw("dropped", victim))
        self.until("its heir", self.saw("released", heir))

    def give_up(self):
        print("\n-- Starting one that holds the port, and one that waits for a second and no longer.")
        holder = self.actor("scanner", 3, 1)
        self.until("the holder", self.saw("granted", holder))
        hasty = self.actor("burner", 1, 1, deadline=1000000)
        self.until("the deadline", self.saw("expired", hasty))
        self.until("the holder, undisturbed", self.saw("released", holder))
        if hasty.wait(ACT_S) != 3:
            raise Failure("the program itself did not hear of its deadline")

    def print_page(self):
        print("\n-- Printing a page with cat while two programs take turns on the same port.")
        before = self.printed.stat().st_size if self.printed.exists() else 0
        users = [self.actor(name, 0.5, 3) for name in ("plotter", "scanner")]
        for process in users:
            self.until("both at work", self.saw("granted", process))
        job = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE,
                               stdout=open(self.printer, "wb", buffering=0))
        self.actors.append(job)
        job.stdin.write(PAGE)
        job.stdin.close()
        self.until("the whole page sent", lambda events: self.sent(events, job) == len(PAGE))
        for process in users:
            self.until("both served to the end", self.saw("released", process, 3))
        paper = self.printed.read_bytes()[before:]
        if paper != PAGE:
            raise Failure(f"the paper has {len(paper)} bytes, not the page's {len(PAGE)}")
        print(f"   The paper is the page, byte by byte: {len(paper)} bytes.")

    @staticmethod
    def sent(events, process):
        return sum(event["bytes"] for event in events
                   if event["event"] == "transferred" and event["pid"] == process.pid)

    def play(self):
        started = time.monotonic()
        for act in (self.contend, self.kill_holder, self.give_up, self.print_page):
            act()
        self.story.tell()
        port = self.story.history.ports["parport0"]
        if port.holder or port.line:
            raise Failure("at the end the port is not free")
        print(f"\nRecomputed from {port.sequence} events of the log: {port.grants} grants, never "
              f"two holders, always the first in line, every request ended once; "
              f"{time.monotonic() - started:.0f} s.")

    def end(self):
        for process in self.actors:
            if process.poll() is None:
                process.kill()
            process.wait(ACT_S)


def main():
    scene = Scene(*sys.argv[1:4])
    try:
        scene.play()
    except (Failure, Contradiction) as wrong:
        print(f"\nThe demo failed: {wrong}")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        scene.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
