# SPDX-License-Identifier: MIT
"""The service as unmodified programs meet it."""

import contextlib
import pathlib
import subprocess

import pytest

from lib.service import Service

HERE = pathlib.Path(__file__).parent


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
def as_parport0(serve):
    """as_parport0(service, argv) starts a program whose /dev/parport0 is the service's."""
    started = []

    def start(service, argv, **kwargs):
        private = ["unshare", "-m", HERE / "with-parport0", service.node("parport0")]
        program = subprocess.Popen([str(a) for a in [*private, *argv]], text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, **kwargs)
        started.append(program)
        return program

    yield start
    for program in started:
        program.kill()
        program.wait(20)
        program.stdout.close()
