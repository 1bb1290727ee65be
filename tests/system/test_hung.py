# SPDX-License-Identifier: MIT
"""What hangs, and is not waited for: another service, a log, a terminal."""

import contextlib
import json
import os
import pathlib
import select
import signal
import subprocess
import tempfile
import threading

import pytest

from clients import is_free, status, wait_until
from lib import paths
from lib.service import Service, ServiceError, config_text

case = pytest.mark.case
pytestmark = pytest.mark.usefixtures("leaves_threads")

REMOVED = 4
PARPORTD = paths.BUILD / "src" / "front" / "fuse" / "parportd"


def lent(first, name="parport0"):
    return {"back_end": f"ppdev:{first.node(name)}"}


@contextlib.contextmanager
def pair(folder):
    """Two services, of which .first runs; the second one is given."""
    with contextlib.ExitStack() as running:
        first = Service(folder / "first", {"parport0": {}})
        second = Service(folder / "second", {"parport0": {}})
        running.callback(first.stop)
        running.callback(second.stop)
        first.start()
        # What waits for it in the kernel could else not even be killed.
        running.callback(lambda: first.process and first.process.send_signal(signal.SIGCONT))
        second.first = first
        yield second


@pytest.fixture
def two(tmp_path):
    """In folders with names that are too long to be told."""
    with pair(tmp_path / ("long" * 12)) as services:
        yield services


@pytest.fixture
def near():
    """In folders with names as short as those of a system."""
    with tempfile.TemporaryDirectory(prefix="opp-", dir="/tmp") as folder:
        with pair(pathlib.Path(folder)) as services:
            yield services


def is_full(writer):
    return not select.select([], [writer], [], 0)[1]


def stop(service):
    service.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: "State:\tT" in open(f"/proc/{service.process.pid}/status").read(), "stopped")


def go_on(service):
    service.process.send_signal(signal.SIGCONT)


def answers(service, client):
    one = client(service.node("parport0"))
    assert one.do("claim") == "ok" and one.do("release") == "ok"


def is_removed(service, name):
    """Or just being replaced by another one."""
    try:
        return status(service.node(name))["state"] == REMOVED
    except OSError:
        return True


@case("a reload that names a file of a service that hangs: all others are served, the port is listed "
      "as gone, and there when it answers")
def test_reload(two, client):
    service = two.start()
    stop(service.first)
    ports = {"parport0": {}, "parport1": lent(service.first), "parport2": {}}
    service.reload(ports)
    answers(service, client)
    assert service.node("parport2").exists()
    wait_until(lambda: "parport1: ppdev:" in service.said(), "it is told")
    assert "does not answer" in service.said() and is_removed(service, "parport1")
    service.reload()
    answers(service, client)
    go_on(service.first)
    wait_until(lambda: not is_removed(service, "parport1"), "there")
    one = client(service.node("parport1"))
    assert one.do("claim") == "ok" and one.do("release") == "ok"


@case("a service starts although another one, whose port it names, hangs; it has the port when that "
      "goes on")
def test_start(two, client):
    stop(two.first)
    two.ports["parport1"] = lent(two.first)
    two.config.write_text(config_text(two.ports, two.settings))
    service = two.start()
    assert "does not answer" in service.said() and is_removed(service, "parport1")
    answers(service, client)
    go_on(service.first)
    wait_until(lambda: not is_removed(service, "parport1"), "there")


@pytest.fixture
def starting(two):
    """The second one waits, at its start, for the first one, which is stopped."""
    stop(two.first)
    two.config.write_text(config_text({"parport0": {}, "parport1": lent(two.first)}, {}))
    two.process = subprocess.Popen(
        [PARPORTD, "--foreground", "--mount", two.mount, "--config", two.config])
    wait_until(lambda: str(two.mount) in pathlib.Path("/proc/mounts").read_text(), "the mount")
    yield two


@case("a service that is told to end while it starts, and waits for one that hangs, unmounts and ends")
def test_end_at_start(starting):
    assert starting.stop() == 0
    assert not os.path.ismount(starting.mount)


@case("a service that is told to reload while it starts does so when it serves")
def test_reload_at_start(starting, client):
    starting.config.write_text(config_text({"parport0": {}, "parport2": {}}, {}))
    starting.process.send_signal(signal.SIGHUP)
    wait_until(starting.node("parport2").exists, "the new port")
    assert not starting.node("parport1").exists()
    answers(starting, client)


@case("a service ends, and unmounts, although the one that has lent it a port hangs")
def test_end(two, client):
    service = two.start()
    service.reload({"parport0": {}, "parport1": lent(service.first)})
    wait_until(service.node("parport1").exists, "there")
    holder, bystander = client(service.node("parport1")), client(service.node("parport0"))
    assert holder.do("claim") == bystander.do("claim") == "ok"
    stop(service.first)
    assert service.stop() == 0
    assert bystander.do("release") in ("ENODEV", "ENOTCONN", "ECONNABORTED")
    assert not os.path.ismount(service.mount)
    go_on(service.first)
    wait_until(lambda: is_free(service.first.node("parport0")), "given back")


@case("a program can be killed while the service that has its file hangs")
def test_program(two, client):
    one = client(two.first.node("parport0"))
    stop(two.first)
    one.end()


