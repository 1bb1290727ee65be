# SPDX-License-Identifier: MIT
"""The service as unmodified programs meet it."""

import contextlib
import os
import random
import subprocess

import pytest

from lib import paths
from lib.service import Service

PARPORT = paths.BUILD / "src" / "front" / "cli" / "parport"


@pytest.fixture
def chance():
    """Random choices, other ones in every run; OPP_SEED repeats a run whose seed was printed."""
    seed = int(os.environ.get("OPP_SEED", random.SystemRandom().getrandbits(32)))
    print(f"OPP_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def one_cpu():
    """Whatever is started now runs on one processor.

    A program that makes a hundred thousand accesses, one after the other, waits for the
    service each time, and waking it up on another processor takes most of the time.
    """
    all_cpus = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(all_cpus)})
    yield
    os.sched_setaffinity(0, all_cpus)


@pytest.fixture
def serve(tmp_path):
    """serve(parport0={...}, ...) starts a service with these ports, for one test.

    A service that does not end as it should fails its test.
    """
    running = contextlib.ExitStack()

    def start(**ports):
        keys = {"chip": "ps2", "peripheral": "printer", "output": str(tmp_path / "page")}
        named = {name: {**keys, **more} for name, more in ports.items()}
        service = Service(tmp_path / "service", named).start()
        running.callback(service.stop)
        return service

    with running:
        yield start


@pytest.fixture
def start(serve):
    """start(argv) starts a program; it is killed before the services of the test end."""
    started = []

    def run(argv, **kwargs):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.STDOUT, "text": True, **kwargs}
        program = subprocess.Popen([str(a) for a in argv], **options)
        started.append(program)
        return program

    yield run
    for program in started:
        program.kill()
        program.wait(20)
        for stream in (program.stdin, program.stdout):
            if stream:
                stream.close()


@pytest.fixture
def as_parport0(start):
    """as_parport0(service, argv, *options) starts a program whose /dev/parport0 is the service's.

    The options are those of parport run.
    """

    def run(service, argv, *options, **kwargs):
        private = [PARPORT, "run", "--port", service.node("parport0"), *options, "--"]
        return start([*private, *argv], **kwargs)

    return run


@pytest.fixture
def said_on_parport0(as_parport0):
    """said_on_parport0(...) runs a program as as_parport0 does; returns what it said."""

    def run(service, argv, *options, **kwargs):
        program = as_parport0(service, argv, *options, **kwargs)
        said, _ = program.communicate(timeout=100)
        assert program.returncode == 0, said
        return said

    return run
