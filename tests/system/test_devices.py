# SPDX-License-Identifier: MIT
"""The devices on a port as files: lpt1.0, lpt1.4, by-id; jobs, reading and modes on them."""

import contextlib
import errno
import fcntl
import os
import select
import signal
import stat
import struct
import subprocess
import threading
import time

import pytest

import command
from clients import HELD, events, status, wait_in_line, wait_until, wait_until_free
from lib import ioctls, paths

case = pytest.mark.case

LIMIT_S = 20
WIRE_BYTES = 32
ID_BYTES = 4096
NEGOTIATE = ioctls.code(3, "O", 9, WIRE_BYTES)
DEVICE_ID = ioctls.code(2, "O", 12, WIRE_BYTES + ID_BYTES)
SUCCESS, UNSUCCESSFUL = 0, 21
RESCAN = ioctls.code(2, "O", 30, 16)
LPSETTIMEOUT_NEW = 0x4010060F
LPGETSTATUS = 0x060B
LPRESET = 0x060C
NIBBLE, ECP = 0x00, 0x10
MODES = "nibble byte"
CHAIN = {"modes": MODES, "daisy": 2, "id": "MFG:End;MDL:Printer 4;",
         "daisy0_id": "MFG:Acme;MDL:Zip;", "daisy1_id": "MFG:Acme;MDL:Scanner;"}


def listed(service):
    return sorted(name for name in os.listdir(service.mount) if name not in ("by-id", "events"))


def links(service):
    folder, found = service.mount / "by-id", {}
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):  # it went meanwhile
            found[name] = os.readlink(folder / name)
    return found


def sim_set(service, *settings):
    done = command.run("sim", "set", "lpt1", *settings, mount=service.mount)
    assert (done.returncode, done.stderr) == (0, "")


def wait_listed(service, *names):
    wait_until(lambda: listed(service) == sorted(names), f"{names}, not {listed(service)}")


def rescan(node):
    """(status, devices of the chain, whether the one at its end has an id)."""
    with ioctls.File(node, os.O_RDONLY) as file:
        return struct.unpack_from("<III", ioctls.read(file.fd, RESCAN, 16))


