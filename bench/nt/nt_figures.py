#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What requests to parport.sys cost a kernel client under Wine: nt_figures.py NT64

NT64 is a cross build. figures(NT64) is for bench/run. As a program this only shows, as TAP, that the
figures can be measured: what they are is no test.
"""
import pathlib
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parents[2] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "wine"), str(TESTS.parent / "tools")]
from lib.paths import CACHE  # noqa: E402  (the path must be known first)
from prefix import Prefix  # noqa: E402
from tap import Tap  # noqa: E402

DRIVERS = ("tests/wine/bus/testbus.sys", "src/front/nt/parport.sys", "bench/nt/yardstick.sys",
           "bench/nt/benchclient.sys")
STARTED = ("testbus", "yardstick", "benchclient")
MEASURE_S = 60
LAST = "end"


class FigureError(Exception):
    """Nothing could be measured; the text says why."""


def measured(nt64):
    """What benchclient.sys wrote: {name: number}."""
    with Prefix(CACHE / "wine") as prefix:
        for driver in DRIVERS:
            prefix.install(pathlib.Path(driver).stem, nt64 / driver)
        for service in STARTED:
            if not prefix.start(service):
                raise FigureError(f"{service}.sys does not start")
        deadline = time.monotonic() + MEASURE_S
        values = {}
        while LAST not in values:
            if time.monotonic() > deadline:
                raise FigureError(f"no results\n{prefix.text('bus.log')}")
            time.sleep(0.1)
            values = dict(line.split() for line in prefix.text("figures.txt").splitlines())
    return {name: int(value) for name, value in values.items()}


def figures(nt64):
    values = measured(nt64)
    if values.get("failed") != 0:
        raise FigureError(f"requests that did not end as they should: {values.get('failed')}")
    return {
        "nt_alloc_free_vs_two_bare_noops": values["alloc_free_ps"] / values["two_bare_noops_ps"],
        "nt_handover_1000_vs_1": values["handover_1000_ps"] / values["handover_1_ps"],
        "nt_completion_depth": values["depth_1000_bytes"] / values["depth_1_bytes"],
        "nt_try_free_ns": values["try_free_ps"] / 1000,
        "nt_image_bytes": (nt64 / "src/front/nt/parport.sys").stat().st_size,
    }


def main():
    tap = Tap()
    try:
        problems = [f"{name} is {value}" for name, value in figures(pathlib.Path(sys.argv[1])).items()
                    if value <= 0]
    except FigureError as error:
        problems = str(error).splitlines()
    tap.result("figures of parport.sys can be measured", problems)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
