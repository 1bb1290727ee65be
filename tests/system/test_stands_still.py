# SPDX-License-Identifier: MIT
"""Two parportd in a chain: an access to the second one's port takes its time, or for ever."""

import contextlib
import os
import signal
import time

import pytest

import command
from client import OWN_CANCEL
from clients import HELD, status, wait_in_line, wait_until, wait_until_free
from lib import ioctls
from test_batch import CANCELLED, reap, submit
from test_control import ALLOCATE, HEAD, INTERNAL, SUCCESS, control, number

case = pytest.mark.case
pytestmark = pytest.mark.usefixtures("leaves_threads")

LIMIT_S = 20
STOP_S = 60


@contextlib.contextmanager
def stopped(service):
    """The first service is stopped; whatever asks it for something sleeps meanwhile."""
    process = service.first.process
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@pytest.fixture
def standing(chain, client):
    """standing(): a chain whose first service is stopped, and a holder that waits for it."""
    with contextlib.ExitStack() as end:
        def begin():
            service = chain(beside={"parport1": {}})
            holder = client(service.node("parport0"))
            assert holder.do("claim") == "ok"
            end.enter_context(stopped(service))
            holder.send("data 55")
            assert not holder.answered(0.3)
            return service, holder
        yield begin


def works(client):
    return all(client.do(f"data {byte:02x}") == "ok" for byte in range(50))


@case("the first service stands still while a client writes a register: other ports, and what is "
      "asked of that one, are answered; then all goes on")
def test_stands_still(standing, client):
    service, holder = standing()
    other = client(service.node("parport1"))
    assert other.do("claim") == "ok" and works(other)
    now = status(service.node("parport0"))
    assert (now["state"], now["holder"]) == (HELD, holder.pid)
    assert command.run("status", mount=service.mount).returncode == 0
    assert command.facts("info", mount=service.mount)
    assert not holder.answered()
    service.first.process.send_signal(signal.SIGCONT)
    assert holder.answer() == "ok"
    assert works(holder) and holder.do("release") == "ok"
    done = command.run("write", "lpt1", mount=service.mount, input="page")
    assert (done.returncode, done.stderr) == (0, "")
    wait_until(lambda: service.printed.read_bytes() == b"page", "the page")


@case("the first service stands still: who holds the second's port is kicked, and hears it at once; "
      "the next one has the port when the first service goes on")
def test_kicked_while_it_stands_still(standing, client):
    service, holder = standing()
    assert command.run("kick", "lpt1", mount=service.mount).returncode == 0
    assert holder.answer() == "EIO"
    waiter = client(service.node("parport0"))
    waiter.send("claim")
    wait_in_line(service.node("parport0"), 1)
    service.first.process.send_signal(signal.SIGCONT)
    assert waiter.answer() == "ok" and works(waiter)


@case("the first service stands still: a signal ends who waits for a register, or for the pins")
def test_signal_while_it_stands_still(standing, client):
    service, holder = standing()
    looks = command.start("pins", "lpt1", mount=service.mount)
    time.sleep(0.3)
    assert looks.poll() is None
    for process in (looks, holder.process):
        process.terminate()
        process.communicate(timeout=LIMIT_S)
    wait_until(lambda: status(service.node("parport0"))["holder"] == 0, "its file is closed")
    service.first.process.send_signal(signal.SIGCONT)
    assert client(service.node("parport0")).do("claim") == "ok"


@case("the first service stands still while a client of the second writes a register, and the second "
      "is told to end: its mount goes, the client hears of it, and the process goes when it can")
def test_ends_while_it_stands_still(standing):
    service, holder = standing()
    process = service.process
    process.terminate()
    wait_until(lambda: not os.path.ismount(service.mount), "the mount to go", STOP_S)
    assert holder.answer() in ("ENODEV", "ENOTCONN", "ECONNABORTED")
    service.first.process.send_signal(signal.SIGCONT)
    process.wait(STOP_S)
    assert "ends without waiting for what hangs" in service.said()


@case("a timer's signals end no access to a register of a lent port")
def test_signals(chain, client):
    holder = client(chain().node("parport0"))
    assert holder.do("claim") == holder.do("handle interrupt") == "ok"
    for _ in range(300):
        holder.send("data 55")
        holder.signal(signal.SIGUSR1)
        assert holder.answer() == "ok"


@case("the first service stands still: documented requests of a file that is closed meanwhile never "
      "have the port, and end")
def test_closed_while_it_stands_still(standing, client):
    service, holder = standing()
    node = service.node("parport0")
    allocate = HEAD.pack(0, 0, ALLOCATE, 0, 0, INTERNAL, 8, 0)
    for _ in range(3):
        with ioctls.File(node) as file:
            for tag in range(3):
                submit(file, tag, number(0), allocate)
    with ioctls.File(node) as file:
        for tag in range(3):
            submit(file, tag, number(0), allocate)
        file.call(OWN_CANCEL)
        answers = [reap(file) for _ in range(3)]
        assert sorted(tag for tag, _, _ in answers) == [0, 1, 2]
        assert {HEAD.unpack(answer)[0] for _, _, answer in answers} == {CANCELLED}
        submit(file, 0, number(0), allocate)
        service.first.process.send_signal(signal.SIGCONT)
        assert holder.answer() == "ok"
    next_one = client(node)
    next_one.send("claim")
    assert holder.do("release") == "ok"
    assert next_one.answer() == "ok" and works(next_one) and next_one.do("release") == "ok"
    wait_until_free(node)
    assert service.stop() == 0


@case("the lines are as a client left them when its next claim has come, and a write need not wait")
def test_claimed_anew(chain, client):
    service = chain()
    ours = client(service.node("parport0"), os.O_RDWR | os.O_NONBLOCK)
    assert ours.do("claim") == ours.do("control 06") == ours.do("release") == "ok"
    assert ours.do("claim") == "ok" and ours.do("control") == "ok 06"
    pins = command.facts("pins", "lpt1", mount=service.first.mount)[0]
    levels = {pin["line"]: pin["level"] for pin in pins["pins"] if "line" in pin}
    assert (levels["nAutoFd"], levels["nSelectIn"]) == ("low", "high")
    for _ in range(30):
        assert ours.do("release") == "ok"
        wait_until(lambda: ours.do("claim") == "ok", "the port anew")
        assert ours.do("write x 1") in ("ok 1", "ok 0")


@case("a documented ALLOCATE of a file that does not block: a write may follow at once")
def test_allocated_by_code(chain):
    service = chain()
    for _ in range(10):
        fd = os.open(service.node("parport0"), os.O_RDWR | os.O_NONBLOCK)
        assert control(fd, ALLOCATE) == (SUCCESS, b"")
        assert os.write(fd, b"x") == 1
        os.close(fd)
