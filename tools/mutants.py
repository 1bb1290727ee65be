#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plant one-line faults, one at a time, and demand that a test fails each time.

    mutants.py SOURCE SCRATCH [NAME...]

The faults are the tables tests/mutants/*.toml; docs/testing.md tells how to write one. The tree is
copied to SCRATCH and built there once; for each fault one line of the copy is replaced, and those
unit, engine, contract, fault and nt tests that depend on it are rebuilt and run, the quickest first, until
one fails. A fault that no test notices, that does not compile, or whose line is no longer in the source
is a failed result.
"""
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from tap import Tap

SUITES = {"unit", "engine", "contract", "fault", "nt"}
BUILD_SECONDS = 300
LEAST_TEST_SECONDS = 10     # a quick test may still be slow on a busy machine
PATIENCE = 8                # a test that takes so many times its usual time hangs


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


class Program:
    """A test that the copy builds."""

    def __init__(self, build, entry):
        self.build = build
        self.name = entry["name"]
        self.command = entry["cmd"]
        self.env = {**os.environ, **entry["env"]}
        self.target = os.path.relpath(entry["cmd"][0], build)
        self.usual_seconds = 0.0

    def notices(self):
        """Whether the test fails, crashes or hangs."""
        limit = max(LEAST_TEST_SECONDS, PATIENCE * self.usual_seconds)
        return run(self.command, self.build, limit, self.env)[0] != 0

    def measure(self):
        start = time.monotonic()
        status, output = run(self.command, self.build, BUILD_SECONDS, self.env)
        self.usual_seconds = time.monotonic() - start
        if status != 0:
            raise Failure(f"{self.name} fails without any fault: {output[-300:]}")


class Copy:
    """The copied tree and its build."""

    def __init__(self, source, scratch):
        self.tree, self.build = scratch / "tree", scratch / "build"
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(source, self.tree, symlinks=True,
                        ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))
        self.must(["meson", "setup", str(self.build), str(self.tree),
                   "-Dbuildtype=debug", "-Doptimization=1", "-Dwerror=false"])
        self.programs = self.find_programs()
        if not self.programs:
            raise Failure("there is no test to notice anything")
        self.make(self.programs)
        for program in self.programs:
            program.measure()
        self.programs.sort(key=lambda program: program.usual_seconds)

    def must(self, command):
        status, output = run(command, self.tree, BUILD_SECONDS)
        if status != 0:
            raise Failure(f"{' '.join(command[:2])}: {output[-600:]}")

    def find_programs(self):
        """The tests of our suites that are programs; a script looks at no behaviour."""
        entries = json.loads((self.build / "meson-info" / "intro-tests.json").read_text())
        return [Program(self.build, entry) for entry in entries
                if SUITES & {suite.rpartition(":")[2] for suite in entry["suite"]} and
                os.path.normpath(entry["cmd"][0]).startswith(f"{self.build}/")]

    def make(self, programs):
        self.must(["ninja", "-C", str(self.build), *{program.target for program in programs}])

    def reached(self):
        """The programs that a change of the source reaches, made anew one by one."""
        made = {}
        for program in self.programs:
            if program.target not in made:
                binary = self.build / program.target
                before = binary.stat().st_mtime_ns
                self.make([program])
                made[program.target] = binary.stat().st_mtime_ns != before
            if made[program.target]:
                yield program

    def catcher(self, mutant):
        """Name of the test that notices the fault."""
        path = self.tree / mutant["file"]
        original = path.read_text()
        path.write_text(planted(mutant, original))
        try:
            for program in self.reached():
                if program.notices():
                    return program.name
            raise Failure(f"survives. It must be caught because {mutant['why']}")
        finally:
            path.write_text(original)


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


def main():
    source, scratch = (Path(arg).resolve() for arg in sys.argv[1:3])
    tap = Tap()
    try:
        copy = Copy(source, scratch)
    except Failure as failure:
        tap.result("mutants: the tests pass without any fault", str(failure).splitlines())
        return tap.finish()
    for mutant in tables(source, sys.argv[3:]):
        name = f"mutant {mutant['file']}: {mutant['name']}"
        try:
            tap.result(f"{name}: caught by {copy.catcher(mutant)}", [])
        except Failure as failure:
            tap.result(name, str(failure).splitlines())
        sys.stdout.flush()
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
