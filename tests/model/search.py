# SPDX-License-Identifier: MIT
"""Exhaustive searches of a Promela model with Spin, reported as TAP.

Each scene is one choice of participants. A scene without a planted fault must end with the whole
state space searched and no error; one with a fault must end with an error. Memory and time of a
search are bounded; a search that meets a bound has failed.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import tempfile

MEGABYTES = 3000
SECONDS = 900
DEPTH = 100000


class Search:
    """One scene, searched: what the verifier said, and which lines of the model it never ran.

    A line is (file, number): a model may be in several files.
    """

    def __init__(self, model, scene, optimize):
        with tempfile.TemporaryDirectory(prefix="opp-model-") as folder:
            defines = [f"-D{word}" for word in scene.split()]
            self._run(folder, ["spin", *defines, "-a", str(model)])
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

    def _states(self, table):
        """(process, state, file, line) of each step the scene's verifier has."""
        states, process = set(), None
        for text in table.splitlines():
            if text.startswith(("proctype ", "init")):
                process = text.split()[-1]
            step = re.match(r"\s+state\s+(\d+) -\(.*?(\w+\.pml):(\d+) =>", text)
            if step and not text.endswith("-end-"):
                states.add((process, int(step.group(1)), step.group(2), int(step.group(3))))
        return states

    def _unreached(self):
        states, process = set(), None
        for text in self.text.splitlines():
            if text.startswith("unreached in "):
                process = text.split()[-1]
            step = re.search(r"(\w+\.pml):(\d+), state (\d+),", text)
            if step:
                states.add((process, int(step.group(3)), step.group(1), int(step.group(2))))
        return states


def attempt(model, scene, optimize):
    try:
        return Search(model, scene, optimize)
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


def names_differ(model, whole, known):
    """What the model calls otherwise than the C sources, one a line.

    Each name of `whole` must be in the model; each OPP_ name of the model in `whole` or `known`.
    """
    known = {**whole, **known}
    mine = {name: int(value) for name, value
            in re.findall(r"^#define (\w+)\s+(\d+)", model.read_text(), re.M)}
    differ = [f"{name} is {value} in C, {mine.get(name, 'missing')} in the model"
              for name, value in whole.items() if mine.get(name) != value]
    differ += [f"{name} is {value} in the model, {known.get(name, 'missing')} in C"
               for name, value in mine.items()
               if name.startswith("OPP_") and known.get(name) != value]
    return differ


def never_run(model, searches):
    """Lines of the model that some scene has and none runs."""
    searches = [search for search in searches if isinstance(search, Search)]
    whole = {(file, line) for search in searches for _, _, file, line in search.steps}
    ran = {(file, line) for search in searches for _, _, file, line in search.ran}
    text = {file: (model.parent / file).read_text().splitlines() for file, _ in whole - ran}
    return [f"{file}:{line}: {text[file][line - 1].strip()}" for file, line in sorted(whole - ran)]


def report(model, whole, broken, differ, optimize):
    """Searches all scenes, (name, defines) each, and prints TAP. Returns the exit status."""
    model = pathlib.Path(model)
    print("TAP version 13")
    print(f"1..{len(whole) + len(broken) + 2}")
    failed = 0
    number = 0

    def result(good, name, notes=()):
        nonlocal failed, number
        number += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        for note in notes if not good else ():
            print(f"# {note}", flush=True)

    result(not differ, "the model's states have the names and values of the C enumerations", differ)
    with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        clean = list(pool.map(lambda scene: attempt(model, scene[1], optimize), whole))
        # A planted fault is found at once: there compiling is what takes time.
        faulty = list(pool.map(lambda scene: attempt(model, scene[1], "-O0"), broken))
    for (name, _), search in zip(whole, clean):
        result(isinstance(search, Search) and search.clean, name,
               str(getattr(search, "text", search)).splitlines())
    for (name, _), search in zip(broken, faulty):
        result(isinstance(search, Search) and bool(search.errors), f"must fail: {name}",
               str(getattr(search, "text", search)).splitlines())
    idle = never_run(model, clean)
    result(not idle, "no line of the model is idle", idle)
    return 1 if failed else 0
