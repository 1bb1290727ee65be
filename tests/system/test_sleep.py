# SPDX-License-Identifier: MIT
"""The machine goes to sleep and wakes up: told by a login manager on a bus of the test's own."""

import os
import pathlib
import select
import subprocess
import time

import pytest

from clients import status, wait_until
from lib import ioctls, paths

case = pytest.mark.case

WAIT_S = 30
FREE, HELD, RELEASING = 0, 2, 3
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>
"""


class Login:
    """The bus and the manager on it."""

    def __init__(self, work):
        self.bus = self.start_bus(work)
        fake = pathlib.Path(__file__).with_name("fake_login.py")
        self.process = subprocess.Popen(["/usr/bin/python3", str(fake)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, bufsize=0)
        assert self.line() == "ready"

    @staticmethod
    def start_bus(work):
        config, socket = work / "bus.conf", work / "bus"
        config.write_text(BUS.format(socket=socket))
        bus = subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork"],
                               stdin=subprocess.DEVNULL)
        wait_until(socket.exists, "the bus")
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={socket}"
        return bus

    def line(self):
        deadline, text = time.monotonic() + WAIT_S, b""
        while not text.endswith(b"\n"):
            left = max(0, deadline - time.monotonic())
            assert select.select([self.process.stdout], [], [], left)[0], "it says nothing"
            piece = os.read(self.process.stdout.fileno(), 1)
            assert piece, "the login manager has ended"
            text += piece
        return text.decode().strip()

    def tell(self, word):
        self.process.stdin.write(word.encode() + b"\n")

    def sleep(self):
        """Returns when nobody has anything against it any more."""
        self.tell("sleep")
        assert self.line() == "released"

    def wake(self):
        self.tell("wake")
        assert self.line() == "locked sleep parportd delay"

    def end(self):
        for process in (self.process, self.bus):
            process.kill()
            process.wait(WAIT_S)
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def login(tmp_path):
    before = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    one = Login(tmp_path)
    yield one
    one.end()
    del os.environ["DBUS_SYSTEM_BUS_ADDRESS"]
    if before is not None:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = before


@pytest.fixture
def awake(login, serve):
    """awake(...) is serve(...), and the service has the lock that it delays sleep with."""
    def start(*arguments, **settings):
        service = serve(*arguments, **settings)
        assert login.line() == "locked sleep parportd delay"
        return service

    return start


@case("asleep, a port is nobody's and who wants it waits; awake, it is his")
def test_claim(awake, login, client):
    service = awake({"scan": False})
    one = client(service.node("parport0"))
    login.sleep()
    assert status(service.node("parport0"))["state"] == RELEASING
    one.send("claim")
    assert not one.answered(0.2)
    login.wake()
    assert one.answer() == "ok" and one.do("release") == "ok"
    wait_until(lambda: status(service.node("parport0"))["state"] == FREE, "a free port")


@case("a holder keeps the port and finds the lines as he left them; his calls wait meanwhile")
def test_holder(awake, login, client):
    service = awake({"scan": False, "chip": "ecp-epp"})
    holder = client(service.node("parport0"))
    assert holder.do("claim") == holder.do("data 5a") == holder.do("control 06") == "ok"
    for _ in range(3):
        login.sleep()
        holder.send("control")
        assert not holder.answered(0.1)
        assert status(service.node("parport0"))["holder"] == holder.pid
        login.wake()
        assert holder.answer() == "ok 06"
        with ioctls.File(service.node("parport0")) as file:
            assert file.pins()[0] == 0x5a
    assert holder.do("release") == "ok"


@case("a page goes on with its next byte after a sleep: nothing is missing, nothing comes twice")
def test_job(awake, login, client):
    service = awake({"characters_per_second": 20000, "scan": False})
    job = client(service.node("lpt1"), os.O_WRONLY)
    job.send("count 30000")
    for _ in range(4):
        size = service.printed.stat().st_size if service.printed.exists() else 0
        wait_until(lambda: service.printed.exists() and service.printed.stat().st_size > size + 500,
                   "some more of the page")
        login.sleep()
        asleep = status(service.node("lpt1"))
        assert asleep["state"] == RELEASING
        login.wake()
    assert job.answer() == "ok 30000" and job.do("fsync") == "ok"
    page = bytes(n * 7 % 251 for n in range(30000))
    wait_until(lambda: service.printed.read_bytes() == page, "the page, byte for byte")


@case("what a program itself moves ends with its count before the power goes")
def test_write(awake, login, client):
    service = awake({"characters_per_second": 100, "scan": False})
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    holder.send("write x 1000")
    wait_until(lambda: service.printed.exists() and service.printed.stat().st_size > 3, "bytes")
    login.sleep()
    kind, count = holder.answer().split()
    login.wake()
    assert kind == "ok" and 3 < int(count) < 1000
    assert holder.do("release") == "ok"
    wait_until(lambda: service.printed.stat().st_size == int(count), "what was counted")


@case("a service that ends, reloads, or loses a port while the machine sleeps does so")
def test_asleep(awake, login, client):
    service = awake({"scan": False}, second={"scan": False})
    holder, waiter = client(service.node("parport1")), client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    login.sleep()
    waiter.send("claim")
    holder.send("status")
    service.reload({"parport0": service.ports["parport0"]})
    assert holder.answer() == "ENODEV"
    assert not waiter.answered(0.1)
    assert service.stop() == 0
    assert waiter.answer() == "ENODEV"


@case("without a bus, and when it has gone in the middle of a sleep, ports work all the same")
def test_bus_goes(awake, login, client):
    service = awake({"scan": False})
    one = client(service.node("parport0"))
    login.sleep()
    one.send("claim")
    login.end()
    assert one.answer() == "ok" and one.do("release") == "ok"
    service.stop()
    service.start()
    assert client(service.node("parport0")).do("claim") == "ok"


ACCESSES = ioctls.code(ioctls.READ, "O", 16, 8)
SHIM = paths.BUILD / "tests" / "system" / "slept.so"


def accesses(service):
    """How often the registers of parport0 have been used, by whomever."""
    with ioctls.File(service.node("parport0"), os.O_RDONLY) as file:
        return int.from_bytes(ioctls.read(file.fd, ACCESSES, 8), "little")


# Not where a sanitizer wants to be loaded before the shim.
@pytest.mark.own_build
@case("without a login manager the clocks tell of a sleep: registers come back, the holder's lines too")
def test_clocks(serve, client, tmp_path, monkeypatch):
    slept = tmp_path / "slept"
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    monkeypatch.setenv("OPP_SLEPT", str(slept))
    monkeypatch.setenv("LD_PRELOAD", str(SHIM))
    service = serve({"scan": False})
    monkeypatch.delenv("LD_PRELOAD")
    holder = client(service.node("parport0"))
    assert holder.do("claim") == holder.do("data 5a") == holder.do("control 06") == "ok"
    before = accesses(service)
    time.sleep(1.5)
    assert accesses(service) == before
    slept.touch()
    wait_until(lambda: accesses(service) > before, "the registers are written again")
    assert holder.do("control") == "ok 06"
    with ioctls.File(service.node("parport0")) as file:
        assert file.pins()[0] == 0x5a
    assert holder.do("release") == "ok"
