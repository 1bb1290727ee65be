# SPDX-License-Identifier: MIT
"""OPP_IOC_CONTROL, the documented requests, on the files parport0 and lpt1 themselves."""

import errno
import fcntl
import os
import signal
import struct
import threading

import pytest

from clients import FREE, HELD, is_free, status, wait_in_line, wait_until
from lib import ioctls

case = pytest.mark.case

HEAD = struct.Struct("<IIIIIBBH")
INTERNAL, CONTROL = 0x0F, 0x0E
ALLOCATE, RELEASE = 0x16002C, 0x1600A0
LOCK, UNLOCK = 0x160094, 0x160098
GET_DEFAULT_MODES, QUERY_LOCATION = 0x160028, 0x160058
SUCCESS, DELETE_PENDING, INVALID_PARAMETER = 0, 4, 18
STOPPED = {"busy_every_bytes": 10, "busy_extra_us": 60000000}
LIMIT_S = 20


def number(buffer_bytes):
    return ioctls.code(3, "O", 15, HEAD.size + buffer_bytes)


def control(fd, code, major=INTERNAL, room=0, pointer_bytes=8, lengths=None):
    """(status, what came back) of one request."""
    given, taken = lengths or (0, room)
    call = bytearray(HEAD.pack(0, 0, code, given, taken, major, pointer_bytes, 0) + bytes(room))
    fcntl.ioctl(fd, number(room), call)
    told, information = HEAD.unpack_from(call)[:2]
    return told, bytes(call[HEAD.size:HEAD.size + information])


def error_of(call, *arguments, **more):
    try:
        call(*arguments, **more)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "no error"


