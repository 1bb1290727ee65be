# SPDX-License-Identifier: MIT
"""What the command and the service's files say of a port that its system lends: another parportd's."""

import contextlib
import os
import re

import pytest

import command
from clients import wait_in_line, wait_until, wait_until_free
from lib.service import Service

case = pytest.mark.case

OTHER = r"another program of the system(?: \(\S+\))?"


@pytest.fixture
def lent(tmp_path):
    """A service whose port is a file of the service .first."""
    with contextlib.ExitStack() as running:
        first = Service(tmp_path / "first", {"parport0": {}})
        running.callback(first.stop)
        first.start()
        second = Service(tmp_path / "second",
                         {"parport0": {"back_end": f"ppdev:{first.node('parport0')}"}})
        running.callback(second.stop)
        second.first = first
        yield second.start()


@pytest.fixture
def taken(lent, client):
    """The same; somebody else has the port."""
    lent.foreign = client(lent.first.node("parport0"))
    assert lent.foreign.do("claim") == "ok"
    return lent


def status_of(service):
    return command.facts("status", mount=service.mount)[0]


@case("alloc tells that another program of the system has the port, since when, and when it is ours")
def test_alloc(taken):
    waiting = command.start("alloc", "lpt1", "echo", "mine", mount=taken.mount)
    assert re.fullmatch(rf"parport alloc: waiting: lpt1 is in use by {OTHER} for [\d.]+ m?s, "
                        r"0 before us in line\n", waiting.stderr.readline())
    assert taken.foreign.do("release") == "ok"
    assert command.finish(waiting)[:2] == (0, "mine\n")


@case("alloc --timeout behind another program of the system: 124, and nobody is to be kicked")
@pytest.mark.parametrize("time", ["0", "200ms"])
def test_alloc_timeout(taken, time):
    done = command.run("alloc", "--timeout", time, "lpt1", "echo", "no", mount=taken.mount)
    assert (done.returncode, done.stdout) == (command.BUSY, "")
    assert re.search(rf"lpt1 was not free within .*: {OTHER} has it", done.stderr)
    assert "kick" not in done.stderr


@case("status shows who waits and that the system has lent the port; kick can put nobody out")
def test_status(taken, client):
    waiter = client(taken.node("parport0"))
    waiter.send("claim")
    wait_until(lambda: status_of(taken)["state"] == "in use", "in use")
    facts = status_of(taken)
    assert (facts["holder"]["kind"], facts["holder"]["pid"], facts["waiters"]) == ("system", 0, 1)
    assert facts["waiting"][0]["pid"] == waiter.pid
    text = command.run("status", "lpt1", mount=taken.mount).stdout
    assert re.match(rf"lpt1 \(parport0\): in use by {OTHER} for .*, 1 waiting\n", text)
    done = command.run("kick", "lpt1", mount=taken.mount)
    assert done.returncode == command.NOT_POSSIBLE
    assert "another program of the system" in done.stderr
    assert taken.foreign.do("release") == "ok"
    assert waiter.answer() == "ok"
    assert status_of(taken)["state"] == "held"


@case("a port that is lent is held by who only tries, when nobody else has it, and refused when "
      "somebody has")
def test_try(lent, client):
    trying = client(lent.node("parport0"), os.O_RDWR | os.O_NONBLOCK)
    foreign = client(lent.first.node("parport0"))
    for _ in range(5):
        assert trying.do("claim") == "ok"
        assert trying.do("release") == "ok"
    wait_until_free(lent.first.node("parport0"))
    assert foreign.do("claim") == "ok"
    assert trying.do("claim") == "EAGAIN"
    assert trying.do("allocate 0") == "EBUSY"
    wait_in_line(lent.node("parport0"), 0)
    assert foreign.do("release") == "ok"
    assert trying.do("allocate 0") == "ok"


@case("lines of a port that is lent are shown while somebody holds it")
def test_pins(lent, client):
    done = command.run("pins", "lpt1", mount=lent.mount)
    assert done.returncode == command.BUSY
    assert "its lines can be seen while somebody holds it" in done.stderr
    holder = client(lent.node("parport0"))
    assert holder.do("claim") == "ok"
    assert command.run("pins", "lpt1", mount=lent.mount).returncode == 0