def error_of(call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "no error"


def negotiate(fd, request):
    """(status, mode in force)."""
    wire = bytearray(WIRE_BYTES)
    wire[4] = request
    fcntl.ioctl(fd, NEGOTIATE, wire)
    return struct.unpack_from("<I", wire)[0], wire[5]


def device_id(fd):
    answer = ioctls.read(fd, DEVICE_ID, WIRE_BYTES + ID_BYTES)
    state, count = struct.unpack_from("<I", answer)[0], struct.unpack_from("<I", answer, 8)[0]
    assert state == 0
    return answer[WIRE_BYTES + 2:WIRE_BYTES + count].decode()


def printed(service):
    return service.printed.read_bytes() if service.printed.exists() else b""


@pytest.fixture
def opened():
    """opened(path, flags) opens a file that is closed at the end."""
    fds = []

    def start(path, flags=os.O_RDWR):
        fds.append(os.open(path, flags))
        return fds[-1]

    yield start
    for fd in fds:
        os.close(fd)


# ---- what there is ---------------------------------------------------------------------------


@case("each device of a chain and the one at its end is a file, with a link by its id")
def test_files(serve):
    service = serve(CHAIN)
    assert listed(service) == ["lpt1", "lpt1.0", "lpt1.1", "lpt1.4", "parport0"]
    assert links(service) == {"Acme_Zip": "../lpt1.0", "Acme_Scanner": "../lpt1.1",
                              "End_Printer_4": "../lpt1.4"}
    about = os.stat(service.mount / "by-id" / "Acme_Zip")
    assert stat.S_ISREG(about.st_mode) and stat.S_IMODE(about.st_mode) == 0o660
    assert about.st_ino == os.stat(service.node("lpt1.0")).st_ino


@case("exclusive = wait: who wants the port alone waits for the jobs of every device of the chain")
def test_alone_on_a_chain(serve, client):
    service = serve({**CHAIN, "exclusive": "wait"})
    node = service.node("parport0")
    jobs = [client(service.node(name), os.O_WRONLY) for name in ("lpt1", "lpt1.0")]
    for job in jobs:
        assert job.do("write x 3") == "ok 3"
    alone = client(node)
    assert alone.do("exclusive") == "ok"
    alone.send("claim")
    wait_in_line(node, 1)
    assert jobs[0].do("close") == "ok"
    assert not alone.answered(0.2)
    assert jobs[1].do("close") == "ok"
    assert alone.answer() == "ok"


@pytest.mark.parametrize("most", range(5))
@case("daisy_devices says how many of a chain are shown; one at the end without an id is not")
def test_limits(serve, most):
    service = serve({"modes": MODES, "daisy": 4, "daisy_devices": most, "id": "none"})
    assert listed(service) == \
        ["lpt1", *(f"lpt1.{place}" for place in range(most)), "parport0"]
    assert rescan(service.node("lpt1")) == (0, most, 0)


@case("two of four devices are shown where nothing is configured")
def test_default_limit(serve):
    assert listed(serve({"modes": MODES, "daisy": 4})) == \
        ["lpt1", "lpt1.0", "lpt1.1", "lpt1.4", "parport0"]


@case("a port without scan is left alone until somebody asks")
def test_no_scan(serve):
    service = serve({**CHAIN, "scan": False})
    assert listed(service) == ["lpt1", "parport0"]
    sim_set(service, "daisy=1")
    time.sleep(0.2)
    assert listed(service) == ["lpt1", "parport0"] and events(service.events) == []
    assert rescan(service.node("parport0")) == (0, 1, 1)
    assert listed(service) == ["lpt1", "lpt1.0", "lpt1.4", "parport0"]


@case("ids of a hostile peripheral make harmless names, each once")
def test_hostile_ids(serve):
    long = "x" * 100
    service = serve(
        {"modes": MODES, "daisy": 3, "daisy_devices": 3, "id": f"MFG:{long};MDL:{long};",
         "daisy0_id": "MFG:../../etc;MDL:$(reboot)`' | /;", "daisy1_id": "MFG:.;MDL:..;",
         "daisy2_id": "MFG:only a maker;"},
        second={"modes": MODES, "daisy": 2, "daisy0_id": "MFG:.;MDL:..;", "id": "MFG:.;MDL:..;"})
    names = links(service)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._")
               for name in names)
    # Two ports are looked at at the same time: which of three equal ones comes first is open.
    assert sorted(names.pop(name) for name in ("___.", "___._2", "___._3")) == \
        ["../lpt1.1", "../lpt2.0", "../lpt2.4"]
    assert names == {
        "_._.._etc__reboot_": "../lpt1.0", f"{31 * 'x'}_{31 * 'x'}": "../lpt1.4",
        "OpenParport_Simulated_device_1": "../lpt2.1",
    }


# ---- coming and going --------------------------------------------------------------------------


@case("files come and go with the simulation's chain and peripheral")
def test_come_and_go(serve):
    service = serve(CHAIN)
    before = os.stat(service.mount).st_mtime_ns
    sim_set(service, "daisy=1")
    wait_listed(service, "lpt1", "lpt1.0", "lpt1.4", "parport0")
    assert os.stat(service.mount).st_mtime_ns > before
    done = command.run("sim", "detach", "lpt1", mount=service.mount)
    assert done.returncode == 0
    wait_listed(service, "lpt1", "lpt1.0", "parport0")
    sim_set(service, "daisy=0", "peripheral=printer")
    wait_listed(service, "lpt1", "lpt1.4", "parport0")
    assert links(service) == {"End_Printer_4": "../lpt1.4"}


@case("a change of the chip comes through while the devices are looked for")
def test_chip_behind_scan(serve):
    service = serve({"modes": "none"})
    for chip in 3 * ("ps2", "ecp"):
        sim_set(service, "modes=none", f"chip={chip}")


