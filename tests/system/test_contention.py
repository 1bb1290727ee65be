# SPDX-License-Identifier: MIT
"""Several programs on one parport0: who has the port, who waits, and how waiting ends."""

import errno
import fcntl
import os
import random
import signal
import threading

import pytest

from clients import HELD, events, status, wait_in_line, wait_until, wait_until_free
from lib import ioctls

case = pytest.mark.case

PPCLAIM, PPRELEASE, PPEXCL, WAITERS = 0x708B, 0x708C, 0x708F, 0x80044F02


@case("claims are granted in the order in which they came")
def test_order(serve, client):
    node = serve().node("parport0")
    clients = [client(node) for _ in range(6)]
    assert clients[0].do("claim") == "ok"
    for place, one in enumerate(clients[1:], 1):
        one.send("claim")
        wait_in_line(node, place)
    assert status(node)["line"] == [one.pid for one in clients[1:]]
    with ioctls.File(node) as file:
        assert ioctls.read(file.fd, WAITERS, 4) == bytes([5, 0, 0, 0])
    for holder, following in zip(clients, clients[1:]):
        assert status(node)["holder"] == holder.pid
        assert not following.answered()
        assert holder.do("release") == "ok"
        assert following.answer() == "ok"
    assert clients[-1].do("release") == "ok"
    wait_until_free(node)


@case("a waiter does not disturb the holder: every call of the holder goes on")
def test_holder_goes_on(serve, client):
    node = serve().node("parport0")
    holder, waiter = client(node), client(node)
    assert holder.do("claim") == "ok"
    waiter.send("claim")
    wait_in_line(node, 1)
    assert holder.do("data 5a") == "ok"
    assert holder.do("status") == "ok d8"
    assert holder.do("write x 3") == "ok 3"
    assert not waiter.answered()
    assert holder.do("release") == "ok"
    assert waiter.answer() == "ok"


@pytest.mark.parametrize("how", ["interrupt", "restart"])
@case("a signal ends a waiting claim with EINTR, also where calls are restarted")
def test_signal(serve, client, how):
    node = serve().node("parport0")
    holder, waiter = client(node), client(node)
    assert holder.do("claim") == "ok"
    assert waiter.do(f"handle {how}") == "ok"
    waiter.send("claim")
    wait_in_line(node, 1)
    waiter.signal(signal.SIGUSR1)
    assert waiter.answer() == "EINTR"
    wait_in_line(node, 0)
    assert waiter.do("data 00") == "EINVAL"
    assert holder.do("release") == "ok"
    assert waiter.do("claim") == "ok"


@case("kill -9 of the holder hands the port to the next in line")
def test_kill_holder(serve, client):
    node = serve().node("parport0")
    holder, waiter = client(node), client(node)
    assert holder.do("claim") == "ok"
    waiter.send("claim")
    wait_in_line(node, 1)
    holder.signal(signal.SIGKILL)
    assert waiter.answer() == "ok"
    assert status(node)["holder"] == waiter.pid


@case("kill -9 of a waiter takes it out of the line and nobody else")
def test_kill_waiter(serve, client):
    node = serve().node("parport0")
    holder, victim, last = client(node), client(node), client(node)
    assert holder.do("claim") == "ok"
    victim.send("claim")
    wait_in_line(node, 1)
    last.send("claim")
    wait_in_line(node, 2)
    victim.signal(signal.SIGKILL)
    wait_in_line(node, 1)
    assert victim.process.wait(20) == -signal.SIGKILL
    assert holder.do("release") == "ok"
    assert last.answer() == "ok"


@case("closing the file gives the port to the next in line")
def test_close(serve, client):
    node = serve().node("parport0")
    holder, waiter = client(node), client(node)
    assert holder.do("claim") == "ok"
    waiter.send("claim")
    wait_in_line(node, 1)
    assert holder.do("close") == "ok"
    assert waiter.answer() == "ok"


@case("O_NONBLOCK at open: a held port is refused with EAGAIN, a free one is granted")
def test_nonblock(serve, client):
    node = serve().node("parport0")
    holder, other = client(node), client(node, os.O_RDWR | os.O_NONBLOCK)
    assert holder.do("claim") == "ok"
    assert other.do("claim") == "EAGAIN"
    assert status(node)["waiters"] == 0
    assert holder.do("release") == "ok"
    assert other.do("claim") == "ok"