@case("a reload takes away a port whose service hangs while it is held: the others go on")
def test_withdrawn(two, client):
    service = two.start()
    service.reload({"parport0": {}, "parport1": lent(service.first)})
    wait_until(lambda: service.node("parport1").exists(), "there")
    holder = client(service.node("parport1"))
    assert holder.do("claim") == "ok"
    stop(service.first)
    service.reload({"parport0": {}})
    answers(service, client)
    assert not service.node("parport1").exists()
    go_on(service.first)
    wait_until(lambda: holder.do("claim") == "ENODEV", "gone")
    wait_until(lambda: is_free(service.first.node("parport0")), "given back")


def name_each_other(first, second):
    """Of both the port parport1."""
    second.ports = {"parport0": {}, "parport1": lent(first, "parport1")}
    second.config.write_text(config_text(second.ports, second.settings))


LEADS_BACK = "or of another one that has its port from here"


@case("a port that leads back to its own service by way of another one is a mistake: at the start, and "
      "at a reload, which serves all others")
def test_circle(near, client):
    first, second = near.first, near
    first.reload({"parport0": {}, "parport1": lent(second, "parport1")})
    wait_until(first.node("parport1").exists, "it is listed as gone")
    name_each_other(first, second)
    with pytest.raises(ServiceError, match=LEADS_BACK):
        second.start()
    second.config.write_text(config_text({"parport0": {}}, {}))
    second.ports = {"parport0": {}}
    second.start()
    second.reload({"parport0": {}, "parport1": lent(first, "parport1")})
    wait_until(lambda: second.said().count(LEADS_BACK) == 2, "it is told")
    for service in (first, second):
        answers(service, client)
    assert not second.node("parport1").exists() and is_removed(first, "parport1")


@case("a reload does not close a circle of services")
def test_circle_closed(near, client):
    first, second = near.first, near
    first.reload({"parport0": {}, "parport1": {}})
    name_each_other(first, second)
    second.start()
    first.reload({"parport0": {}, "parport1": lent(second, "parport1")})
    wait_until(lambda: LEADS_BACK in first.said(), "it is told")
    for service in (first, second):
        answers(service, client)
    assert not first.node("parport1").exists()


@case("a circle that nobody recognizes: who wants such a port waits, all others are answered")
def test_circle_unknown(two, client):
    first, second = two.first, two
    first.reload({"parport0": {}, "parport1": {}})
    name_each_other(first, second)
    second.start()
    first.reload({"parport0": {}, "parport1": lent(second, "parport1")})
    wait_until(lambda: first.node("parport1").exists(), "the circle")
    waiter = client(first.node("parport1"))
    waiter.send("claim")
    for service in (first, second):
        wait_until(lambda s=service: not is_free(s.node("parport1")), "it has come around")
    for service in (first, second):
        service.reload()
        answers(service, client)
    assert not waiter.answered()
    waiter.end()
    first.reload({"parport0": {}})
    wait_until(lambda: is_removed(second, "parport1"), "the circle is open")


@case("two services that open each other's port at the same moment: none of them stands")
def test_at_once(two, client):
    first, second = two.first, two.start()
    for _ in range(10):
        new = [{"parport0": {}, "parport1": lent(other)} for other in (second, first)]
        both = [threading.Thread(target=service.reload, args=(ports,))
                for service, ports in zip((first, second), new)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        for service in (first, second):
            wait_until(lambda s=service: s.node("parport1").exists(), "there")
            service.reload({"parport0": {}})
    answers(first, client)
    answers(second, client)


# ---- a log, a terminal -----------------------------------------------------------------------


@case("a log that a reload names and that cannot be opened yet makes nobody wait; nothing is lost")
def test_log(serve, client, tmp_path):
    service = serve({"scan": False})
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    service.settings["log"] = str(pipe)
    service.reload()
    answers(service, client)
    with open(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as reader:
        assert service.stop() == 0
        told = [json.loads(line)["event"] for line in reader]
    assert told == ["granted", "released"]


@case("a log that is not written any more does not keep the service from ending")
def test_log_stands(serve, client, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    try:
        service = serve(log=str(pipe))
        one = client(service.node("parport0"))
        wait_until(lambda: one.do("claim") == one.do("release") == "ok" and is_full(writer),
                   "a full pipe")
        for _ in range(100):
            assert one.do("claim") == one.do("release") == "ok"
        assert service.stop() == 0
    finally:
        os.close(reader)
        os.close(writer)


@case("a stderr that nobody reads makes nobody wait, not for a configuration with many mistakes either")
def test_stderr(serve, client):
    service = serve(start=False)
    ours, its = os.pipe()
    os.set_blocking(its, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(its, b"." * 4096)
    os.set_blocking(its, True)
    service.process = subprocess.Popen(
        [PARPORTD, "--foreground", "--mount", service.mount, "--config", service.config], stderr=its)
    try:
        wait_until(service.node("parport0").exists, "the files")
        service.config.write_text("parport0 = { chip = \"z80\"; };\n" * 1000)
        service.process.send_signal(signal.SIGHUP)
        answers(service, client)
        assert service.stop() == 0
    finally:
        os.close(ours)
        os.close(its)