@case("whose device is gone hears ENODEV from every call, and POLLERR; others go on")
def test_departed(serve, opened):
    service = serve(CHAIN)
    fd, raw = opened(service.node("lpt1.0")), opened(service.node("lpt1"))
    assert os.write(fd, b"x") == 1
    sim_set(service, "daisy=0")
    wait_listed(service, "lpt1", "lpt1.4", "parport0")
    assert error_of(os.write, fd, b"x") == "ENODEV"
    assert error_of(os.read, fd, 1) == "ENODEV"
    assert error_of(os.fsync, fd) == "ENODEV"
    assert error_of(device_id, fd) == "ENODEV"
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    assert poll.poll(1000) == [(fd, select.POLLERR | select.POLLHUP)]
    assert os.fstat(fd).st_nlink == 0
    assert os.write(raw, b"page") == 4
    sim_set(service, "daisy=1")
    wait_listed(service, "lpt1", "lpt1.0", "lpt1.4", "parport0")
    assert error_of(os.write, fd, b"x") == "ENODEV"
    assert os.write(opened(service.node("lpt1.0")), b"x") == 1


@case("another device in the place of one is another file; the same one again is the same")
def test_exchanged(serve, opened):
    service = serve(CHAIN)
    fd = opened(service.node("lpt1.4"))
    assert rescan(service.node("lpt1")) == (0, 2, 1)
    assert os.write(fd, b"x") == 1
    sim_set(service, "id=MFG:Else;MDL:One;")
    wait_until(lambda: "Else_One" in links(service), "the new name")
    assert error_of(os.write, fd, b"x") == "ENODEV"
    assert "End_Printer_4" not in links(service)


@case("a write that waits when its device goes tells its exact count, or ENODEV")
def test_departs_meanwhile(serve, client):
    service = serve({**CHAIN, "characters_per_second": 4000})
    jobs = [client(service.node("lpt1.4"), os.O_WRONLY) for _ in range(2)]
    jobs[0].send("write a 20000")
    wait_until(lambda: len(printed(service)) > 20, "some bytes")
    jobs[1].send("write b 10")
    poller = client(service.node("lpt1.4"), os.O_WRONLY)
    poller.send("poll 10000")
    sim_set(service, "id=MFG:Else;MDL:One;")
    word, count = jobs[0].answer().split()
    assert word == "ok" and 0 < int(count) < 20000
    assert jobs[1].answer() == "ENODEV"
    assert poller.answer() == f"ok {select.POLLERR | select.POLLHUP}"
    wait_until(lambda: printed(service) == int(count) * b"a", "what was told is on paper")
    assert jobs[0].do("write a 1") == "ENODEV"


@case("a rescan stands in line, tells all who asked, and a signal ends the wait for it")
def test_rescan_in_line(serve, client):
    service = serve(CHAIN)
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    answers = []
    asking = [threading.Thread(target=lambda: answers.append(rescan(service.node("lpt1"))))
              for _ in range(5)]
    for thread in asking:
        thread.start()
    script = ("import fcntl, os, sys; fd = os.open(sys.argv[1], os.O_RDONLY);"
              "fcntl.ioctl(fd, int(sys.argv[2]), bytearray(16))")
    killed = subprocess.Popen(["/usr/bin/python3", "-c", script, service.node("lpt1"), str(RESCAN)])
    wait_in_line(service.node("parport0"), 1)
    killed.kill()
    assert killed.wait(LIMIT_S) == -signal.SIGKILL
    assert answers == []
    assert holder.do("release") == "ok"
    for thread in asking:
        thread.join(LIMIT_S)
    assert answers == 5 * [(0, 2, 1)]


@case("a peripheral that is slow on purpose does not keep the port for its id")
def test_slow_id(serve, client):
    service = serve({"modes": MODES, "response_us": 30000, "id": f"MFG:Slow;MDL:{200 * 'x'};"})
    assert listed(service) == ["lpt1", "parport0"]
    one = client(service.node("parport0"))
    assert one.do("claim") == "ok"


