# SPDX-License-Identifier: MIT
"""Runs the command parport for a test; every wait ends."""

import json
import os
import pty
import select
import subprocess
import time

from lib import paths

PARPORT = paths.BUILD / "src" / "front" / "cli" / "parport"
WAIT_S = 60

SUCCESS, FAILED, USAGE = 0, 1, 2
NO_PORT, NOT_PERMITTED, REMOVED, KICKED, NOT_POSSIBLE = 110, 111, 112, 113, 114
PAPER_OUT, OFF_LINE, DEVICE_ERROR, NOT_CONNECTED = 115, 116, 117, 118
NO_ANSWER = 120
BUSY = 124


def environment(mount):
    return {**os.environ, "OPENPARPORT_MOUNT": str(mount)}


def argv(arguments):
    return [str(word) for word in [PARPORT, *arguments]]


def run(*arguments, mount="/nonexistent", **options):
    """Runs it to its end; standard input is empty unless `input` says otherwise."""
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("text", True)
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(argv(arguments), env=environment(mount), timeout=WAIT_S,
                          stderr=subprocess.PIPE, **options)


def facts(*arguments, mount="/nonexistent"):
    """The JSON that a verb prints; the verb must succeed and say nothing else."""
    done = run(*arguments, "--json", mount=mount)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def start(*arguments, mount="/nonexistent", **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(argv(arguments), env=environment(mount), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def wait_until(condition, what):
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {WAIT_S} s for: {what}"
        time.sleep(0.02)


def state_of(process):
    """The letter of /proc/PID/stat: S sleeps, T is stopped."""
    with open(f"/proc/{process.pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0]


def finish(process):
    """(exit status, standard output, standard error) of a started one."""
    try:
        out, err = process.communicate(timeout=WAIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return process.returncode, out, err


def run_on_terminal(*arguments, mount):
    """(exit status, what the terminal got): both outputs of the command are a terminal."""
    ours, its = pty.openpty()
    process = subprocess.Popen(argv(arguments), env=environment(mount), stdin=subprocess.DEVNULL,
                               stdout=its, stderr=its)
    os.close(its)
    text = b""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        ready, _, _ = select.select([ours], [], [], 0.1)
        try:
            if ready:
                text += os.read(ours, 4096)
        except OSError:
            break
    os.close(ours)
    return process.wait(WAIT_S), text.decode()
