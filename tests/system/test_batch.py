# SPDX-License-Identifier: MIT
"""Batches and submitted ioctls on parport<m>: what only those see who call them themselves."""

import contextlib
import errno
import fcntl
import os
import select
import signal
import struct
import time

import pytest

from lib.ioctls import PPCLAIM, PPEXCL, PPRELEASE, PPRSTATUS, File, code

case = pytest.mark.case

DATA, WAIT_STATUS, DELAY, AS_WAS = 1, 5, 6, 7
TEN_SECONDS_NS = 10_000_000_000
CANCELLED, DELETE_PENDING, DEVICE_BUSY, INVALID_PARAMETER, KICKED = 3, 4, 6, 18, 22
HEAD = struct.Struct("<IIQII")
OP = struct.Struct("<BBBBIQQ")
OPS_MOST = 256
BYTES = HEAD.size + OPS_MOST * OP.size
BATCH = code(3, "O", 20, BYTES)
LIMIT_S = 20


def operation(what, mask=0, value=0, ns=0):
    return OP.pack(what, mask, value, 0, 0, ns, 0)


def batch(file, *operations, allocate=0, timeout_us=0, count=None):
    """(status, operations done)."""
    ops = b"".join(operations)
    head = HEAD.pack(len(operations) if count is None else count, allocate, timeout_us, 0, 0)
    answer = bytearray((head + ops).ljust(BYTES, b"\0"))
    fcntl.ioctl(file.fd, BATCH, answer)
    return HEAD.unpack_from(answer)[3:]