@case("a scan that is cut short takes nobody's device away")
def test_cut_short(serve):
    service = serve({"modes": MODES, "id": f"MFG:Slow;MDL:{60 * 'x'};"})
    assert "lpt1.4" in listed(service)
    sim_set(service, "response_us=30000")
    assert rescan(service.node("lpt1"))[0] not in (SUCCESS, UNSUCCESSFUL)
    assert "lpt1.4" in listed(service)


# ---- jobs ------------------------------------------------------------------------------------


@case("each device has a line of jobs of its own; lpt1 and lpt1.4 share one")
def test_lines(serve, client):
    service = serve(CHAIN)
    raw, end, first, second = (client(service.node(name), os.O_WRONLY)
                               for name in ("lpt1", "lpt1.4", "lpt1.0", "lpt1.0"))
    assert raw.do("write a 3") == "ok 3"
    assert first.do("write x 3") == "ok 3"
    end.send("write b 3")
    second.send("write y 3")
    assert not end.answered(0.2) and not second.answered()
    assert status(service.node("lpt1.4"))["job"] == raw.pid
    assert status(service.node("lpt1.0"))["job"] == first.pid
    assert status(service.node("lpt1.0"))["jobs behind"] == 1
    assert raw.do("write A 1") == "ok 1"
    assert raw.do("close") == "ok" and end.answer() == "ok 3"
    assert not second.answered(0.1)
    assert first.do("close") == "ok" and second.answer() == "ok 3"
    wait_until(lambda: printed(service) == b"aaaAbbb", "one job after the other")


@case("a device has the port for a piece only; it is selected for that and let go afterwards")
def test_selected(serve, client):
    service = serve(CHAIN)
    job = client(service.node("lpt1.1"), os.O_WRONLY)
    assert job.do("write x 20000") == "ok 20000"
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    job.send("write y 5")
    wait_in_line(service.node("lpt1"), 1)
    assert not job.answered()
    assert holder.do("release") == "ok" and job.answer() == "ok 5"
    with ioctls.File(service.node("lpt1")) as file:
        assert device_id(file.fd) == CHAIN["id"]
    assert printed(service) == b""
    service.stop()
    checked = subprocess.run([paths.ROOT / "tools" / "demo" / "history.py", service.events],
                             stdout=subprocess.PIPE, text=True, timeout=LIMIT_S)
    assert (checked.returncode, "contradict" in checked.stdout.lower()) == (0, False)


@case("a kick puts out the job of a device of the chain, too")
def test_kick(serve, client):
    service = serve(CHAIN)
    job = client(service.node("lpt1.0"), os.O_WRONLY)
    assert job.do("write x 1") == "ok 1"
    with ioctls.File(service.node("parport0")) as file:
        file.kick(status(service.node("lpt1.0"))["job client"])
    assert job.do("write x 1") == "EIO"


@case("O_NONBLOCK on a device: EAGAIN while the port is held, and while it has nothing to say")
def test_nonblock(serve, client, opened):
    service = serve(CHAIN)
    holder = client(service.node("parport0"))
    fd = opened(service.node("lpt1.0"), os.O_RDWR | os.O_NONBLOCK)
    assert error_of(os.read, fd, 10) == "EAGAIN"
    assert holder.do("claim") == "ok"
    assert error_of(os.write, fd, b"x") == "EAGAIN"
    assert error_of(os.read, fd, 10) == "EAGAIN"
    assert holder.do("release") == "ok"
    wait_until_free(service.node("parport0"))
    assert os.write(fd, b"x") == 1


# ---- reading ---------------------------------------------------------------------------------


def speaking(serve, tmp_path, says, **keys):
    source = tmp_path / "says"
    source.write_bytes(says)
    return serve({**CHAIN, "input": str(source), **keys})


