# SPDX-License-Identifier: MIT
"""./run and its demo: what is told is what the log says, and a log that lies is found out."""

import copy
import json
import os
import signal
import subprocess
import sys

import pytest

from clients import events, wait_in_line, wait_until
from lib import paths

case = pytest.mark.case

RUN = paths.ROOT / "run"
DEMO = paths.ROOT / "tools" / "demo"
LIMIT_S = 280


def judge(log, tmp_path):
    """What history.py says of these events: (exit status, its output)."""
    path = tmp_path / "doctored"
    path.write_text("".join(json.dumps(event) + "\n" for event in log))
    done = subprocess.run([sys.executable, "-B", str(DEMO / "history.py"), str(path)],
                          stdout=subprocess.PIPE, text=True, timeout=LIMIT_S)
    return done.returncode, done.stdout


@pytest.fixture
def true_log(serve, client):
    """Three in line behind a holder: one gives up, the holder dies, the others are served."""
    service = serve()
    node = service.node("parport0")
    holder, first, hasty, second = (client(node) for _ in range(4))
    assert holder.do("claim") == "ok"
    for place, (one, wish) in enumerate(((first, "claim"), (hasty, "allocate 300000"),
                                         (second, "claim")), 1):
        one.send(wish)
        wait_in_line(node, place)
    assert hasty.answer() == "EBUSY"
    assert holder.do("write x 100") == "ok 100"
    holder.end()
    for one in (first, second):
        assert one.answer() == "ok"
        assert one.do("release") == "ok"
    service.stop()
    return events(service.events)


def numbered(log):
    """The same events as if nothing were missing or moved."""
    for number, event in enumerate(log, 1):
        event["sequence"] = number
    return log


def at(log, kind, nth=0):
    return [place for place, event in enumerate(log) if event["event"] == kind][nth]


def without(kind, nth=0):
    def doctor(log):
        del log[at(log, kind, nth)]
        return numbered(log)
    return doctor


def twice(kind, nth=0):
    def doctor(log):
        place = at(log, kind, nth)
        log.insert(place + 1, copy.deepcopy(log[place]))
        return numbered(log)
    return doctor


def lost(log):
    del log[at(log, "queued")]
    return log


def wrong_heir(log):
    """The second in line is served before the first."""
    first, second = at(log, "granted", 1), at(log, "granted", 2)
    for key in ("request", "client", "pid"):
        log[first][key], log[second][key] = log[second][key], log[first][key]
    return log


def pushed_in(log):
    """Somebody who never waited is granted the port while others wait."""
    grant = log[at(log, "granted", 1)]
    grant.update(request=99, client=99)
    return log


def two_holders(log):
    """A waiter has the port before its holder is gone."""
    grant = log.pop(at(log, "granted", 1))
    log.insert(at(log, "dropped"), grant)
    return numbered(log)


def foreign_bytes(log):
    log[at(log, "transferred")]["client"] += 1
    return log


def foreign_release(log):
    log[at(log, "released")]["client"] += 1
    return log


def miscounted(log):
    log[at(log, "queued", 1)]["waiters"] += 1
    return log


DOCTORED = {
    "an event is missing": lost,
    "a release never happened": without("released"),
    "a holder never died": without("dropped"),
    "a wait never began": without("queued", 1),
    "a grant happened twice": twice("granted", 1),
    "a release happened twice": twice("released"),
    "a deadline passed twice": twice("expired"),
    "the second in line was served first": wrong_heir,
    "somebody pushed in": pushed_in,
    "two held the port": two_holders,
    "bytes moved for somebody else": foreign_bytes,
    "somebody else gave it back": foreign_release,
    "the waiters were miscounted": miscounted,
}


@case("the checker accepts what the service logged")
def test_true_log(true_log, tmp_path):
    assert judge(true_log, tmp_path) == \
        (0, f"parport0: {len(true_log)} events, 3 grants, 100 bytes, free, 0 in line\n")


@pytest.mark.parametrize("name", DOCTORED)
@case("the checker finds a doctored log out")
def test_doctored_log(true_log, tmp_path, name):
    status, said = judge(DOCTORED[name](true_log), tmp_path)
    assert status == 1, said
    assert said.count("\n") == 1 and "event" in said


@pytest.mark.parametrize("name", ["the second in line was served first", "two held the port"])
@case("the demo's story ends with exit status 1 when the hand-over is broken")
def test_broken_story(true_log, tmp_path, name):
    log = tmp_path / "doctored"
    log.write_text("".join(json.dumps(event) + "\n" for event in DOCTORED[name](true_log)))
    for folder in ("mount", "paper"):
        (tmp_path / folder).mkdir(exist_ok=True)
    done = subprocess.run([sys.executable, "-B", str(DEMO / "scene.py"), str(tmp_path / "paper"),
                           str(log), str(tmp_path / "none")], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, timeout=LIMIT_S)
    assert done.returncode == 1
    assert "The demo failed: event" in done.stdout


def environment(mount):
    return {**os.environ, "OPENPARPORT_MOUNT": str(mount)}


@pytest.mark.timeout(300)
@case("./run --demo plays its scene, compares the page and exits 0")
def test_demo(tmp_path):
    mount = tmp_path / "mount"
    done = subprocess.run([str(RUN), "--demo"], env=environment(mount), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout
    for told in ("is gone; 1 program in line", "gives up: not its turn by its deadline",
                 "The paper is the page, byte by byte: 22000 bytes.", "never two holders"):
        assert told in done.stdout, done.stdout
    assert not mount.exists()


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
@case("./run shows what happens, and ends cleanly on Ctrl-C and SIGTERM")
def test_run(tmp_path, number, status):
    mount, said = tmp_path / "mount", tmp_path / "said"
    with said.open("wb") as out:
        run = subprocess.Popen([str(RUN)], env=environment(mount), stdin=subprocess.DEVNULL,
                               stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait_until(lambda: "What happens:" in said.read_text(), "the service")
        subprocess.run(["sh", "-c", f"echo page > {mount}/lpt1"], check=True, timeout=LIMIT_S)
        wait_until(lambda: "has sent 5 bytes" in said.read_text(), "the page told")
    finally:
        os.killpg(run.pid, number) if number == signal.SIGINT else run.send_signal(number)
        assert run.wait(LIMIT_S) == status, said.read_text()
    assert not mount.exists()
    assert said.read_text().endswith("gives it back\n")