@contextlib.contextmanager
def running(node, *operations):
    """A process of its own in a batch, and the end of a pipe by which it tells (status, done).

    A thread would not do: Python keeps all others from running while a large ioctl waits.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGUSR1, lambda *_: None)
            with File(node) as file:
                os.write(writer, bytes(batch(file, *operations, allocate=1)))
        finally:
            os._exit(0)
    try:
        yield child, reader
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
        os.close(writer)


def wait_until(what):
    deadline = time.monotonic() + LIMIT_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


UP = operation(DATA, 1, 1)
FOR_LONG = operation(DELAY, ns=9_000_000_000)
DOWN = operation(AS_WAS, 1)


@case("a batch on a file that has not claimed the port")
def test_unclaimed(serve):
    service = serve()
    with File(service.node("parport0")) as file, File(service.node("parport0")) as other:
        with pytest.raises(OSError) as refused:
            batch(file, UP)
        assert refused.value.errno == errno.EINVAL
        assert batch(file, UP, allocate=1) == (0, 1)
        wait_until(lambda: file.status()[0] == 0)
        other.call(PPCLAIM)
        assert batch(file, UP, allocate=1, timeout_us=10000) == (DEVICE_BUSY, 0)
        assert file.status()[1] == 0
        other.call(PPRELEASE)
        assert batch(file, UP, UP, count=OPS_MOST + 1, allocate=1)[0] == INVALID_PARAMETER
        assert batch(file, operation(0), allocate=1) == (INVALID_PARAMETER, 0)


@case("the delays and waits of a batch are ten seconds together at most")
def test_longest(serve):
    with File(serve().node("parport0")) as file:
        for longest in (operation(DELAY, ns=TEN_SECONDS_NS),
                        operation(WAIT_STATUS, ns=TEN_SECONDS_NS)):
            too_long = (UP, longest, operation(DELAY, ns=1), DOWN)
            assert batch(file, *too_long, allocate=1) == (INVALID_PARAMETER, 0)
        # No line is looked at: they end at once.
        halves = (operation(WAIT_STATUS, ns=TEN_SECONDS_NS // 2),) * 2
        assert batch(file, *halves, allocate=1) == (0, 2)
        assert batch(file, *halves, operation(WAIT_STATUS, ns=1), allocate=1) == (
            INVALID_PARAMETER, 0)


@case("a batch respects another file's PPEXCL")
def test_exclusive(serve):
    service = serve()
    with File(service.node("parport0")) as file, File(service.node("parport0")) as other:
        other.call(PPEXCL)
        other.call(PPCLAIM)
        other.call(PPRELEASE)
        with pytest.raises(OSError) as refused:
            batch(file, UP, allocate=1)
        assert refused.value.errno == errno.ENXIO


@case("a signal ends a batch, which tells how far it came")
def test_signal(serve):
    node = serve().node("parport0")
    with File(node) as file, running(node, UP, FOR_LONG, DOWN) as (child, answer):
        wait_until(lambda: file.pins()[0] & 1)
        os.kill(child, signal.SIGUSR1)
        assert os.read(answer, 2) == bytes((CANCELLED, 1))
        assert file.pins()[0] & 1 == 0
        wait_until(lambda: file.status()[0] == 0)


@case("a process that is killed in a batch leaves no line up")
def test_killed(serve):
    node = serve().node("parport0")
    with File(node) as file, running(node, UP, FOR_LONG, DOWN) as (child, _):
        wait_until(lambda: file.pins()[0] & 1)
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: file.status()[0] == 0)
        assert file.pins()[0] & 1 == 0


@case("the service serves others while a batch is in a delay, and names who does it")
def test_service_goes_on(serve):
    node = serve().node("parport0")
    with File(node) as file, running(node, UP, FOR_LONG, DOWN) as (child, answer):
        wait_until(lambda: file.pins()[0] & 1)
        assert file.status()[:3] == (2, 0, child)
        file.kick()
        assert os.read(answer, 2) == bytes((KICKED, 1))
        assert file.pins()[0] & 1 == 0


@case("a service that stops ends a batch in a delay")
def test_service_stops(serve):
    service = serve()
    with running(service.node("parport0"), UP, FOR_LONG, DOWN) as (_, answer):
        with File(service.node("parport0")) as file:
            wait_until(lambda: file.pins()[0] & 1)
        assert service.stop() == 0
        assert os.read(answer, 2) == bytes((DELETE_PENDING, 1))


@case("a claim waits for the same file's batch")
def test_claim_waits(serve):
    node = serve().node("parport0")
    with File(node) as file, File(node) as onlooker:
        runner = os.fork()
        if runner == 0:
            try:
                done = batch(file, UP, operation(DELAY, ns=300_000_000), DOWN, allocate=1)
            finally:
                os._exit(0 if done == (0, 3) else 1)
        wait_until(lambda: onlooker.pins()[0] & 1)
        file.call(PPCLAIM)
        assert file.pins()[0] & 1 == 0
        assert os.waitpid(runner, 0)[1] == 0
        assert file.status()[2] == os.getpid()


# ---- submitted ioctls ------------------------------------------------------------------

SUBMITTED_MOST = 64
SUBMIT_BYTES = 8448
SUBMIT_HEAD = struct.Struct("<QII")
SUBMIT = code(1, "O", 23, SUBMIT_HEAD.size + SUBMIT_BYTES)
REAP = code(2, "O", 24, SUBMIT_HEAD.size + SUBMIT_BYTES)
CANCEL_ONE = code(1, "O", 25, 8)
ALLOCATE = code(1, "O", 1, 8)


def submit(file, tag, number, argument=b""):
    head = SUBMIT_HEAD.pack(tag, number, 0)
    whole = bytearray((head + argument).ljust(SUBMIT_HEAD.size + SUBMIT_BYTES, b"\0"))
    fcntl.ioctl(file.fd, SUBMIT, whole)


def reap(file):
    """(tag, errno, what it gave back)."""
    answer = bytearray(SUBMIT_HEAD.size + SUBMIT_BYTES)
    fcntl.ioctl(file.fd, REAP, answer)
    tag, error, count = SUBMIT_HEAD.unpack_from(answer)
    return tag, error, bytes(answer[SUBMIT_HEAD.size:SUBMIT_HEAD.size + count])


def refused(call, *arguments):
    """The errno of what fails."""
    with pytest.raises(OSError) as error:
        call(*arguments)
    return error.value.errno


def polled(file, milliseconds=0):
    poll = select.poll()
    poll.register(file.fd, select.POLLIN | select.POLLPRI)
    return [events for _, events in poll.poll(milliseconds)]


@case("an ioctl is submitted, polled for and reaped")
def test_submitted(serve):
    node = serve().node("parport0")
    with File(node) as file, File(node) as other:
        assert refused(reap, file) == errno.EAGAIN
        assert polled(file) == []
        submit(file, 7, PPRSTATUS)
        assert reap(file) == (7, errno.EINVAL, b"")
        other.call(PPCLAIM)
        submit(file, 8, ALLOCATE, struct.pack("<Q", 10_000_000))
        assert refused(reap, file) == errno.EAGAIN
        assert polled(file) == []
        other.call(PPRELEASE)
        assert polled(file, LIMIT_S * 1000) == [select.POLLPRI]
        assert reap(file) == (8, 0, b"")
        submit(file, 9, PPRSTATUS)
        assert reap(file) == (9, 0, bytes((file.byte(PPRSTATUS),)))


@case("what cannot be submitted")
def test_not_submitted(serve):
    node = serve().node("parport0")
    with File(node) as file, File(node) as other:
        for number in (SUBMIT, REAP):
            assert refused(submit, file, 1, number) == errno.EINVAL
        for number in (CANCEL_ONE, code(2, "O", 4, 264), 0):
            submit(file, 1, number)
            assert reap(file) == (1, errno.EINVAL, b"")
        assert refused(fcntl.ioctl, file.fd, CANCEL_ONE, struct.pack("<Q", 1)) == errno.ENODATA
        other.call(PPCLAIM)
        submit(file, 5, PPCLAIM)
        fcntl.ioctl(file.fd, CANCEL_ONE, struct.pack("<Q", 5))
        assert reap(file) == (5, errno.ECANCELED, b"")


@case("of one file at most 64 are submitted and not reaped; another file's do not count")
def test_submitted_most(serve):
    node = serve().node("parport0")
    with File(node) as file, File(node) as other:
        for tag in range(SUBMITTED_MOST):
            submit(file, tag, PPRSTATUS)
        assert refused(submit, file, SUBMITTED_MOST, PPRSTATUS) == errno.ENOMEM
        submit(other, 1, PPRSTATUS)
        assert reap(file) == (0, errno.EINVAL, b"")
        submit(file, SUBMITTED_MOST, PPRSTATUS)
        assert refused(submit, file, SUBMITTED_MOST + 1, PPRSTATUS) == errno.ENOMEM
        for tag in range(1, SUBMITTED_MOST + 1):
            assert reap(file) == (tag, errno.EINVAL, b"")
        assert refused(reap, file) == errno.EAGAIN


@case("a file that is closed takes with it what it has submitted")
def test_closed_with_submissions(serve):
    service = serve()
    with File(service.node("parport0")) as other:
        other.call(PPCLAIM)
        with File(service.node("parport0")) as file:
            for tag in range(20):
                submit(file, tag, PPCLAIM)
            assert other.status()[1] == 1
        wait_until(lambda: other.status()[1] == 0)
        with File(service.node("parport0")) as file:
            submit(file, 1, BATCH, HEAD.pack(3, 0, 0, 0, 0) + UP + FOR_LONG + DOWN)
            submit(file, 2, PPCLAIM)
        other.call(PPRELEASE)
        with File(service.node("parport0")) as file:
            file.call(PPCLAIM)
            submit(file, 1, BATCH, HEAD.pack(3, 0, 0, 0, 0) + UP + FOR_LONG + DOWN)
            submit(file, 2, PPRSTATUS)
            wait_until(lambda: other.pins()[0] & 1)
        wait_until(lambda: other.status()[0] == 0)
        assert other.pins()[0] & 1 == 0


@case("a service that stops has answered all that was submitted")
def test_service_stops_under_submissions(serve):
    service = serve()
    file = File(service.node("parport0"))
    submit(file, 1, PPCLAIM)
    assert reap(file) == (1, 0, b"")
    submit(file, 2, BATCH, HEAD.pack(3, 0, 0, 0, 0) + UP + FOR_LONG + DOWN)
    submit(file, 3, PPRSTATUS)
    assert service.stop() == 0
    assert refused(reap, file) == errno.ENOTCONN
    with contextlib.suppress(OSError):
        os.close(file.fd)
