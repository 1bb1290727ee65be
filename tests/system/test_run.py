# SPDX-License-Identifier: MIT
"""./run and its demo: what is told is what the log says, and a log that lies is found out."""

import contextlib
import copy
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

import pytest

from clients import events, wait_in_line, wait_until
from lib import paths

case = pytest.mark.case
pytestmark = pytest.mark.own_build

RUN = paths.ROOT / "run"
DEMO = paths.ROOT / "tools" / "demo"
LIMIT_S = 280
NOBODY = 65534


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
        (0, f"parport0: {len(true_log)} events, 4 grants, 100 bytes, free, 0 in line\n")


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


def run_to_its_end(mount, *words, argv=(RUN,)):
    return subprocess.run([str(word) for word in (*argv, *words)], env=environment(mount),
                          text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT_S)


@pytest.mark.timeout(300)
@case("./run --demo plays its scene, compares the page and exits 0")
def test_demo(tmp_path):
    mount = tmp_path / "mount"
    done = run_to_its_end(mount, "--demo")
    assert done.returncode == 0, done.stdout
    for told in ("is gone; 1 program in line", "gives up: not its turn by its deadline",
                 "The paper is the page, byte by byte: 22000 bytes.", "never two holders"):
        assert told in done.stdout, done.stdout
    assert not mount.exists()


@pytest.fixture
def started(tmp_path):
    """started() begins ./run on tmp_path/mount and returns when .said, its output, has UNTIL."""
    running = []

    def start(argv=(RUN,), until="What happens:"):
        said = tmp_path / "said"
        with said.open("wb") as out:
            run = subprocess.Popen([str(word) for word in argv],
                                   env=environment(tmp_path / "mount"), stdout=out,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   start_new_session=True)
        running.append(run)
        run.said = said
        with contextlib.suppress(AssertionError):
            wait_until(lambda: until in said.read_text() or run.poll() is not None, until, LIMIT_S)
        assert until in said.read_text(), f"./run said only {said.read_text()[-500:]!r}"
        return run

    yield start
    for run in running:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGTERM)
            run.wait(LIMIT_S)


def paper_folder(run):
    return pathlib.Path(re.search(r"the paper is (.*)/printed$", run.said.read_text(), re.M)[1])


def served_by(run):
    """The process id of its parportd."""
    children = pathlib.Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
    pid, = [child for child in children
            if pathlib.Path(f"/proc/{child}/comm").read_text() == "parportd\n"]
    return int(pid)


@pytest.mark.parametrize("number, again, status", [
    (signal.SIGINT, False, 0), (signal.SIGINT, True, 0), (signal.SIGTERM, False, 143),
], ids=["Ctrl-C", "Ctrl-C again and again", "SIGTERM"])
@case("./run shows what happens, and ends cleanly on Ctrl-C and SIGTERM")
def test_run(started, tmp_path, number, again, status):
    mount, run = tmp_path / "mount", started()
    folder = paper_folder(run)
    subprocess.run(["sh", "-c", f"echo page > {mount}/lpt1"], check=True, timeout=LIMIT_S)
    wait_until(lambda: "has sent 5 bytes" in run.said.read_text(), "the page told")
    wait_until(lambda: run.said.read_text().endswith("gives it back\n"), "the end of the job told")
    os.killpg(run.pid, number) if number == signal.SIGINT else run.send_signal(number)
    while again and run.poll() is None:
        os.killpg(run.pid, number)
        time.sleep(0.001)
    assert run.wait(LIMIT_S) == status, run.said.read_text()
    assert not mount.exists() and not folder.exists()
    assert run.said.read_text().endswith("gives it back\n")


@pytest.mark.parametrize("words, until", [
    ([], "What happens:"), (["--demo"], "has the port"),
], ids=["plain", "demo"])
@case("./run, when its service dies: says so, exit status 1, and nothing is left mounted")
def test_run_service_dies(started, tmp_path, words, until):
    run = started([RUN, *words], until)
    os.kill(served_by(run), signal.SIGKILL)
    assert run.wait(LIMIT_S) == 1
    assert "parportd has ended, exit status 137" in run.said.read_text()
    assert not os.path.ismount(tmp_path / "mount")
    assert os.listdir(tmp_path / "mount") == []


@pytest.mark.parametrize("words", [[], ["--demo"]], ids=["plain", "demo"])
@case("./run on a directory that is served already: says what to do, exit status 1, harms nobody")
def test_run_served_already(serve, client, words):
    service = serve()
    scanner = service.process.pid
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    done = run_to_its_end(service.mount, *words)
    assert done.returncode == 1
    assert f"{service.mount} is served already" in done.stdout
    assert "OPENPARPORT_MOUNT=" in done.stdout and "Served, until" not in done.stdout
    assert holder.do("release") == "ok"
    service.stop()
    assert {event["pid"] for event in events(service.events)} == {scanner, holder.pid}


@case("./run, when its service cannot start: says why, exit status 1")
def test_run_cannot_start(tmp_path):
    file = tmp_path / "file"
    file.write_text("no directory")
    done = run_to_its_end(file)
    assert done.returncode == 1
    assert "not a directory" in done.stdout and "parportd has ended, exit status 1" in done.stdout
    assert "Served, until" not in done.stdout


ORDINARY = """
mount --bind "$1" /dev/fuse
exec setpriv --reuid=65534 --regid=65534 --clear-groups "$2"
"""


@pytest.fixture
def ordinary():
    """ordinary(mode of /dev/fuse): the words that start ./run of a tree of an ordinary user's own.

    Such a user can build and serve there; the tree and the device are his alone. Nothing of the
    environment of these tests reaches him: not even a TMPDIR that only root may write to.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        tree = shutil.copytree(paths.ROOT, folder / "tree",
                               ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))
        own = {"HOME": folder / "home", "TMPDIR": folder / "tmp",
               "XDG_RUNTIME_DIR": folder / "runtime"}
        for path in own.values():
            path.mkdir()
        for path in (tree, *tree.rglob("*"), *own.values()):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

        def words(mode):
            device = folder / f"fuse-{mode:o}"
            os.mknod(device, stat.S_IFCHR, os.makedev(10, 229))
            device.chmod(mode)
            return ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                    *(f"{name}={path}" for name, path in own.items()),
                    "unshare", "--mount", "sh", "-ec", ORDINARY, "sh", device, tree / "run"]

        yield words


@pytest.mark.timeout(600)
@case("./run as an ordinary user: serves where /dev/fuse is open to him, else says what is wrong")
def test_run_ordinary(ordinary, started):
    run = started(ordinary(0o666))
    mount = re.search(r"^  (.*)/parport0 ", run.said.read_text(), re.M)[1]
    assert mount.endswith("/runtime/openparport")
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(LIMIT_S) == 0, run.said.read_text()
    assert not os.path.exists(mount)
    done = run_to_its_end(None, argv=ordinary(0o600))
    assert done.returncode == 1
    assert "is /dev/fuse there, and open to you?" in done.stdout
    assert not os.path.exists(mount)