@case("a deadline ends with EBUSY, takes the waiter out of line, and leaves the rest")
def test_deadline(serve, client):
    node = serve().node("parport0")
    holder, hasty, patient = client(node), client(node), client(node)
    assert holder.do("allocate 0") == "ok"
    hasty.send("allocate 200000")
    wait_in_line(node, 1)
    patient.send("allocate 18446744073709551614")
    assert hasty.answer() == "EBUSY"
    assert hasty.do("allocate 0") == "EBUSY"
    wait_in_line(node, 1)
    assert holder.do("release") == "ok"
    assert patient.answer() == "ok"


@case("a second thread's claim on the same file waits with the first; one has the port")
def test_one_file_two_threads(serve, client):
    node = serve().node("parport0")
    holder = client(node)
    assert holder.do("claim") == "ok"
    fd = os.open(node, os.O_RDWR)
    results = []

    def claim():
        try:
            results.append(fcntl.ioctl(fd, PPCLAIM))
        except OSError as error:
            results.append(error.errno)

    threads = [threading.Thread(target=claim) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_in_line(node, 1)
    assert holder.do("release") == "ok"
    for thread in threads:
        thread.join(20)
    os.close(fd)
    assert sorted(results) == [0, errno.EINVAL]


@case("another thread's cancel ends a waiting claim with ECANCELED")
def test_cancel(serve, client):
    node = serve().node("parport0")
    holder = client(node)
    assert holder.do("claim") == "ok"
    fd = os.open(node, os.O_RDWR)
    results = []

    def claim():
        try:
            fcntl.ioctl(fd, PPCLAIM)
        except OSError as error:
            results.append(error.errno)

    thread = threading.Thread(target=claim)
    thread.start()
    wait_in_line(node, 1)
    fcntl.ioctl(fd, 0x4F07)
    thread.join(20)
    os.close(fd)
    assert results == [errno.ECANCELED]
    wait_in_line(node, 0)


@case("exclusive = refuse: while one file is registered PPEXCL gets ENXIO, and keeps others out")
def test_exclusive_refuse(serve, client):
    node = serve().node("parport0")
    first, second = client(node), client(node)
    assert first.do("claim") == "ok"
    assert second.do("exclusive") == "ok"
    assert second.do("claim") == "ENXIO"
    assert first.do("release") == "ok"
    assert second.do("claim") == "ENXIO"
    assert first.do("close") == "ok"
    wait_until(lambda: second.do("claim") == "ok", "the exclusive claim after the close")
    third = client(node)
    assert third.do("claim") == "ENXIO"
    assert second.do("release") == "ok"
    assert third.do("claim") == "ENXIO"


@case("a close is over before the next program asks: 500 exclusive claims in a row succeed")
def test_close_then_exclusive(serve):
    node = serve().node("parport0")
    for _ in range(500):
        with ioctls.File(node) as file:
            file.call(PPEXCL)
            file.call(PPCLAIM)


@case("exclusive = wait: who asks for the port alone takes its turn")
def test_exclusive_wait(serve, client):
    node = serve({"exclusive": "wait"}).node("parport0")
    first, second = client(node), client(node)
    for one in (first, second):
        assert one.do("exclusive") == "ok"
    assert first.do("claim") == "ok"
    second.send("claim")
    wait_in_line(node, 1)
    assert first.do("release") == "ok"
    assert second.answer() == "ok"


@case("PPYIELD lets the line go first and comes back with the port")
def test_yield(serve, client):
    node = serve().node("parport0")
    first, second, third = client(node), client(node), client(node)
    assert first.do("claim") == "ok"
    assert first.do("yield") == "ok"
    for place, one in enumerate((second, third), 1):
        one.send("claim")
        wait_in_line(node, place)
    first.send("yield")
    assert second.answer() == "ok"
    wait_in_line(node, 2)
    assert status(node)["line"] == [third.pid, first.pid]
    assert second.do("release") == "ok"
    assert third.answer() == "ok"
    assert third.do("release") == "ok"
    assert first.answer() == "ok"
    assert first.do("data 01") == "ok"


@case("kick: the holder's calls give EIO until it opens again, and the next in line is served")
def test_kick(serve, client):
    node = serve().node("parport0")
    holder, waiter = client(node), client(node)
    assert holder.do("claim") == "ok"
    waiter.send("claim")
    wait_in_line(node, 1)
    other = client(node)
    assert other.do("kick") == "ok"
    assert waiter.answer() == "ok"
    for call in ("data 00", "status", "release", "claim", "write x 1"):
        assert holder.do(call) == "EIO", call
    assert status(node)["holder"] == waiter.pid
    assert waiter.do("release") == "ok"
    wait_until_free(node)
    assert other.do("kick") == "ENODATA"
    assert client(node).do("claim") == "ok"


@case("max_hold puts out who keeps the port too long")
def test_max_hold(serve, client):
    node = serve({"max_hold": "300 ms"}).node("parport0")
    holder, waiter = client(node), client(node)
    assert holder.do("claim") == "ok"
    waiter.send("claim")
    assert waiter.answer() == "ok"
    assert holder.do("data 00") == "EIO"


@case("a stopped holder is put out by max_hold and hears of it when it goes on")
def test_stopped_holder(serve, client):
    node = serve({"max_hold": "300 ms"}).node("parport0")
    holder, waiter = client(node), client(node)
    assert holder.do("claim") == "ok"
    holder.signal(signal.SIGSTOP)
    waiter.send("claim")
    assert waiter.answer() == "ok"
    holder.signal(signal.SIGCONT)
    assert holder.do("status") == "EIO"


@case("while a write waits for a printer that never answers, every other call returns")
def test_stuck_printer(serve, client):
    service = serve({"powered_off": True}, second={})
    node = service.node("parport0")
    stuck = client(node)
    assert stuck.do("claim") == "ok"
    stuck.send("write x 100")
    other = client(node)
    assert other.do("allocate 50000") == "EBUSY"
    assert other.do("allocate 0") == "EBUSY"
    assert other.do("data 00") == "EINVAL"
    assert status(node)["holder"] == stuck.pid
    elsewhere = client(service.node("parport1"))
    assert [elsewhere.do(call) for call in ("claim", "data 01", "write x 1", "release")] == \
        ["ok", "ok", "ok 1", "ok"]
    assert client(service.node("lpt1"), os.O_WRONLY).do("poll 0").startswith("ok")
    assert not stuck.answered()
    assert other.do("kick") == "ok"
    assert stuck.answer() == "EIO"
    assert other.do("claim") == "ok"


@case("status names the holder and the line by process; a thread is told by its process")
def test_status(serve, client):
    node = serve().node("parport0")
    fd = os.open(node, os.O_RDWR)
    thread = threading.Thread(target=fcntl.ioctl, args=(fd, PPCLAIM))
    thread.start()
    thread.join(20)
    waiter = client(node)
    waiter.send("claim")
    wait_in_line(node, 1)
    now = status(node)
    assert (now["state"], now["holder"], now["kind"]) == (HELD, os.getpid(), 1)
    with open("/proc/self/comm") as comm:
        assert now["name"] == comm.read().strip()
    assert now["line"] == [waiter.pid]
    os.close(fd)


def contend(node, seed, rounds):
    """Child process: claims and releases; checks that nobody else writes DATA meanwhile."""
    chance = random.Random(seed)
    mine = bytes([seed % 256])
    fd = os.open(node, os.O_RDWR)
    for _ in range(rounds):
        fcntl.ioctl(fd, PPCLAIM)
        fcntl.ioctl(fd, 0x40017086, mine)
        for _ in range(chance.randrange(4)):
            seen = bytearray(1)
            fcntl.ioctl(fd, 0x80017085, seen)
            if seen != mine:
                os._exit(2)
        fcntl.ioctl(fd, PPRELEASE)
    os._exit(0)


@case("200 clients contend: each is served every time, alone, and in the order of the log")
def test_many(serve):
    service = serve({"scan": False})
    node, rounds, clients = service.node("parport0"), 10, 200
    children = []
    for seed in range(clients):
        child = os.fork()
        if child == 0:
            try:
                contend(node, seed, rounds)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == \
        [0] * clients
    wait_until_free(node)
    service.stop()
    log = events(service.events)
    assert [event["sequence"] for event in log] == list(range(1, len(log) + 1))
    assert sum(event["event"] == "granted" for event in log) == clients * rounds
    holder, line = None, []
    for event in log:
        if event["event"] == "queued":
            line.append(event["request"])
        elif event["event"] == "granted":
            assert holder is None
            if line:
                assert line.pop(0) == event["request"]
            holder = event["client"]
        elif event["event"] == "released":
            assert holder == event["client"]
            holder = None
    assert not line and holder is None
