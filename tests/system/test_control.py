# SPDX-License-Identifier: MIT
"""OPP_IOC_CONTROL, the documented requests, on the files parport0 and lpt1 themselves."""

import errno
import fcntl
import os
import signal
import struct
import threading

import pytest

import command
from clients import FREE, HELD, status, wait_in_line, wait_until, wait_until_free
from lib import ioctls

case = pytest.mark.case

HEAD = struct.Struct("<IIIIIBBH")
INTERNAL, CONTROL = 0x0F, 0x0E
ALLOCATE, RELEASE = 0x16002C, 0x1600A0
LOCK, UNLOCK = 0x160094, 0x160098
GET_DEFAULT_MODES, QUERY_LOCATION = 0x160028, 0x160058
SUCCESS, DELETE_PENDING, INVALID_PARAMETER = 0, 4, 18
STOPPED = {"busy_every_bytes": 10, "busy_extra_us": 60000000}
NAMED = {"modes": "nibble byte", "id": "MFG:End;MDL:Printer 4;"}
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
        wait_until_free(node)
        for file in (other, one):
            file.call(ioctls.PPCLAIM)
            file.byte(ioctls.PPRSTATUS)
            file.call(ioctls.PPRELEASE)
        wait_until_free(node)


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


def wait_until_alarm(node):
    """Exits with 0 when the signal has ended the wait. A process: signals reach its only thread."""
    signal.signal(signal.SIGALRM, on_alarm)
    with ioctls.File(node) as waiter:
        signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
        try:
            control(waiter.fd, ALLOCATE)
        except Alarm:
            os._exit(0)
    os._exit(1)


@case("a signal ends an ALLOCATE that waits")
def test_signal(serve):
    node = serve().node("parport0")
    with ioctls.File(node) as holder:
        assert control(holder.fd, ALLOCATE) == (SUCCESS, b"")
        pid = os.fork()
        if pid == 0:
            wait_until_alarm(node)
        assert os.waitpid(pid, 0)[1] == 0
        wait_in_line(node, 0)
        assert status(node)["state"] == HELD


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
        error_of(os.close, fd)


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


@case("C-150 C-153 after that write() is the device's, and jobs wait until it is closed")
def test_write(serve):
    service = serve()
    node = service.node("lpt1")
    with ioctls.File(node) as job:
        with ioctls.File(node) as device:
            assert control(device.fd, LOCK) == (SUCCESS, b"")
            writing = in_thread(os.write, job.fd, b"job")
            wait_until(lambda: status(node)["jobs behind"] == 1, "the job behind it")
            assert os.write(device.fd, b"device ") == 7
            assert control(device.fd, UNLOCK) == (SUCCESS, b"")
            assert os.write(device.fd, b"again ") == 6
            os.fsync(device.fd)
            wait_until(lambda: service.printed.read_bytes() == b"device again ", "the device's bytes")
        assert joined(writing) == 3
        assert error_of(control, job.fd, GET_DEFAULT_MODES, CONTROL, room=4) == "EBUSY"
    wait_until(lambda: service.printed.read_bytes() == b"device again job", "all on the paper")


@case("no device is opened while a job is open there, by neither of its names")
def test_open_within_a_job(serve):
    service = serve(NAMED)
    names = [service.node(name) for name in ("lpt1", "lpt1.4")]
    with ioctls.File(names[0]) as job:
        assert os.write(job.fd, b"first half, ") == 12
        for name in names:
            with ioctls.File(name) as device:
                assert error_of(control, device.fd, GET_DEFAULT_MODES, CONTROL, room=4) == "EBUSY"
        assert os.write(job.fd, b"second half") == 11
    with ioctls.File(names[0]) as device, ioctls.File(names[1]) as other:
        wait_until(lambda: error_of(control, device.fd, GET_DEFAULT_MODES, CONTROL,
                                    room=4) == "no error", "the end of the job")
        assert error_of(control, other.fd, GET_DEFAULT_MODES, CONTROL, room=4) == "EACCES"
    wait_until(lambda: service.printed.read_bytes() == b"first half, second half", "one page")


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
    wait_until_free(service.node("parport0"))


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


def reading(device):
    """A thread in a documented READ that nothing answers."""
    control(device.fd, GET_DEFAULT_MODES, CONTROL, room=4)
    return in_thread(error_of, os.read, device.fd, 1)


@case("max_hold puts out a READ that waits too long for an answer")
def test_max_hold_read(serve):
    service = serve({**NAMED, "max_hold": "300 ms"})
    port = service.node("parport0")
    with ioctls.File(service.node("lpt1")) as device, ioctls.File(port) as other:
        waiting = reading(device)
        wait_until(lambda: status(port)["holder"] or not waiting[0].is_alive(), "the READ at work")
        assert control(other.fd, ALLOCATE) == (SUCCESS, b"")
        assert joined(waiting) == "EIO"
        assert error_of(os.write, device.fd, b"x") == "EIO"


@case("max_hold ends a WRITE to a printer that has stopped, with its count")
def test_max_hold_write(serve):
    service = serve({**STOPPED, "max_hold": "300 ms"})
    with ioctls.File(service.node("lpt1")) as device:
        control(device.fd, GET_DEFAULT_MODES, CONTROL, room=4)
        assert joined(in_thread(os.write, device.fd, bytes(100))) == 10
        assert error_of(os.write, device.fd, b"x") == "EIO"


@case("kick puts out a documented READ, at work or in line, and the job behind it is printed")
@pytest.mark.parametrize("in_line", [False, True])
def test_kick(serve, in_line):
    service = serve(NAMED)
    node, port = service.node("lpt1"), service.node("parport0")
    with ioctls.File(node) as device, ioctls.File(node) as job, ioctls.File(port) as holder:
        if in_line:
            assert control(holder.fd, ALLOCATE) == (SUCCESS, b"")
        waiting = reading(device)
        wait_until(lambda: status(port)["waiters" if in_line else "holder"], "the READ to wait")
        writing = in_thread(os.write, job.fd, b"job")
        wait_until(lambda: status(node)["jobs behind"] == 1, "the job behind it")
        holder.kick(status(node)["job client"])
        assert joined(waiting) == "EIO"
        if in_line:
            assert control(holder.fd, RELEASE) == (SUCCESS, b"")
        assert joined(writing) == 3


@case("a READ that waits when its device departs ends with ENODEV")
def test_depart(serve):
    service = serve(NAMED)
    port = service.node("parport0")
    with ioctls.File(service.node("lpt1.4")) as device, ioctls.File(port) as holder:
        control(device.fd, GET_DEFAULT_MODES, CONTROL, room=4)
        assert control(holder.fd, ALLOCATE) == (SUCCESS, b"")
        done = command.run("sim", "set", "lpt1", "id=MFG:Else;MDL:One;", mount=service.mount)
        assert (done.returncode, done.stderr) == (0, "")
        wait_in_line(port, 1)
        waiting = reading(device)
        wait_in_line(port, 2)
        assert control(holder.fd, RELEASE) == (SUCCESS, b"")
        assert joined(waiting) == "ENODEV"
