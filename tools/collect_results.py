#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Count what a run of ./check really did, and print the report.

    collect_results.py [--partial] [--alone AREA=STATEMENTS] MANIFEST STATEMENTS

The manifest has a line for each thing that was to give results, written before it ran:

    phase  NAME  EXIT-STATUS  LOG    a step of ./check
    meson  AREA  JSON         LOG    a `meson test` run: one TAP line, or one plain program, is a case
    junit  AREA  XML          LOG    a pytest run

A crash, a time-out, a skipped case, a case naming more than three statements and an area without a
case are failures. So is each statement of STATEMENTS that no passed case names, and each of the list
of an AREA that none of its own does, unless --partial.
The last line is `N passed, N failed`; the exit status follows it.
"""
import argparse
import itertools
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

STATEMENT = re.compile(r"\b([CP]-\d{3})\b")
RANGE = re.compile(r"^([CP])-(\d{3})(?:\.\.\1-(\d{3}))?$")
TAP_CASE = re.compile(r"^(not )?ok\b\s*\d*\s*(?:- )?(.*)$")
TAP_SKIP = re.compile(r"#\s*skip\b\s*(.*)", re.IGNORECASE)
MOST_STATEMENTS = 3
DETAIL_LINES = 6


@dataclass(frozen=True)
class Case:
    area: str
    name: str
    fault: str = ""     # empty: passed
    log: str = ""
    detail: tuple = ()  # what the program said of the failure


def tap_case(area, match, comments, log):
    """The case that a line of TAP reports; its comments are the lines after it."""
    name = match[2]
    skip = TAP_SKIP.search(name)
    if skip:
        return Case(area, name[:skip.start()].strip() or skip[1], "skipped", log)
    if match[1]:
        return Case(area, name, "failed", log, tuple(comments))
    return Case(area, name)


def tap_cases(area, text, log):
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = TAP_CASE.match(line)
        if match:
            comments = itertools.takewhile(lambda after: after.startswith("#"), lines[number + 1:])
            yield tap_case(area, match, comments, log)


def meson_program(area, entry, log):
    """Cases of one executable, and one more where it ended badly although no case of it failed."""
    cases = list(tap_cases(area, entry.get("stdout", ""), log))
    good = entry["result"] == "OK"
    if not cases or (not good and not any(case.fault for case in cases)):
        fault = "" if good else f"{entry['result'].lower()}, exit status {entry.get('returncode')}"
        said = tuple(entry.get("stderr", "").strip().splitlines()[-DETAIL_LINES:])
        cases.append(Case(area, entry["name"], fault, log, () if good else said))
    return cases


def cut_off(area, log):
    return Case(area, "results", "cut off", log)


def meson_record(area, line, log):
    try:
        return meson_program(area, json.loads(line), log)
    except (json.JSONDecodeError, KeyError):
        return [cut_off(area, log)]


def meson_cases(area, path, log):
    if not Path(path).exists():
        return []
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    return [case for line in lines for case in meson_record(area, line, log)]


def junit_case(area, element, log):
    named = element.find("properties/property[@name='case']")
    name = named.get("value") if named is not None else element.get("name") or "without a name"
    for kind in ("failure", "error", "skipped"):
        found = element.find(kind)
        if found is not None:
            return Case(area, name, kind, log, tuple(found.get("message", "").splitlines()))
    return Case(area, name)


def junit_cases(area, path, log):
    if not Path(path).exists():
        return []
    try:
        elements = list(ElementTree.parse(path).getroot().iter("testcase"))
    except ElementTree.ParseError:
        return [cut_off(area, log)]
    return [junit_case(area, element, log) for element in elements]


def phase_case(name, status, log):
    if status == "0":
        return Case("phases", name)
    late = status in ("124", "137")
    said = Path(log).read_text(errors="replace").splitlines()[-DETAIL_LINES:]
    return Case("phases", name, "ran out of time" if late else f"exit status {status}", log,
                tuple(said))


def cases_of(manifest):
    for row in manifest.read_text().splitlines():
        kind, name, value, log = row.split("\t")
        if kind == "phase":
            yield phase_case(name, value, log)
            continue
        cases = (meson_cases if kind == "meson" else junit_cases)(name, value, log)
        yield from cases or [Case(name, "there are cases", "none ran", log)]


def talkative(case):
    """The case, failed where its name claims more statements than one case can prove."""
    if len(set(STATEMENT.findall(case.name))) <= MOST_STATEMENTS:
        return case
    return Case(case.area, case.name, f"names more than {MOST_STATEMENTS} statements", case.log)


def named(cases, area=""):
    """Statements that passed cases name, those of one area alone."""
    return {statement for case in cases if not case.fault and f"{case.area}/".startswith(area)
            for statement in STATEMENT.findall(case.name)}


def missing(wanted, covered, path, prefix=""):
    return [Case("coverage", f"coverage {prefix}{statement}", "no passed case names it", str(path))
            for statement in sorted(wanted - covered)]


def wanted_statements(path):
    wanted = set()
    for line in path.read_text().splitlines():
        match = RANGE.match(line.strip())
        if match:
            letter, first, last = match.groups()
            wanted.update(f"{letter}-{n:03}" for n in range(int(first), int(last or first) + 1))
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"{path}: {line!r} is neither a statement nor a range of them")
    return wanted


def print_table(cases):
    total = Counter(case.area for case in cases)
    failed = Counter(case.area for case in cases if case.fault)
    width = max(map(len, total))
    print(f"\n{'area':<{width}}  passed  failed")
    for area in total:
        print(f"{area:<{width}}  {total[area] - failed[area]:6}  {failed[area]:6}")


def print_coverage(wanted, covered):
    print()
    for letter, what in (("C", "contract"), ("P", "IEEE 1284 and PC port")):
        goal = {statement for statement in wanted if statement.startswith(letter)}
        print(f"{letter}- statements covered ({what}): {len(goal & covered)} of {len(goal)}")


def print_alone(area, wanted, covered):
    goal = {statement for statement in wanted if statement.startswith("C")}
    print(f"C- statements shown under {area.capitalize()}: {len(goal & covered)} of {len(goal)}")


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--partial", action="store_true")
    parser.add_argument("--alone", metavar="AREA=STATEMENTS", action="append", default=[])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("statements", type=Path)
    return parser.parse_args()


def main():
    options = parse_arguments()
    alone = {area: Path(path) for area, path in (pair.split("=") for pair in options.alone)}
    cases = [talkative(case) for case in cases_of(options.manifest)]
    covered = named(cases)
    shown = {area: named(cases, f"{area}/") & wanted_statements(path)
             for area, path in alone.items()}
    wanted = wanted_statements(options.statements)
    if not options.partial:
        cases += missing(wanted, covered, options.statements)
        for area, path in alone.items():
            cases += missing(wanted_statements(path), shown[area], path, f"of {area} alone, ")

    failures = [case for case in cases if case.fault]
    print_table(cases)
    print_coverage(wanted, covered)
    for area in alone:
        print_alone(area, wanted, shown[area])
    if failures:
        print("\nFailed:")
    for case in failures:
        print(f"  {case.area}: {case.name}: {case.fault} [{case.log}]")
        for line in case.detail[:DETAIL_LINES]:
            print(f"      {line.removeprefix('# ')}")
    print(f"\n{len(cases) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
