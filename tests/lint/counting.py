#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The report of ./check must not turn a bad run into a good one: each kind of bad run is counted."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))
from tap import Tap  # noqa: E402  (the path must be known first)


def program(stdout, result="OK", status=0):
    """What `meson test` records of one executable."""
    entry = {"name": "t", "stdout": stdout, "result": result, "returncode": status, "stderr": ""}
    return json.dumps(entry) + "\n"


def junit(inside=""):
    return ("<testsuite><testcase name='test_a'><properties><property name='case' "
            f"value='P-001 a'/></properties>{inside}</testcase></testsuite>")


GOOD = "1..1\nok 1 - C-011 a\n"

# What it is; kind and content of the results (None: never written), of the area x; statements, and the
# area that must name them by itself; what must be said.
RUNS = (
    ("a good run", "meson", program(GOOD), "C-011\n", "1 passed, 0 failed"),
    ("a failed case", "meson", program("1..1\nnot ok 1 - C-011 a\n# why\n", "FAIL", 1), "",
     "0 passed, 1 failed"),
    ("a skipped case", "meson", program("1..1\nok 1 - a # SKIP no reason\n"), "",
     "0 passed, 1 failed"),
    ("cmocka's way to skip", "meson", program("1..1\nnot ok 1 # SKIP a\n"), "", "x: a: skipped"),
    ("a crash after good cases", "meson", program(GOOD, "ERROR", -11), "",
     "x: t: error, exit status -11"),
    ("a time-out", "meson", program("", "TIMEOUT", -15), "", "x: t: timeout"),
    ("a program without TAP", "meson", program("hello\n"), "", "1 passed, 0 failed"),
    ("an area that ran nothing", "meson", "", "", "x: there are cases: none ran"),
    ("an area that never reported", "meson", None, "", "x: there are cases: none ran"),
    ("a statement nobody names", "meson", program(GOOD), "C-011..C-012\n",
     "coverage C-012: no passed case names it"),
    ("a statement whose case failed", "meson", program("1..1\nnot ok 1 - C-011 a\n", "FAIL", 1),
     "C-011\n", "coverage C-011: no passed case names it"),
    ("a statement that only another area names", "meson", program(GOOD), "y=C-011\n",
     "coverage of y alone, C-011: no passed case names it"),
    ("a statement that the area itself names", "meson", program(GOOD), "x=C-011\n",
     "C- statements shown under X: 1 of 1\n\n1 passed, 0 failed"),
    ("four statements in a name", "meson", program("1..1\nok 1 - C-011 C-012 C-013 P-001\n"), "",
     "names more than 3 statements"),
    ("a good Python run", "junit", junit(), "P-001\n", "1 passed, 0 failed"),
    ("a failed Python test", "junit", junit("<failure message='why'/>"), "", "P-001 a: failure"),
    ("a Python test with an error", "junit", junit("<error message='why'/>"), "", "P-001 a: error"),
    ("a Python run whose results are cut off", "junit", junit()[:-20], "", "x: results: cut off"),
    ("a Python test without a name", "junit",
     "<testsuite><testcase><error message='why'/></testcase></testsuite>", "",
     "x: without a name: error"),
    ("a record that is cut off", "meson", program(GOOD) + program(GOOD)[:30], "C-011\n",
     "1 passed, 1 failed"),
    ("a skipped Python test", "junit", junit("<skipped message='why'/>"), "", "P-001 a: skipped"),
    ("a Python run that was killed", "junit", None, "", "x: there are cases: none ran"),
    ("a phase that ran out of time", "phase", "124", "", "x: ran out of time"),
    ("a phase that could not run", "phase", "1", "", "x: exit status 1"),
)


def problems(kind, content, statements, says):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        log, results, manifest = root / "log", root / "results", root / "manifest"
        log.write_text("")
        if content is not None:
            results.write_text(content)
        value = content if kind == "phase" else results
        manifest.write_text(f"{kind}\tx\t{value}\t{log}\n")
        area, _, statements = statements.rpartition("=")
        listed = root / "statements"
        listed.write_text(statements)
        alone = ["--alone", f"{area}={listed}"] if area else []
        run = subprocess.run([sys.executable, str(TOOLS / "collect_results.py"), *alone,
                              str(manifest), str(listed)], text=True, timeout=60,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    last = (run.stdout.splitlines() or [""])[-1]
    wrong = [] if says in run.stdout else [f"not said: {says}", *run.stdout.splitlines()]
    if (run.returncode == 0) != last.endswith(" 0 failed"):
        wrong.append(f"exit status {run.returncode}, but the last line is: {last}")
    return wrong


def main():
    tap = Tap()
    for what, kind, content, statements, says in RUNS:
        tap.result(f"counting: {what}", problems(kind, content, statements, says))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
