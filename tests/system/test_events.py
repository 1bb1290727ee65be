# SPDX-License-Identifier: MIT
"""The file events: what happens to ports and devices, a line of JSON each, to whoever reads."""

import errno
import fcntl
import json
import os
import select
import signal
import stat
import subprocess
import time

import pytest

from clients import events, wait_until
from lib import ioctls, paths

case = pytest.mark.case

LIMIT_S = 20
CHAIN = {"modes": "nibble byte", "daisy": 2}


class Reader:
    """Has the file open; takes what has come, without waiting for more."""

    def __init__(self, service, flags=0):
        self.fd = os.open(service.node("events"), os.O_RDONLY | os.O_NONBLOCK | flags)
        self.rest = b""
        self.told = []

    def take(self, most=65536):
        while True:
            try:
                self.rest += os.read(self.fd, most)
            except BlockingIOError:
                break
        *lines, self.rest = self.rest.split(b"\n")
        self.told += [json.loads(line) for line in lines]
        return self.told

    def wait(self, condition, what):
        wait_until(lambda: condition(self.take()), what)
        return self.told

    def kinds(self):
        return [event["event"] for event in self.take()]


@pytest.fixture
def reader():
    """reader(service) opens the file of events."""
    readers = []

    def start(service):
        readers.append(Reader(service))
        return readers[-1]

    yield start
    for one in readers:
        os.close(one.fd)


def sim_set(service, key, value):
    wish = bytearray(4 + 32 + 4096 + 320)
    for at, text in ((4, key.encode()), (36, value.encode())):
        wish[at:at + len(text)] = text
    with ioctls.File(service.node("lpt1")) as file:
        fcntl.ioctl(file.fd, ioctls.code(3, "O", 13, len(wish)), wish)
    assert wish[:4] == bytes(4)


def claims(service, count):
    with ioctls.File(service.node("parport0")) as file:
        for _ in range(count):
            file.call(ioctls.PPCLAIM)
            file.call(ioctls.PPRELEASE)


@case("what happens to a port is told in its order, and nothing from before the file was opened")
def test_told(serve, client, reader):
    service = serve()
    claims(service, 3)
    one = reader(service)
    first, second = (client(service.node("parport0")) for _ in range(2))
    assert first.do("claim") == "ok"
    second.send("claim")
    one.wait(lambda told: len(told) >= 2, "one in line")
    assert first.do("kick") == "ok" and second.answer() == "ok"
    second.end()
    told = one.wait(lambda told: len(told) >= 5, "the end of both")
    assert [(event["event"], event["pid"]) for event in told] == \
        [("granted", first.pid), ("queued", second.pid), ("kicked", first.pid),
         ("granted", second.pid), ("dropped", second.pid)]
    numbers = [event["sequence"] for event in told]
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    assert {event["port"] for event in told} == {"parport0"}


@case("jobs begin and end in the line of their device, with their bytes; a fault is told")
def test_jobs(serve, client, reader):
    service = serve({**CHAIN, "fault_timeout": "100 ms"})
    one = reader(service)
    jobs = [client(service.node(name), os.O_WRONLY) for name in ("lpt1", "lpt1.4", "lpt1.0")]
    assert jobs[0].do("write x 10") == "ok 10"
    jobs[1].send("write y 20")
    assert jobs[2].do("write z 30") == "ok 30"
    sim_set(service, "paper_out", "yes")
    assert jobs[0].do("write x 10") == "ENOSPC"
    sim_set(service, "paper_out", "no")
    for job in jobs:
        assert job.do("close") == "ok" or job.answer() == "ok"
    told = one.wait(lambda told: sum(event["event"] == "job ended" for event in told) == 3,
                    "three jobs")
    turns = [(event["event"], event["device"], event["pid"], event["bytes"]) for event in told
             if event["event"].startswith("job")]
    assert turns == [
        ("job begun", "lpt1", jobs[0].pid, 0), ("job begun", "lpt1.0", jobs[2].pid, 0),
        ("job ended", "lpt1", jobs[0].pid, 10), ("job begun", "lpt1.4", jobs[1].pid, 0),
        ("job ended", "lpt1.4", jobs[1].pid, 20), ("job ended", "lpt1.0", jobs[2].pid, 30)]
    faults = [event["fault"] for event in told if "fault" in event]
    assert faults == ["the device is out of paper"]


@case("devices arrive and depart; an id of any bytes is told as JSON that is whole")
def test_devices(serve, reader):
    service = serve({**CHAIN, "id": "none"})
    one = reader(service)
    sim_set(service, "daisy", "1")
    one.wait(lambda told: told and told[-1]["event"] == "departed", "one that departs")
    wild = 'MFG:\u00ff"\\\u0080/;MDL:</b>' + 1500 * "\u00e9" + ";"
    sim_set(service, "id", wild)
    told = one.wait(lambda told: told[-1]["event"] == "arrived", "one that arrives")
    assert told[-1]["device"] == "lpt1.4" and told[-1]["port"] == "parport0"
    # The device says bytes, whatever they mean to it.
    assert told[-1]["id"].encode("latin-1").decode() == wild
    sim_set(service, "daisy", "2")
    told = one.wait(lambda told: told[-1]["event"] == "arrived" and
                    told[-1]["device"] == "lpt1.1", "the other one again")
    assert told[-1]["link"] == "OpenParport_Simulated_device_1"


