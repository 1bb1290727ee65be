#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the model of the hand-over exhaustively with Spin and prints TAP.

    run.py [SOURCE_DIR]

Each scene is one choice of participants. A scene without a planted fault must end with the whole
state space searched and no error; one with a fault must end with an error. Memory and time of a
search are bounded; a search that meets a bound has failed.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

MEGABYTES = 3000
SECONDS = 240
DEPTH = 100000

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent.parent
MODEL = HERE / "handover.pml"

WHOLE = [
    ("three files, hand-over", ""),
    ("three files and two interrupts", "INTERRUPTS=2"),
    ("deferred routines and interrupts, none is forgotten", "INTERRUPTS=2 DEFERRED"),
    ("cancel and interrupts", "INTERRUPTS=1 CANCELS"),
    ("deadlines and interrupts", "INTERRUPTS=1 EXPIRES"),
    ("cancel and deadline of the same request", "CANCELS EXPIRES"),
    ("wire work and interrupts", "INTERRUPTS=1 WIRE"),
    ("clients that die, one while its wire work runs", "WIRE DEATHS"),
    ("a kick and wire work", "WIRE KICK"),
    ("removal and interrupts", "INTERRUPTS=1 REMOVE"),
    ("removal and cancel", "CANCELS REMOVE"),
    ("removal and wire work", "WIRE REMOVE"),
]

BROKEN = [
    ("hand-over in two steps", "BROKEN_TWO_STEPS"),
    ("FREE is left by a plain store", "INTERRUPTS=1 BROKEN_PLAIN_TAKE"),
    ("the interrupt's hold is settled by a plain store", "INTERRUPTS=1 BROKEN_PLAIN_SETTLE"),
    ("a release at interrupt level is not settled", "INTERRUPTS=1 BROKEN_FREE_NOT_SETTLED"),
    ("a try in vain at interrupt level leaves nothing",
     "INTERRUPTS=2 DEFERRED BROKEN_NOTHING_LEFT_IN_VAIN"),
    ("a request is finished without asking take", "CANCELS BROKEN_NO_TAKE"),
    ("a teller says that it leaves after the lock is free", "BROKEN_TELLER_LEAVES_LATE"),
    ("a client dropped while its wire work runs is forgotten",
     "WIRE DEATHS BROKEN_DROP_FORGETS_GRANTING"),
]


class Search:
    """One scene, searched: what the verifier said, and which lines of the model it never ran."""

    def __init__(self, scene, optimize):
        with tempfile.TemporaryDirectory(prefix="opp-model-") as folder:
            defines = [f"-D{word}" for word in scene.split()]
            self._run(folder, ["spin", *defines, "-a", str(MODEL)])
            self._run(folder, ["gcc", optimize, "-w", "-DSAFETY", f"-DMEMLIM={MEGABYTES}",
                               "-o", "pan", "pan.c"])
            self.text = self._run(folder, ["./pan", f"-m{DEPTH}", "-w22"])
            table = self._run(folder, ["./pan", "-d"])
        self.errors = re.findall(r"^pan:\d+: (.*)", self.text, re.M)
        counted = re.search(r"errors: (\d+)", self.text)
        cut_short = re.search(r"not completed|too small|out of memory|limit reached", self.text)
        self.finished = counted is not None and cut_short is None
        self.clean = self.finished and counted.group(1) == "0" and not self.errors
        self.steps = self._states(table)
        self.ran = self.steps - self._unreached()

    @staticmethod
    def _run(folder, command):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS,
                              check=command[0].startswith("./pan") is False)
        return done.stdout

    @staticmethod
    def _states(table):
        """(process, state, line) of each step the scene's verifier has."""
        states, process = set(), None
        for text in table.splitlines():
            if text.startswith(("proctype ", "init")):
                process = text.split()[-1]
            step = re.match(r"\s+state\s+(\d+) -\(.*handover\.pml:(\d+) =>", text)
            if step and not text.endswith("-end-"):
                states.add((process, int(step.group(1)), int(step.group(2))))
        return states

    def _unreached(self):
        states, process = set(), None
        for text in self.text.splitlines():
            if text.startswith("unreached in "):
                process = text.split()[-1]
            step = re.search(r"handover\.pml:(\d+), state (\d+),", text)
            if step:
                states.add((process, int(step.group(2)), int(step.group(1))))
        return states


def attempt(scene):
    try:
        # A planted fault is found at once: there compiling is what takes time.
        return Search(scene, "-O0" if "BROKEN" in scene else "-O2")
    except (subprocess.SubprocessError, OSError) as failure:
        return failure


def strip_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def enumerators(text, name):
    """Name and value of each member of enum NAME."""
    body = re.search(rf"enum {name} {{(.*?)}}", strip_comments(text), re.S).group(1)
    members = re.findall(r"(\w+)(?:\s*=\s*(\w+))?\s*,", body)
    return {word: int(value, 0) if value else number
            for number, (word, value) in enumerate(members)}


def names_differ():
    """What the model calls otherwise than the C sources, one a line."""
    model = dict(re.findall(r"^#define (\w+)\s+(\d+)", MODEL.read_text(), re.M))
    include = SOURCE / "include" / "openparport"
    port, status = (include / "port.h").read_text(), (include / "status.h").read_text()
    flags = re.findall(r"^#define (\w+)\s+(0x\w+)u", (SOURCE / "src/core/port.c").read_text(), re.M)
    whole = {**enumerators(port, "opp_port_state"), **enumerators(port, "opp_req_state"),
             **{name: int(value, 16) for name, value in flags}}
    known = {**whole, **enumerators(status, "opp_status")}
    differ = [f"{name} is {value} in C, {model.get(name, 'missing')} in the model"
              for name, value in whole.items() if model.get(name) != str(value)]
    differ += [f"{name} is {value} in the model, {known.get(name, 'missing')} in C"
               for name, value in model.items()
               if name.startswith("OPP_") and str(known.get(name)) != value]
    return differ


def never_run(searches):
    """Lines of the model that some scene has and none runs."""
    searches = [search for search in searches if isinstance(search, Search)]
    whole = {line for search in searches for _, _, line in search.steps}
    ran = {line for search in searches for _, _, line in search.ran}
    text = MODEL.read_text().splitlines()
    return [f"line {line}: {text[line - 1].strip()}" for line in sorted(whole - ran)]


def main():
    print("TAP version 13")
    print(f"1..{len(WHOLE) + len(BROKEN) + 2}")
    failed = 0
    number = 0

    def report(good, name, notes=()):
        nonlocal failed, number
        number += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        for note in notes if not good else ():
            print(f"# {note}")
        sys.stdout.flush()

    differ = names_differ()
    report(not differ, "the model's states have the names and values of the C enumerations", differ)
    with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        clean = list(pool.map(attempt, [scene for _, scene in WHOLE]))
        faulty = list(pool.map(attempt, [scene for _, scene in BROKEN]))
    for (name, _), search in zip(WHOLE, clean):
        report(isinstance(search, Search) and search.clean, name,
               str(getattr(search, "text", search)).splitlines())
    for (name, _), search in zip(BROKEN, faulty):
        report(isinstance(search, Search) and bool(search.errors), f"must fail: {name}",
               str(getattr(search, "text", search)).splitlines())
    idle = never_run(clean)
    report(not idle, "no line of the model is idle", idle)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
