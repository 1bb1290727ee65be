# SPDX-License-Identifier: MIT
"""Drives client.py processes; every wait ends."""

import json
import os
import pathlib
import select
import subprocess
import time

from lib import ioctls

WAIT_S = 20
# Its text, not its path: another user need not be able to read the tree.
PROGRAM = pathlib.Path(__file__).with_name("client.py").read_text()
FREE, GRANTING, HELD, RELEASING = 0, 1, 2, 3


def wait_until(condition, what, within_s=WAIT_S):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.005)


class Client:
    """One process with NODE open. do() sends and waits, send() only sends."""

    def __init__(self, node, flags=os.O_RDWR, prefix=()):
        argv = [*prefix, "/usr/bin/python3", "-c", PROGRAM, str(node), str(flags)]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        bufsize=0)
        self.pid = self.process.pid
        self.rest = b""
        assert self.answer() == "ready"

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")

    def answered(self, within_s=0):
        """True when an answer waits to be read."""
        return b"\n" in self.rest or bool(select.select([self.process.stdout], [], [], within_s)[0])

    def answer(self):
        deadline = time.monotonic() + WAIT_S
        while b"\n" not in self.rest:
            assert self.answered(max(0, deadline - time.monotonic())), "no answer"
            piece = os.read(self.process.stdout.fileno(), 4096)
            assert piece, "the client has ended"
            self.rest += piece
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode()

    def do(self, line):
        self.send(line)
        return self.answer()

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        self.process.kill()
        self.process.wait(WAIT_S)
        self.process.stdin.close()
        self.process.stdout.close()


def status(node):
    """What OPP_IOC_STATUS says: state, waiters, the holder, pids in line, the job printed."""
    with ioctls.File(node, os.O_RDONLY) as file:
        whole = ioctls.read(file.fd, ioctls.OWN_STATUS, ioctls.STATUS_BYTES)
    state, waiters, listed, _, _, behind = ioctls.STATUS.unpack_from(whole)[:6]
    holder = ioctls.WHO.unpack_from(whole, ioctls.STATUS.size)
    job = ioctls.WHO.unpack_from(whole, ioctls.STATUS.size + ioctls.WHO.size)
    line = [ioctls.WHO.unpack_from(whole, ioctls.STATUS.size + ioctls.WHO.size * (2 + i))[0]
            for i in range(listed)]
    return {"state": state, "waiters": waiters, "holder": holder[0], "kind": holder[1],
            "client": holder[3], "name": holder[4].rstrip(b"\0").decode(), "line": line,
            "job": job[0], "job kind": job[1], "job client": job[3],
            "job name": job[4].rstrip(b"\0").decode(), "jobs behind": behind}


def is_free(node):
    now = status(node)
    return now["state"] == FREE and now["waiters"] == 0


def wait_until_free(node):
    """A port given back is on its way to the next in line for some steps more."""
    wait_until(lambda: is_free(node), f"{node} free")


def wait_in_line(node, count):
    wait_until(lambda: status(node)["waiters"] == count, f"{count} in line")


def events(log):
    """The event log so far: its last line may still be on its way."""
    text = pathlib.Path(log).read_text() if pathlib.Path(log).exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]]