def in_thread(call, *arguments):
    """A thread that puts what CALL returns into a list."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(call(*arguments)), daemon=True)
    thread.start()
    return thread, answers


def joined(pair):
    thread, answers = pair
    thread.join(LIMIT_S)
    assert not thread.is_alive()
    return answers[0]


@case("what a code allocates is the file's claim, and the other way round")
def test_claim(serve):
    node = serve().node("parport0")
    with ioctls.File(node) as one, ioctls.File(node) as other:
        assert error_of(one.byte, ioctls.PPRSTATUS) == "EINVAL"
        assert control(one.fd, ALLOCATE) == (SUCCESS, b"")
        one.byte(ioctls.PPRSTATUS)
        assert error_of(one.call, ioctls.PPCLAIM) == "EINVAL"
        one.call(ioctls.PPRELEASE)
        other.call(ioctls.PPCLAIM)
        assert control(other.fd, RELEASE) == (SUCCESS, b"")
        assert error_of(other.byte, ioctls.PPRSTATUS) == "EINVAL"
        assert is_free(node)


@case("requests that are none are refused")
def test_malformed(serve):
    with ioctls.File(serve().node("parport0")) as file:
        assert error_of(control, file.fd, ALLOCATE, pointer_bytes=4) == errno.errorcode[errno.EOPNOTSUPP]
        assert error_of(control, file.fd, ALLOCATE, room=8, lengths=(0, 9)) == "EINVAL"
        assert error_of(control, file.fd, ALLOCATE, room=8, lengths=(2 ** 32 - 1, 0)) == "EINVAL"
        assert error_of(control, file.fd, ALLOCATE, room=8193, lengths=(0, 0)) == "EINVAL"
        assert error_of(fcntl.ioctl, file.fd, ioctls.code(3, "O", 15, HEAD.size - 4),
                        bytearray(HEAD.size)) == "EINVAL"
        assert control(file.fd, ALLOCATE, room=8192) == (SUCCESS, b"")


@case("the death of who waits for an ALLOCATE takes it out of the line")
def test_death(serve):
    node = serve().node("parport0")
    with ioctls.File(node) as holder:
        assert control(holder.fd, ALLOCATE) == (SUCCESS, b"")
        pid = os.fork()
        if pid == 0:
            with ioctls.File(node) as waiter:
                control(waiter.fd, ALLOCATE)
            os._exit(0)
        wait_in_line(node, 1)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        wait_in_line(node, 0)
        assert status(node)["state"] == HELD


class Alarm(Exception):
    """What the signal of the next case raises."""


def on_alarm(*_):
    raise Alarm


@case("a signal ends an ALLOCATE that waits")
def test_signal(serve):
    node = serve().node("parport0")
    before = signal.signal(signal.SIGALRM, on_alarm)
    try:
        with ioctls.File(node) as holder, ioctls.File(node) as waiter:
            assert control(holder.fd, ALLOCATE) == (SUCCESS, b"")
            signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
            with pytest.raises(Alarm):
                control(waiter.fd, ALLOCATE)
            signal.setitimer(signal.ITIMER_REAL, 0)
            wait_in_line(node, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@case("a service that stops ends an ALLOCATE that waits")
def test_stop(serve):
    service = serve()
    node = service.node("parport0")
    holder, waiter = os.open(node, os.O_RDWR), os.open(node, os.O_RDWR)
    assert control(holder, ALLOCATE) == (SUCCESS, b"")
    waiting = in_thread(control, waiter, ALLOCATE)
    wait_in_line(node, 1)
    service.stop()
    assert joined(waiting) == (DELETE_PENDING, b"")
    for fd in (holder, waiter):
        assert error_of(os.close, fd) == "ENOTCONN"


@case("C-111 the first request opens a device for one file alone")
def test_open(serve):
    node = serve().node("lpt1")
    with ioctls.File(node) as one, ioctls.File(node) as other:
        told, modes = control(one.fd, GET_DEFAULT_MODES, CONTROL, room=4)
        assert (told, modes) == (SUCCESS, struct.pack("<HH", 4, 1))
        assert error_of(control, other.fd, GET_DEFAULT_MODES, CONTROL, room=4) == "EACCES"
        assert control(one.fd, ALLOCATE) == (INVALID_PARAMETER, b"")
        assert control(one.fd, QUERY_LOCATION, CONTROL, room=10) == (SUCCESS, b"LPT1\0")
    with ioctls.File(node) as other:
        wait_until(lambda: error_of(control, other.fd, GET_DEFAULT_MODES, CONTROL,
                                    room=4) == "no error", "the device to be free")


@case("C-150 C-153 after that write() is the device's, in turn with jobs")
def test_write(serve, tmp_path):
    paper = tmp_path / "paper"
    service = serve({"output": paper})
    node = service.node("lpt1")
    with ioctls.File(node) as device, ioctls.File(node) as job:
        assert control(device.fd, LOCK) == (SUCCESS, b"")
        writing = in_thread(os.write, job.fd, b"job")
        wait_in_line(service.node("parport0"), 1)
        assert os.write(device.fd, b"device ") == 7
        assert control(device.fd, UNLOCK) == (SUCCESS, b"")
        assert joined(writing) == 3
        assert os.write(device.fd, b" again") == 6
        os.fsync(device.fd)
        assert error_of(control, job.fd, GET_DEFAULT_MODES, CONTROL, room=4) == "EBUSY"
    wait_until(lambda: paper.read_bytes() == b"device job again", "all on the paper")


@case("C-156 a write() to a device is cancelled, with a partial count")
def test_partial(serve):
    service = serve(STOPPED)
    node = service.node("lpt1")
    with ioctls.File(node) as device:
        control(device.fd, GET_DEFAULT_MODES, CONTROL, room=4)
        writing = in_thread(os.write, device.fd, bytes(100))
        wait_until(lambda: status(service.node("parport0"))["state"] == HELD and device.pins()[1] & 0x80,
                   "a printer that has stopped")
        fcntl.ioctl(device.fd, ioctls.code(0, "O", 7, 0))
        assert joined(writing) == 10
        wait_until(lambda: status(service.node("parport0"))["state"] == FREE, "a free port")


@case("a device's file that is closed gives the port back")
def test_close(serve):
    service = serve()
    with ioctls.File(service.node("lpt1")) as device:
        assert control(device.fd, LOCK) == (SUCCESS, b"")
        assert status(service.node("parport0"))["state"] == HELD
    wait_until(lambda: is_free(service.node("parport0")), "a free port")


@case("max_hold puts out who keeps a device locked too long")
def test_max_hold(serve):
    service = serve({"max_hold": "300 ms"})
    with ioctls.File(service.node("lpt1")) as device, \
            ioctls.File(service.node("parport0")) as other:
        assert control(device.fd, LOCK) == (SUCCESS, b"")
        assert control(device.fd, UNLOCK) == (SUCCESS, b"")
        assert control(device.fd, LOCK) == (SUCCESS, b"")
        assert control(other.fd, ALLOCATE) == (SUCCESS, b"")
        assert error_of(control, device.fd, UNLOCK) == "EIO"
