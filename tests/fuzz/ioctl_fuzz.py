#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rude programs on a mount of parportd: ioctl_fuzz.py [SECONDS [SEED]]

Several processes do what comes to their mind to the files of two ports, on one or several threads,
and are killed at any moment. Afterwards the service must live, both ports must be free, a page must
print, the event log must make sense, and the service (with sanitizers, when built so) must end well.
Reports in TAP; SEED makes the same programs have the same ideas again.
"""

import fcntl
import os
import pathlib
import random
import select
import signal
import struct
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "system"), str(ROOT / "tools" / "demo")]

from clients import events, is_free, wait_until  # noqa: E402
from history import Contradiction, History  # noqa: E402
from lib.ioctls import OWN_STATUS  # noqa: E402
from lib.service import Service, ServiceError  # noqa: E402

PROGRAMS = 6
LIFE_S = 0.7            # a program lives about as long
PATIENCE_S = 0.03       # for one call that waits
PORTS = {
    "parport0": {"chip": "ecp-epp", "modes": "nibble byte ecp ecp_rle epp", "daisy": 1},
    "parport1": {"paper_out": True, "fault_timeout": "30 ms", "max_hold": "60 ms",
                 "exclusive": "wait"},
}
FILES = ["parport0", "lpt1", "parport1", "lpt2", "lpt1.0", "lpt1.1", "lpt1.4", "events"]
FLAGS = [os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_RDWR | os.O_NONBLOCK, os.O_WRONLY | os.O_TRUNC,
         os.O_WRONLY | os.O_APPEND, os.O_RDWR | os.O_EXCL]
PPDEV = [(number, size) for number in range(0x80, 0x9C) for size in (0, 1, 2, 4, 8, 16)]
CLAIM, CANCEL = 0x708B, 0x4F07
# Negotiation, chain, selection, device id; the simulation set and shown; devices looked for.
OWN_WIRE = (0xC0204F09, 0xC0204F0A, 0xC0204F0B, 0x90204F0C, 0xD1644F0D, 0xBE844F0E, 0x80104F1E)

# A batch, bytes both ways; what submits, reaps and cancels.
BATCH, SUBMIT, REAP = 0xD8184F14, 0x61104F17, 0xA1104F18
OWN_LATER = (BATCH, 0xE0304F15, 0xE0304F16, SUBMIT, REAP, REAP, 0x40084F19)

# ALLOCATE, SELECT, INIT_1284_3_BUS, chip modes ...; LOCK, NEGOTIATE, ids, CONNECT ...
DOCUMENTED = [0x160000 | function << 2
              for function in (11, 40, 23, 24, 22, 19, 20, 12, 21, 37, 38, 52, 53, 5, 6, 3, 9, 30)]
MAJORS = (15, 15, 15, 14, 14, 3, 4, 5, 0, 2, 0x12, 0x1B)

SIM_SET = OWN_WIRE[4]
# What a port can be turned into and still print a page afterwards.
SIMULATED = [(b"chip", (b"spp", b"ps2", b"epp", b"ecp", b"ecp-epp")),
             (b"modes", (b"none", b"nibble", b"nibble byte ecp ecp_rle epp")),
             (b"daisy", (b"0", b"1", b"4")), (b"response_us", (b"0", b"2", b"900")),
             (b"id", (b"none", b"MFG:X;")), (b"rude", (b"none", b"5:never", b"7:late:500"))]


class Interrupted(Exception):
    """The alarm went off."""


def on_alarm(*_):
    raise Interrupted


def any_code(chance):
    kind = chance.randrange(10)
    if kind < 5:
        number, size = chance.choice(PPDEV)
        return chance.choice((0, 1, 2, 3)) << 30 | size << 16 | 0x7000 | number
    if kind < 8:
        return chance.choice((0x4F00, 0x40084F01, 0x80044F02, OWN_STATUS, 0x81084F04, 0x80084F05,
                              0x40084F06, 0x4F07, 0x80044F08, *OWN_WIRE, *OWN_WIRE, *OWN_LATER))
    return chance.getrandbits(32)


def ioctl(chance, fd):
    number = any_code(chance)
    size = max(number >> 16 & 0x3FFF, 16)
    wish = chance.choice((chance.randbytes(16), struct.pack("<QQ", chance.randrange(40000), 0),
                          struct.pack("<ii", chance.randrange(-2, 3), chance.randrange(1 << 20))))
    if chance.randrange(20) == 0:
        fcntl.ioctl(fd, number, chance.choice((0, 1, -4096)))
    else:
        fcntl.ioctl(fd, number, bytearray(wish.ljust(size, b"\xa5")))


def claim_and_release(_, fd):
    fcntl.ioctl(fd, CLAIM)
    fcntl.ioctl(fd, 0x708C)


def claim_in_threads(_, fd):
    def claim():
        try:
            fcntl.ioctl(fd, CLAIM)
        except OSError:
            pass

    threads = [threading.Thread(target=claim, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        fcntl.ioctl(fd, CANCEL)
        time.sleep(0.001)


def write(chance, fd):
    os.write(fd, chance.randbytes(chance.choice((0, 1, 7, 4096, 20000))))


def look_round(_, fd):
    """In the folder that the open file is in, while files and links come and go."""
    folder = pathlib.Path(os.readlink(f"/proc/self/fd/{fd}").removesuffix(" (deleted)")).parent
    for link in (folder / "by-id").iterdir():
        link.stat()
    os.listdir(folder)


def simulate(chance, fd):
    key, values = chance.choice(SIMULATED)
    wish = struct.pack("<I32s4096s320s", 0, key, chance.choice(values), b"")
    fcntl.ioctl(fd, SIM_SET, bytearray(wish))


def batch(chance, fd):
    count = chance.randrange(6)
    ops = b"".join(struct.pack("<BBBBIQQ", chance.randrange(9), chance.getrandbits(8),
                               chance.getrandbits(8), 0, 0, chance.randrange(3000000), 0)
                   for _ in range(count))
    head = struct.pack("<IIQII", count, chance.randrange(2), chance.randrange(5000), 0, 0)
    fcntl.ioctl(fd, BATCH, bytearray((head + ops).ljust(BATCH >> 16 & 0x3FFF, b"\0")))


def submit(chance, fd):
    wish = struct.pack("<QII", chance.randrange(4), any_code(chance), 0)
    more = chance.choice((chance.randbytes(24), struct.pack("<QQ", chance.randrange(20000), 0)))
    fcntl.ioctl(fd, SUBMIT, bytearray((wish + more).ljust(SUBMIT >> 16 & 0x3FFF, b"\0")))
    if chance.randrange(3):
        fcntl.ioctl(fd, REAP, bytearray(REAP >> 16 & 0x3FFF))


def documented(chance, fd):
    """A documented request, mostly one that the port or device knows; its lengths seldom fit."""
    code = chance.choice(DOCUMENTED) if chance.randrange(8) else 0x160000 | chance.randrange(64) << 2
    size = chance.choice((0, 0, 1, 8, 32, 120, 8192))
    lengths = [chance.choice((0, size, chance.randrange(size + 2))) for _ in range(2)]
    head = struct.pack("<IIIIIBBH", 0, 0, code, *lengths, chance.choice(MAJORS),
                       chance.choice((8, 8, 8, 8, 4)), 0)
    buffer = chance.choice((bytes(size), chance.randbytes(size)))
    fcntl.ioctl(fd, 3 << 30 | (len(head) + size) << 16 | 0x4F0F, bytearray(head + buffer))


def poll(chance, fd):
    waiting = select.poll()
    waiting.register(fd, chance.getrandbits(8))
    waiting.poll(chance.choice((0, 1, 20)))


ACTIONS = [ioctl] * 12 + [claim_and_release] * 3 + [write] * 3 + [simulate] * 2 + [submit] * 3 + [documented] * 5 + [
    look_round,
    batch,
    claim_in_threads,
    poll,
    lambda chance, fd: os.read(fd, chance.choice((0, 1, 5000))),
    lambda chance, fd: os.fsync(fd),
    lambda chance, fd: os.close(os.dup(fd)),
    lambda chance, fd: os.ftruncate(fd, chance.getrandbits(40)),
    lambda chance, fd: os.lseek(fd, chance.getrandbits(40), os.SEEK_SET),
    lambda chance, fd: os.pwrite(fd, b"x", chance.getrandbits(40)),
]


def act(chance, fds, mount):
    if not fds or chance.randrange(12) == 0:
        fds.append(os.open(mount / chance.choice(FILES), chance.choice(FLAGS)))
    elif chance.randrange(12) == 0:
        os.close(fds.pop(chance.randrange(len(fds))))
    else:
        chance.choice(ACTIONS)(chance, chance.choice(fds))


def program(mount, seed):
    """One rude program; never returns."""
    chance = random.Random(seed)
    fds = []
    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_S, PATIENCE_S)
    while True:
        try:
            while True:
                act(chance, fds, mount)
        except (OSError, Interrupted):
            pass


def start_program(mount, seed):
    child = os.fork()
    if child == 0:
        # Nothing of the parent's, such as ending the service, may happen here.
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            while True:
                try:
                    program(mount, seed)
                except Interrupted:
                    pass
        finally:
            os._exit(1)
    return child


def be_rude(mount, seconds, seed):
    """Keeps PROGRAMS of them alive and kills one now and then. Returns how many there were."""
    chance = random.Random(seed)
    started, children = 0, []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        while len(children) < PROGRAMS:
            children.append(start_program(mount, seed + started))
            started += 1
        time.sleep(LIFE_S / PROGRAMS)
        victim = children.pop(chance.randrange(PROGRAMS))
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return started


def lives(service):
    assert service.process.poll() is None, "it has ended"


def ports_are_free(service):
    for name in PORTS:
        wait_until(lambda name=name: is_free(service.node(name)), f"{name} free")


def prints(service, printed):
    page = os.urandom(5000)
    before = printed.stat().st_size
    fd = os.open(service.node("lpt1"), os.O_WRONLY)
    try:
        assert os.write(fd, page) == len(page)
    finally:
        os.close(fd)
    wait_until(lambda: printed.stat().st_size == before + len(page), "the page")
    assert printed.read_bytes()[before:] == page, "another page"


def ends(service):
    status = service.stop()
    assert status == 0, f"exit status {status}:\n{service.said()}"


def log_is_true(log):
    history = History()
    for event in events(log):
        history.add(event)
    assert history.ports["parport0"].grants > 0


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().getrandbits(32)
    print(f"1..5\n# seed {seed}, {seconds:g} s", flush=True)
    with tempfile.TemporaryDirectory() as work:
        printed, log = pathlib.Path(work) / "printed", pathlib.Path(work) / "events"
        ports = {"parport0": {"output": str(printed)}, "parport1": PORTS["parport1"]}
        service = Service(work, ports, {"log": str(log)}).start()
        checks = [("lives", lambda: lives(service)),
                  ("has both ports free", lambda: ports_are_free(service)),
                  ("prints a page", lambda: prints(service, printed)),
                  ("ends well", lambda: ends(service)),
                  ("has logged what can have happened", lambda: log_is_true(log))]
        failed = 0
        try:
            print(f"# {be_rude(service.mount, seconds, seed)} rude programs", flush=True)
            for number, (name, check) in enumerate(checks, 1):
                try:
                    check()
                    print(f"ok {number} - after rude programs the service {name}", flush=True)
                except (AssertionError, OSError, ServiceError, Contradiction) as wrong:
                    failed += 1
                    print(f"not ok {number} - after rude programs the service {name}", flush=True)
                    print("\n".join(f"# {line}" for line in str(wrong).splitlines()), flush=True)
        finally:
            try:
                service.stop()
            except ServiceError as wrong:
                print("\n".join(f"# {line}" for line in str(wrong).splitlines()), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
