# SPDX-License-Identifier: MIT
"""Ports of another service that does not answer any more: nobody but their users waits for it."""

import contextlib
import os
import signal
import threading

import pytest

from clients import is_free, status, wait_until
from lib.service import Service, config_text

case = pytest.mark.case

REMOVED = 4


def lent(first, name="parport0"):
    return {"back_end": f"ppdev:{first.node(name)}"}


@pytest.fixture
def two(tmp_path):
    """two.first, which stop() stops, and two.second, which is not started."""
    with contextlib.ExitStack() as running:
        first = Service(tmp_path / "first", {"parport0": {}})
        second = Service(tmp_path / "second", {"parport0": {}})
        running.callback(first.stop)
        running.callback(second.stop)
        first.start()
        # What waits for it in the kernel could else not even be killed.
        running.callback(lambda: first.process and first.process.send_signal(signal.SIGCONT))
        second.first = first
        yield second


def stop(service):
    service.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: "State:\tT" in open(f"/proc/{service.process.pid}/status").read(), "stopped")


def go_on(service):
    service.process.send_signal(signal.SIGCONT)


def answers(service, client):
    one = client(service.node("parport0"))
    assert one.do("claim") == "ok" and one.do("release") == "ok"


def is_removed(service, name):
    return status(service.node(name))["state"] == REMOVED


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


@case("a service ends, and unmounts, although it waits for one that hangs")
@pytest.mark.parametrize("used", [False, True], ids=["opening", "held"])
def test_end(two, client, used):
    service = two.start()
    ports = {"parport0": {}, "parport1": lent(service.first)}
    if used:
        service.reload(ports)
        wait_until(lambda: service.node("parport1").exists(), "there")
        holder = client(service.node("parport1"))
        assert holder.do("claim") == "ok"
    stop(service.first)
    if not used:
        service.reload(ports)
    bystander = client(service.node("parport0"))
    assert bystander.do("claim") == "ok"
    assert service.stop() == 0
    assert bystander.do("release") in ("ENODEV", "ENOTCONN", "ECONNABORTED")
    assert not os.path.ismount(service.mount)
    go_on(service.first)
    wait_until(lambda: is_free(service.first.node("parport0")), "given back")


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


@case("two services whose ports lead to each other and to no hardware: both start, the ports are gone")
def test_circle(two, client):
    first, second = two.first, two
    first.reload({"parport0": {}, "parport1": lent(second, "parport1")})
    name_each_other(first, second)
    second.start()
    for service in (first, second, first):
        service.reload()
        answers(service, client)
        assert is_removed(service, "parport1")


@case("a circle that is closed by a reload: who wants such a port waits, and can be ended; all others "
      "are answered")
def test_circle_closed(two, client):
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
