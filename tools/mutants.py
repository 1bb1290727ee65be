#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plant one-line faults, one at a time, and demand that a test fails each time.

    mutants.py SOURCE SCRATCH [NAME...]
    mutants.py SOURCE                       only looks whether each line is there still

The faults are the tables tests/mutants/*.toml; docs/testing.md tells how to write one. The tree is
copied to SCRATCH and built there, once for each processor. For each fault one line of a copy is
replaced, and those unit, engine, contract, fault and nt tests that depend on the file are rebuilt
and run until one fails: first the one that noticed the last fault of this file, then the quickest.
A fault that only the whole service shows names its file of system tests.
A fault that no test notices, that does not compile, or whose line is no longer in the source is a
failed result.
"""
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tap import Tap

SUITES = {"unit", "engine", "contract", "fault", "nt"}
BUILD_SECONDS = 300
LEAST_TEST_SECONDS = 10     # a quick test may still be slow on a busy machine
PATIENCE = 8                # a test that takes so many times its usual time hangs
LINKED = re.compile(r"^\[\d+/\d+\] Linking target (\S+)$", re.MULTILINE)    # what ninja says
# What tests of the service run, and how: with Debian's Python, for Debian's pytest.
WHOLE = ["src/front/fuse/parportd", "src/front/cli/parport", "examples/device_id"]
PYTEST = ["/usr/bin/python3", "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]


class Failure(Exception):
    """Why a fault could not be planted, or went unnoticed."""


def run(command, cwd, seconds, env=None):
    """Exit status and output; a process that exceeds its time is killed and gives None."""
    try:
        done = subprocess.run(command, cwd=cwd, env=env, timeout=seconds, text=True,
                              errors="replace", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout


def end(process):
    """Kills a test and the processes it made."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Program:
    """A test of a copy, and the targets of the build that it runs."""

    def __init__(self, build, name, command, env, targets):
        self.build = build
        self.name = name
        self.command = command
        self.env = {**os.environ, **env}
        self.targets = targets
        self.usual_seconds = 0.0

    def notices(self):
        """Whether the test fails, crashes or hangs; its first failed case is the end of it."""
        process = subprocess.Popen(self.command, cwd=self.build, env=self.env, text=True,
                                   errors="replace", stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        limit = max(LEAST_TEST_SECONDS, PATIENCE * self.usual_seconds)
        alarm = threading.Timer(limit, end, [process])
        alarm.start()
        with process:
            failed = any(line.startswith("not ok") for line in process.stdout)
            if failed:
                end(process)
        alarm.cancel()
        return failed or process.returncode != 0

    def measure(self):
        start = time.monotonic()
        status, output = run(self.command, self.build, BUILD_SECONDS, self.env)
        self.usual_seconds = time.monotonic() - start
        if status != 0:
            raise Failure(f"{self.name} fails without any fault: {output[-300:]}")


class Copy:
    """A copied tree and its build."""

    def __init__(self, source, scratch):
        self.tree, self.build = scratch / "tree", scratch / "build"
        shutil.copytree(source, self.tree, symlinks=True,
                        ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))
        # Without its folder's name in what is compiled, ccache has the second copy's from the first.
        self.must(["meson", "setup", str(self.build), str(self.tree),
                   "-Dbuildtype=plain", "-Doptimization=1", "-Ddebug=false", "-Dwerror=false"])
        self.programs = self.find_programs()
        self.scripts = {}
        # Where scripts work; a fault may leave a mount there.
        self.folder = tempfile.TemporaryDirectory(prefix="opp-", ignore_cleanup_errors=True)
        if not self.programs:
            raise Failure("there is no test to notice anything")
        self.make(self.programs)

    def must(self, command):
        status, output = run(command, self.tree, BUILD_SECONDS)
        if status != 0:
            raise Failure(f"{' '.join(command[:2])}: {output[-600:]}")
        return output

    def find_programs(self):
        """The tests of our suites that are programs; a script looks at no behaviour."""
        entries = json.loads((self.build / "meson-info" / "intro-tests.json").read_text())
        return [Program(self.build, entry["name"], entry["cmd"], entry["env"],
                        [os.path.relpath(entry["cmd"][0], self.build)]) for entry in entries
                if SUITES & {suite.rpartition(":")[2] for suite in entry["suite"]} and
                os.path.normpath(entry["cmd"][0]).startswith(f"{self.build}/")]

    def script(self, test):
        """A file of Python tests, which a fault names that only the whole service shows."""
        if test not in self.scripts:
            env = {"OPP_BUILD": str(self.build), "PYTEST_DEBUG_TEMPROOT": self.folder.name}
            script = Program(self.build, test, [*PYTEST, str(self.tree / test)], env, WHOLE)
            self.make([script])
            script.measure()
            self.scripts[test] = script
        return self.scripts[test]

    def make(self, programs, *options):
        return self.must(["ninja", "-C", str(self.build), *options,
                          *{target for program in programs for target in program.targets}])

    def reached(self, file):
        """The names of the programs that a change of a file would make anew; all is made now."""
        path = self.tree / file
        if not path.exists():
            return set()
        before = path.stat()
        path.touch()
        linked = set(LINKED.findall(self.make(self.programs, "-n")))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return {program.name for program in self.programs if linked & set(program.targets)}

    def catcher(self, mutant, programs):
        """The one of these programs that notices the fault."""
        path = self.tree / mutant["file"]
        original = path.read_text()
        path.write_text(planted(mutant, original))
        try:
            for program in programs:
                self.make([program])
                if program.notices():
                    return program
            raise Failure(f"survives. It must be caught because {mutant['why']}")
        finally:
            path.write_text(original)
            self.unmount()

    def unmount(self):
        """What is still mounted in the folder of scripts; its service ends with that."""
        for line in Path("/proc/mounts").read_text().splitlines():
            place = line.split()[1]
            if place.startswith(f"{self.folder.name}/"):
                run(["umount", "--force", "--lazy", place], "/", LEAST_TEST_SECONDS)

    def judged(self, file, mutants, reached):
        """(name, problems) of each fault of one file, by the programs with these names."""
        programs = [program for program in self.programs if program.name in reached]
        for mutant in mutants:
            name = f"mutant {file}: {mutant['name']}"
            try:
                chosen = [self.script(mutant["test"])] if "test" in mutant else programs
                program = self.catcher(mutant, chosen)
            except Failure as failure:
                yield name, str(failure).splitlines()
                continue
            chosen.remove(program)
            chosen.insert(0, program)
            yield f"{name}: caught by {program.name}", []


class Copies:
    """As many copies as there are processors, each for one thread at a time."""

    def __init__(self, source, scratch):
        shutil.rmtree(scratch, ignore_errors=True)
        self.all = [Copy(source, scratch / str(number))
                    for number in range(len(os.sched_getaffinity(0)))]
        for same in zip(*(copy.programs for copy in self.all)):
            same[0].measure()
            for program in same:
                program.usual_seconds = same[0].usual_seconds
        self.free = queue.SimpleQueue()
        for copy in self.all:
            copy.programs.sort(key=lambda program: program.usual_seconds)
            self.free.put(copy)

    def judged(self, mutants):
        """The results of all faults, those of one file together, in the order of the files."""
        of_file = {}
        for mutant in mutants:
            of_file.setdefault(mutant["file"], []).append(mutant)
        groups = [(file, of_file[file], self.all[0].reached(file)) for file in sorted(of_file)]
        with ThreadPoolExecutor(len(self.all)) as threads:
            for results in threads.map(self.judged_group, groups):
                yield from results

    def judged_group(self, group):
        copy = self.free.get()
        try:
            return list(copy.judged(*group))
        finally:
            self.free.put(copy)


def planted(mutant, text):
    """The text with the fault in place of the line it names."""
    lines = text.split("\n")
    start = 0
    if "after" in mutant:
        start = next((n for n, line in enumerate(lines) if mutant["after"] in line), len(lines))
    places = [n for n in range(start, len(lines)) if lines[n].strip() == mutant["line"]]
    nth = mutant.get("nth", 1)
    if len(places) < nth:
        raise Failure(f"{mutant['file']} no longer has the line: {mutant['line']}")
    if len(places) > 1 and not {"after", "nth"} & mutant.keys():
        raise Failure(f"{mutant['file']} has the line {len(places)} times: {mutant['line']}")
    original = lines[places[nth - 1]]
    indent = original[:len(original) - len(original.lstrip())]
    lines[places[nth - 1]] = (indent + mutant["becomes"]).rstrip()
    return "\n".join(lines)


def tables(source, wanted):
    for path in sorted((source / "tests" / "mutants").glob("*.toml")):
        for mutant in tomllib.loads(path.read_text())["mutant"]:
            if not wanted or mutant["name"] in wanted:
                yield mutant


def check_lines(source):
    """One result: each fault has its place in the source."""
    problems = []
    for mutant in tables(source, []):
        try:
            planted(mutant, (source / mutant["file"]).read_text())
        except (Failure, OSError) as failure:
            problems.append(f"{mutant['name']}: {failure}")
    tap = Tap()
    tap.result("mutants: each line is in the source", problems)
    return tap.finish()


def judge(source, scratch, wanted):
    tap = Tap()
    try:
        copies = Copies(source, scratch)
    except Failure as failure:
        tap.result("mutants: the tests pass without any fault", str(failure).splitlines())
        return tap.finish()
    for name, problems in copies.judged(tables(source, wanted)):
        tap.result(name, problems)
        sys.stdout.flush()
    return tap.finish()


def main():
    folders = [Path(arg).resolve() for arg in sys.argv[1:3]]
    return judge(*folders, sys.argv[3:]) if len(folders) == 2 else check_lines(*folders)


if __name__ == "__main__":
    sys.exit(main())