@case("a reader that does not read loses the oldest and is told how many; another one loses nothing")
def test_slow(serve, reader):
    service = serve({"scan": False})
    slow, quick = reader(service), reader(service)
    for _ in range(30):
        claims(service, 100)
        quick.take()
    total = 2 * 3000
    wait_until(lambda: len(events(service.events)) == total, "the log")
    quick.wait(lambda told: told and told[-1].get("sequence") == total, "the last event")
    assert [event["sequence"] for event in quick.told] == list(range(1, total + 1))
    slow.wait(lambda told: told and told[-1].get("sequence") == total, "the last event")
    lost = slow.told[0]
    assert lost["event"] == "lost" and lost["count"] > 0
    assert [event["sequence"] for event in slow.told[1:]] == \
        list(range(lost["count"] + 1, total + 1))


@case("bytes come in pieces of any size; poll and signals work as on a pipe")
def test_reading(serve, client, reader):
    service = serve({"scan": False})
    one = reader(service)
    poll = select.poll()
    poll.register(one.fd, select.POLLIN)
    assert poll.poll(100) == []
    claims(service, 2)
    assert poll.poll(5000) == [(one.fd, select.POLLIN)]
    assert [event["sequence"] for event in one.take(most=1)] == [1, 2, 3, 4]
    sleeper = client(service.node("events"), os.O_RDONLY)
    assert sleeper.do("handle interrupt") == "ok"
    sleeper.send("read 1")
    assert not sleeper.answered(0.2)
    sleeper.signal(signal.SIGUSR1)
    assert sleeper.answer() == "EINTR"
    sleeper.send("read 100000")
    assert not sleeper.answered(0.1)
    claims(service, 1)
    word, count = sleeper.answer().split()
    assert word == "ok" and int(count) > 50


@case("events are for those who may read the ports, and nobody writes them")
def test_rights(serve, open_dir):
    service = serve()
    node = service.node("events")
    about = os.stat(node)
    assert stat.S_ISREG(about.st_mode) and stat.S_IMODE(about.st_mode) == 0o440
    assert about.st_gid == os.stat(service.node("parport0")).st_gid
    outsider = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "cat", str(node)],
        stderr=subprocess.PIPE, text=True, timeout=LIMIT_S)
    assert outsider.returncode != 0 and "Permission denied" in outsider.stderr
    fd = os.open(node, os.O_RDWR)
    for call, error in ((lambda: os.write(fd, b"x"), errno.EPERM),
                        (lambda: fcntl.ioctl(fd, ioctls.PPCLAIM), errno.EINVAL),
                        (lambda: fcntl.ioctl(fd, ioctls.OWN_KICK, bytes(8)), errno.EINVAL)):
        with pytest.raises(OSError) as failed:
            call()
        assert failed.value.errno == error
    os.close(fd)


@case("watchers that come, read a little and are killed cost nobody anything")
def test_rude_watchers(serve, client):
    service = serve({"scan": False})
    rude = [client(service.node("events"), os.O_RDONLY) for _ in range(20)]
    for turn in range(10):
        for one in rude[turn::2]:
            one.send("read 7")
        claims(service, 100)
        rude.pop().end()
    for one in rude:
        one.end()
    claims(service, 10)


@case("SIGTERM: who waits for events hears ENODEV")
def test_sigterm(serve, client):
    service = serve({"scan": False})
    sleeper = client(service.node("events"), os.O_RDONLY)
    sleeper.send("read 10")
    time.sleep(0.1)
    assert service.stop() == 0
    assert sleeper.answer() in ("ENODEV", "ENOTCONN", "ECONNABORTED")


@case("what jobs and ports tell at the same time loses nothing that the service has to do")
def test_jobs_and_ports(serve, client, reader):
    service = serve(CHAIN)
    one = reader(service)
    # One post of the watch stood in the loop's list twice, and what was behind it was lost.
    writers = [client(service.node(f"lpt1.{place}"), os.O_WRONLY) for place in (0, 1)]
    rounds = 10 if paths.is_sanitized() else 40
    for _ in range(rounds):
        for writer in writers:
            writer.send("write x 100000")
        for _ in range(5):
            job = os.open(service.node("lpt1"), os.O_WRONLY)
            assert os.write(job, b"x") == 1
            os.close(job)
        assert [writer.answer() for writer in writers] == 2 * ["ok 100000"]
        one.take()
    one.wait(lambda told: sum(event["event"] == "job ended" for event in told) == 5 * rounds,
             "all jobs")
