#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The contract's cases against parport.sys under Wine, as TAP: contract.py NT64

NT64 is the cross build. testclient.sys runs every case in the kernel's place; then it serves a port
for testuser.exe, whose cases are a program's. Both write TAP into files, for a crash takes whoever
holds a pipe with it. The case that was under way when results stopped coming has failed.
"""
import pathlib
import re
import sys
import time

from lib.paths import CACHE
from prefix import Prefix

KERNEL = "contract.tap"
PROGRAM = "programs.tap"
SERVED = "# programs are served"
CASE = re.compile(r"^(ok|not ok) \d+ - (.*)$")
PLAN = re.compile(r"^1\.\.(\d+)$")
SILENT_SECONDS = 15
PROGRAM_SECONDS = 60
LOG_LINES = 20


def wait_for(prefix, done):
    """Until *done* says so of the kernel's results, or none come any more."""
    text = ""
    silent_since = time.monotonic()
    while not done(text) and time.monotonic() < silent_since + SILENT_SECONDS:
        time.sleep(0.1)
        now = prefix.text(KERNEL)
        if now != text:
            silent_since = time.monotonic()
        text = now
    return text


def run(nt64):
    """What kernel and program wrote, and the bus' log."""
    with Prefix(CACHE / "wine") as prefix:
        prefix.install("testbus", nt64 / "tests/wine/bus/testbus.sys")
        prefix.install("parport", nt64 / "src/front/nt/parport.sys")
        prefix.install("testclient", nt64 / "tests/wine/client/testclient.sys")
        prefix.copy(nt64 / "tests/wine/user/testuser.exe")
        if prefix.start("testbus") and prefix.start("testclient"):
            kernel = wait_for(prefix, lambda text: SERVED in text or "Bail out!" in text)
            if SERVED in kernel:
                prefix.run(["testuser.exe", PROGRAM], PROGRAM_SECONDS)
        return prefix.text(KERNEL), prefix.text(PROGRAM), prefix.text("bus.log")


class Tap:
    """One TAP of several; what a case says of its failure comes after it."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def case(self, verdict, name, comments=()):
        self.count += 1
        self.failed += verdict != "ok"
        print(f"{verdict} {self.count} - {name}")
        if verdict != "ok":
            print(*comments, sep="\n", end="\n" if comments else "")

    def take(self, name, text):
        """The cases of one program; a plan that is missing or wrong is a case that failed."""
        seen = 0
        planned = None
        comments = []
        for line in text.splitlines():
            case = CASE.match(line)
            plan = PLAN.match(line)
            if case:
                self.case(case[1], case[2], comments[1:])
                seen += 1
                comments = []
            elif plan:
                planned = int(plan[1])
            else:
                comments.append(line if line.startswith("#") else f"# {line}")
        if planned != seen or not seen:
            self.case("not ok", f"{name} comes to its end", comments or ["# no results"])


def main():
    nt64 = pathlib.Path(sys.argv[1])
    kernel, program, log = run(nt64)
    tap = Tap()
    tap.take("the kernel client", kernel)
    tap.take("the program", program)
    print(f"1..{tap.count}")
    if tap.failed:
        print(*(f"# {line}" for line in log.splitlines()[-LOG_LINES:]), sep="\n")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