@case("read() brings what the device says, in pieces, and mixes with write() on the same file")
def test_read(serve, tmp_path, opened):
    says = bytes(range(256)) * 40
    service = speaking(serve, tmp_path, says)
    fd = opened(service.node("lpt1"))
    heard = os.read(fd, 10)
    assert os.write(fd, b"query") == 5
    while len(heard) < len(says):
        heard += os.read(fd, 100000)
    assert heard == says
    wait_until(lambda: printed(service) == b"query", "the query printed")


@case("a read of one device is not told what another one says")
def test_read_of_device(serve, tmp_path, opened):
    service = speaking(serve, tmp_path, b"from the end")
    fd = opened(service.node("lpt1.0"))
    fcntl.ioctl(fd, LPSETTIMEOUT_NEW, struct.pack("<qq", 0, 200000))
    assert error_of(os.read, fd, 100) == "ETIMEDOUT"
    assert os.read(opened(service.node("lpt1.4")), 100) == b"from the end"


@case("a read waits for its job's turn, and keeps the turn as a write does")
def test_read_is_a_job(serve, tmp_path, client):
    service = speaking(serve, tmp_path, b"0123456789")
    first, second = (client(service.node("lpt1")) for _ in range(2))
    assert first.do("read 4") == "ok 4"
    second.send("read 100")
    assert not second.answered(0.2)
    assert first.do("close") == "ok"
    assert second.answer() == "ok 6"


@case("a write need not wait for a read of the same file that waits for the answer")
def test_write_passes_read(serve, opened):
    service = serve(CHAIN)
    fd = opened(service.node("lpt1"))
    fcntl.ioctl(fd, LPSETTIMEOUT_NEW, struct.pack("<qq", 2, 0))
    told = []
    reader = threading.Thread(target=lambda: told.append(error_of(os.read, fd, 1)))
    reader.start()
    wait_until(lambda: status(service.node("lpt1"))["job"] == os.getpid(), "the read has its turn")
    assert os.write(fd, 5000 * b"w") == 5000 and told == []
    reader.join(LIMIT_S)
    assert told == ["ETIMEDOUT"]
    wait_until(lambda: printed(service) == 5000 * b"w", "what was written meanwhile")


@case("a signal ends a read that waits")
def test_read_interrupted(serve, client):
    service = serve(CHAIN)
    one = client(service.node("lpt1"))
    assert one.do("handle interrupt") == "ok"
    one.send("read 1")
    wait_until(lambda: status(service.node("lpt1"))["job"] == one.pid, "the read has its turn")
    assert not one.answered(0.2)
    one.signal(signal.SIGUSR1)
    assert one.answer() == "EINTR"


@case("a printer that knows no mode to read in gives EIO")
def test_read_refused(serve, opened):
    assert error_of(os.read, opened(serve({"modes": "none"}).node("lpt1")), 1) == "EIO"


@case("poll tells of something to read when there is, and of nothing when there is not")
def test_poll(serve, tmp_path, opened):
    service = speaking(serve, tmp_path, b"word")
    fd, deaf = opened(service.node("lpt1")), opened(service.node("lpt1"), os.O_WRONLY)
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    assert poll.poll(5000) == [(fd, select.POLLIN)]
    assert os.read(fd, 10) == b"word"
    assert poll.poll(300) == []
    poll.modify(fd, select.POLLIN | select.POLLOUT)
    assert poll.poll(5000) == [(fd, select.POLLOUT)]
    blind = select.poll()
    blind.register(deaf, select.POLLIN)
    assert blind.poll(200) == []


@case("a file that is closed while poll() looks for data leaves a port that works")
def test_poll_closed(serve, client):
    service = serve(CHAIN)
    for _ in range(20):
        looker = client(service.node("lpt1"))
        looker.send("poll 10000")
        looker.end()
    with ioctls.File(service.node("lpt1")) as file:
        assert device_id(file.fd) == CHAIN["id"]
    wait_until_free(service.node("parport0"))


# ---- modes, ids, lp's calls -------------------------------------------------------------------


