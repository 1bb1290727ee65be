# SPDX-License-Identifier: MIT
"""parportd dies, or is ended, while programs use it; another one takes its place."""

import os
import signal

import pytest

import command
from clients import status, wait_in_line, wait_until, wait_until_free

case = pytest.mark.case

DEAD = {"ENOTCONN", "ECONNABORTED"}


class Load:
    """Two programs in PPCLAIM, one that has the port, a page, a job behind it, pollers, a reader."""

    def __init__(self, service, client):
        node, lpt = service.node("parport0"), service.node("lpt1")
        self.page, self.next_page = (client(lpt, os.O_WRONLY) for _ in range(2))
        self.page.send("write x 100000")
        wait_until(lambda: status(lpt)["job"] == self.page.pid, "a page")
        self.next_page.send("write y 1")
        self.poller, self.reader = client(node), client(service.node("events"), os.O_RDONLY)
        self.poller.send("poll 60000")
        self.claimants = [client(node) for _ in range(3)]
        for one in self.claimants:
            one.send("claim")
        wait_until(lambda: status(node)["waiters"] >= 2, "a line")
        self.idle = client(node)

    def waiting(self):
        """Those whose call has not ended."""
        return [one for one in (*self.claimants, self.page, self.next_page)]


@pytest.fixture
def load(client):
    return lambda service: Load(service, client)


@case("kill -9 with holder, line, page, pollers: each hears it at once, the next service takes over")
def test_killed(serve, client, load):
    service = serve({"characters_per_second": 1000})
    for _ in range(4):
        old = load(service)
        service.kill()
        answers = [one.answer() for one in old.waiting()]
        assert set(answers) <= DEAD | {"ok"} and answers.count("ok") <= 1
        old.poller.answer()
        # All of them still have their files open.
        service.start()
        wait_until_free(service.node("parport0"))
        for one in (*old.waiting(), old.poller, old.idle, old.reader):
            assert one.do("claim") == "ENOTCONN"
        fresh = client(service.node("parport0"))
        assert fresh.do("claim") == "ok"
        assert status(service.node("parport0"))["holder"] == fresh.pid
        for one in (*old.waiting(), old.poller, old.idle, old.reader):
            one.end()
        assert fresh.do("release") == "ok"
        service.node("lpt1").write_bytes(b"page")


@case("SIGTERM with holder, line, page, pollers: each call is answered, and a service may follow at once")
def test_ended(serve, client, load):
    service = serve({"characters_per_second": 1000})
    for _ in range(3):
        old = load(service)
        assert service.stop() == 0
        answers = [one.answer() for one in old.waiting()]
        assert set(answers[:3]) <= {"ENODEV", "ok"} and answers[4] == "ENODEV"
        kind, *count = answers[3].split()
        assert kind == "ENODEV" or (kind == "ok" and 0 < int(count[0]) < 100000)
        service.start()
        wait_until_free(service.node("parport0"))
        assert client(service.node("parport0")).do("claim") == "ok"
        for one in (*old.waiting(), old.poller, old.idle, old.reader):
            one.end()
        service.stop()
        service.start()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@case("parport alloc says what has become of the service, and what to do; then it works again")
def test_alloc(serve, number):
    service = serve()
    holder = command.start("alloc", "lpt1", "--", "sleep", "60", mount=service.mount)
    wait_until(lambda: status(service.node("parport0"))["holder"], "it has the port")
    waiter = command.start("alloc", "lpt1", "--", "true", mount=service.mount)
    wait_in_line(service.node("parport0"), 1)
    if number == signal.SIGKILL:
        service.kill()
    else:
        service.stop()
    _, said = waiter.communicate(timeout=command.WAIT_S)
    assert waiter.returncode == command.REMOVED
    assert "was started anew: 'parport doctor' says which, then ask again" in said
    holder.send_signal(signal.SIGTERM)
    _, said = holder.communicate(timeout=command.WAIT_S)
    assert "lpt1 was not ours until the end" in said
    if number == signal.SIGKILL:
        dead = command.run("alloc", "lpt1", "--", "true", mount=service.mount)
        assert dead.returncode == command.REMOVED and "start it again" in dead.stderr
    service.start()
    done = command.run("alloc", "lpt1", "--", "true", mount=service.mount)
    assert (done.returncode, done.stderr) == (0, "")
