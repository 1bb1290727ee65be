# SPDX-License-Identifier: MIT
"""A service for one test, and its clients; both end with the test."""

import contextlib
import os
import stat

import pytest

from clients import Client
from lib.service import Service

# The files that take longest begin, so that the last ones to end are short.
LONG = ("test_run", "test_events", "test_chain", "test_devices", "test_cli_service", "test_modes")


def pytest_collection_modifyitems(items):
    def place(item):
        return LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG)
    items.sort(key=place)


@pytest.fixture
def serve(tmp_path):
    """serve(port settings, service settings=...) starts parportd with parport0 and a printer.

    A service that does not end as it should fails its test.
    """
    running = contextlib.ExitStack()

    def start(port=None, second=None, start=True, **settings):
        printed, log = tmp_path / "printed", tmp_path / "events"
        ports = {"parport0": {"output": str(printed), **(port or {})}}
        if second is not None:
            ports["parport1"] = second
        service = Service(tmp_path, ports, {"log": str(log), **settings})
        service.printed, service.events = printed, log
        running.callback(service.stop)
        return service.start() if start else service

    with running:
        yield start


@pytest.fixture
def chain(tmp_path):
    """chain(settings of the simulated port) starts both: returned is the second, with its .first.

    The second one serves what BESIDE says as well."""
    running = contextlib.ExitStack()

    def start(beside=None, **port):
        first = Service(tmp_path / "first", {"parport0": {
            "chip": "ecp-epp", "output": str(tmp_path / "printed"), **port}})
        running.callback(first.stop)
        first.start()
        second = Service(tmp_path / "second", {"parport0": {
            "back_end": f"ppdev:{first.node('parport0')}", "fault_timeout": "200 ms"},
            **(beside or {})}, {"log": str(tmp_path / "events")})
        running.callback(second.stop)
        second.first, second.printed, second.events = \
            first, tmp_path / "printed", tmp_path / "events"
        return second.start()

    with running:
        yield start


@pytest.fixture
def leaves_threads(monkeypatch):
    """A service that ends without waiting for what hangs: ThreadSanitizer does not ask for more."""
    chosen = os.environ.get("TSAN_OPTIONS", "")
    monkeypatch.setenv("TSAN_OPTIONS", f"{chosen}:report_thread_leaks=0")


@pytest.fixture
def open_dir(tmp_path):
    """The way to the mount is open for other users."""
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(0o755)


@pytest.fixture
def client():
    """client(node, ...) starts a client process."""
    running = []

    def start(*arguments, **options):
        running.append(Client(*arguments, **options))
        return running[-1]

    yield start
    for one in running:
        one.end()