@case("ECP that was agreed on is what write() and read() are in from then on")
def test_forward_mode(serve, tmp_path, opened):
    service = speaking(serve, tmp_path, b"answer", chip="ecp", modes="nibble ecp")
    fd = opened(service.node("lpt1.4"))
    assert negotiate(fd, ECP) == (0, 3)
    assert negotiate(fd, 0x40)[0] != 0
    page = bytes(range(256)) * 20
    assert os.write(fd, page) == len(page)
    assert os.read(fd, 6) == b"answer"
    os.fsync(fd)
    wait_until(lambda: printed(service) == page, "the page, byte for byte")
    wait_until_free(service.node("parport0"))


@case("each file tells the id of its own device; parport0's own calls are refused there")
def test_ids(serve, opened):
    service = serve(CHAIN)
    for name, key in (("lpt1.0", "daisy0_id"), ("lpt1.1", "daisy1_id"), ("lpt1.4", "id"),
                      ("lpt1", "id")):
        assert device_id(opened(service.node(name))) == CHAIN[key]
    fd = opened(service.node("lpt1.0"))
    for number in (ioctls.PPCLAIM, ioctls.code(3, "O", 10, WIRE_BYTES),
                   ioctls.code(3, "O", 11, WIRE_BYTES)):
        assert error_of(fcntl.ioctl, fd, number, bytearray(WIRE_BYTES)) == "EINVAL"


@case("within another's job no mode is agreed on, no id is asked for and nothing is reset")
def test_within_a_job(serve, opened):
    service = serve(CHAIN)
    job, other = opened(service.node("lpt1.4")), opened(service.node("lpt1"))
    beside = opened(service.node("lpt1.0"))
    assert negotiate(other, NIBBLE)[0] == 0
    assert os.write(job, b"page") == 4
    assert error_of(negotiate, other, NIBBLE) == "EBUSY"
    assert error_of(device_id, other) == "EBUSY"
    assert error_of(fcntl.ioctl, other, LPRESET) == "EBUSY"
    assert device_id(job) == CHAIN["id"]
    assert device_id(beside) == CHAIN["daisy0_id"]
    fcntl.ioctl(job, LPRESET)


@case("LPSETTIMEOUT with a size shortens the patience; calls without one are refused")
def test_lp_calls(serve, opened):
    service = serve({"paper_out": True})
    fd = opened(service.node("lpt1"), os.O_WRONLY)
    for wrong in ((0, 0), (-1, 0), (0, -1), (0, 1000000), (1 << 40, 0)):
        assert error_of(fcntl.ioctl, fd, LPSETTIMEOUT_NEW, struct.pack("<qq", *wrong)) == "EINVAL"
    fcntl.ioctl(fd, LPSETTIMEOUT_NEW, struct.pack("<qq", 0, 100000))
    started = time.monotonic()
    assert error_of(os.write, fd, b"page") == "ENOSPC"
    assert time.monotonic() - started < LIMIT_S
    assert error_of(fcntl.ioctl, fd, LPGETSTATUS, bytearray(4)) == "EINVAL"


@case("who may not open the port may not open its devices, by any name")
def test_outsider(serve, open_dir):
    service = serve(CHAIN)
    for name in ("lpt1.0", "lpt1.4", "by-id/Acme_Zip"):
        outsider = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c",
             'true < "$0"', str(service.node(name))], stderr=subprocess.PIPE, text=True,
            timeout=LIMIT_S)
        assert outsider.returncode != 0 and "Permission denied" in outsider.stderr


@case("holding the port does not keep who may see it from the names; the device is told in its turn")
def test_names_while_held(serve, client):
    service = serve(CHAIN)
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    sim_set(service, "daisy=1")
    wait_in_line(service.node("parport0"), 1)
    assert listed(service) == ["lpt1", "lpt1.0", "lpt1.1", "lpt1.4", "parport0"]
    assert status(service.node("parport0"))["state"] == HELD
    assert holder.do("release") == "ok"
    wait_listed(service, "lpt1", "lpt1.0", "lpt1.4", "parport0")
