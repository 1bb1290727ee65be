# SPDX-License-Identifier: MIT
"""What parportd tells systemd and the journal, and what it brings for them; no systemd runs here."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import pytest

from clients import wait_in_line, wait_until
from command import run
from lib import paths

case = pytest.mark.case

PARPORTD = paths.BUILD / "src" / "front" / "fuse" / "parportd"
DATA = paths.ROOT / "data"
UNIT = paths.BUILD / "data" / "parportd.service"
LIMIT_S = 30
USER = "nobody"


class Listener:
    """A datagram socket and every message that came so far."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        os.chmod(path, 0o666)
        self.socket.setblocking(False)
        self.messages = []

    def all(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                lines = self.socket.recv(65536).decode().splitlines()
                self.messages.append(dict(line.split("=", 1) for line in lines if "=" in line))
        return self.messages

    def wait(self, what, **fields):
        """The first message that has these fields."""
        def found():
            return [m for m in self.all() if all(m.get(k) == v for k, v in fields.items())]

        wait_until(found, what)
        return found()[0]


@pytest.fixture
def listener(tmp_path):
    one = Listener(tmp_path / "socket")
    one.path = tmp_path / "socket"
    yield one
    one.socket.close()


# ---- Type=notify -----------------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--user", USER]], ids=["plain", "--user"])
@case("systemd hears READY when the files are there, what the ports do, that it lives, STOPPING")
def test_notify(serve, client, open_dir, listener, options, tmp_path):
    if options:
        shutil.chown(tmp_path, USER)
    service = serve(second={}, start=False)
    service.options = options
    service.environment = {"NOTIFY_SOCKET": str(listener.path), "WATCHDOG_USEC": "200000",
                           "ASAN_OPTIONS": "detect_leaks=0"}
    service.start()
    ready = listener.wait("READY", READY="1")
    assert ready["STATUS"] == "2 ports, 0 in use, 0 programs waiting"
    holder, waiter = (client(service.node("parport0")) for _ in range(2))
    assert holder.do("claim") == "ok"
    waiter.send("claim")
    wait_in_line(service.node("parport0"), 1)
    listener.wait("the pulse", WATCHDOG="1", STATUS="2 ports, 1 in use, 1 program waiting")
    assert not [m for m in listener.all() if "STOPPING" in m]
    assert service.stop() == 0
    listener.wait("STOPPING", STOPPING="1")


@case("systemd hears no READY of a service that does not start")
def test_notify_failure(serve, listener):
    service = serve({"output": "/no/such/folder/file"}, start=False)
    done = subprocess.run([str(PARPORTD), "--foreground", "--mount", service.mount, "--config",
                           service.config], timeout=LIMIT_S, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "NOTIFY_SOCKET": str(listener.path)}, check=False)
    assert done.returncode == 1
    assert not [m for m in listener.all() if "READY" in m]


# ---- what administrators are told -------------------------------------------------------------

IN_JOURNAL = """
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal && touch /run/systemd/journal/socket &&
mount --bind "$1" /run/systemd/journal/socket && shift && exec "$@"
"""
KICKED, FAULT = "50a86de328c8443b9d639648df7eecf3", "28de53984f5c4e3c89e7217be1472166"


@pytest.fixture
def in_journal(serve, listener, tmp_path):
    """A service whose stderr is the journal's, in a view of the file system of its own."""
    service = serve({"max_hold": "200 ms", "fault_timeout": "100 ms"}, start=False)
    with open(tmp_path / "stderr", "wb") as stderr:
        about = os.fstat(stderr.fileno())
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", IN_JOURNAL, "sh", str(listener.path), str(PARPORTD),
             "--foreground", "--mount", str(service.mount), "--config", str(service.config)],
            env={**os.environ, "JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr)
    service.inside = pathlib.Path(f"/proc/{process.pid}/root{service.mount}")
    service.pid = process.pid
    try:
        listener.wait("ready", EVENT="ready")
        yield service
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_S) == 0
        assert listener.wait("the end", EVENT="ending")["PRIORITY"] == "6"
        assert (tmp_path / "stderr").read_bytes() == b""
    finally:
        process.kill()
        process.wait(LIMIT_S)


@case("journal: who was put out, of which port, why, and what it has to do, with fields to filter by")
def test_journal_kicked(in_journal, client, listener):
    holder = client(in_journal.inside / "parport0")
    assert holder.do("claim") == "ok"
    told = listener.wait("kicked", EVENT="kicked")
    assert told["MESSAGE"] == (
        f"parport0: python3 (pid {holder.pid}) was put out, by max_hold or 'parport kick'; 0 in line "
        "are served; to use the port again it has to open it anew")
    assert (told["PORT"], told["CLIENT_PID"], told["CLIENT_NAME"], told["MESSAGE_ID"],
            told["PRIORITY"], told["SYSLOG_IDENTIFIER"]) == \
        ("parport0", str(holder.pid), "python3", KICKED, "5", "parportd")


@case("journal: a printer's fault names the program, the bytes that went out and the remedy, once")
def test_journal_fault(in_journal, client, listener):
    mount = str(in_journal.inside)
    assert run("sim", "set", "parport0", "paper_out=yes", mount=mount).returncode == 0
    job = client(in_journal.inside / "lpt1", os.O_WRONLY)
    assert (job.do("write x 10"), job.do("write x 10")) == ("ENOSPC", "ENOSPC")
    told = listener.wait("the fault", EVENT="fault")
    assert re.fullmatch(rf"parport0: python3 \(pid {job.pid}\) moved 0 bytes, then: .*; put paper in",
                        told["MESSAGE"])
    assert (told["MESSAGE_ID"], told["PRIORITY"], told["BYTES"]) == (FAULT, "4", "0")
    assert len([m for m in listener.all() if m.get("EVENT") == "fault"]) == 1


def fill(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other, \
            contextlib.suppress(BlockingIOError):
        other.setblocking(False)
        while True:
            other.sendto(b"FROM=another", str(path))


@case("journal: one that takes nothing makes nobody wait; what is missing is counted when it does again")
def test_journal_full(in_journal, client, listener):
    fill(listener.path)
    os.kill(in_journal.pid, signal.SIGHUP)
    one = client(in_journal.inside / "parport0")
    assert one.do("claim") == "ok" and one.do("release") == "ok"
    # Nothing shows that it was not taken but what comes in front of a line that is.
    listener.all()
    assert not [m for m in listener.all() if m.get("EVENT") == "reloaded"]

    def is_counted():
        os.kill(in_journal.pid, signal.SIGHUP)
        return [m for m in listener.all() if "missing here" in m.get("MESSAGE", "")]

    wait_until(is_counted, "the count")
    assert re.match(r"\d+ lines are missing here: nobody took them", is_counted()[0]["MESSAGE"])


@case("every line's EVENT and MESSAGE_ID stand in the administrators' documentation")
def test_documented():
    source = (paths.ROOT / "src" / "front" / "fuse" / "say.c").read_text()
    documented = (paths.ROOT / "docs" / "administration.md").read_text()
    sayings = re.findall(r'= \{ "(\w+)", "([0-9a-f]{32})"', source)
    assert len(sayings) >= 7 and len({number for _, number in sayings}) == len(sayings)
    for event, number in sayings:
        assert f"| {event} | {number} |" in documented


@case("without a journal the same lines are on stderr, and nothing when all is well")
def test_stderr(serve, client):
    service = serve({"max_hold": "200 ms"})
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    wait_until(service.said, "a line")
    wait_until(lambda: service.said().endswith("\n"), "all of it")
    assert service.said().startswith(f"parportd: parport0: python3 (pid {holder.pid}) was put out")
    assert service.said().count("\n") == 1


# ---- what is installed for systemd -------------------------------------------------------------


def answer_of(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, timeout=LIMIT_S, check=False)


@case("the unit: no warning of systemd, and an exposure that is no higher than documented")
def test_unit(tmp_path):
    unit = tmp_path / "parportd.service"
    unit.write_text(re.sub("ExecStart=[^ ]*", f"ExecStart={PARPORTD}", UNIT.read_text()))
    verified = answer_of("systemd-analyze", "verify", "--man=no", str(unit))
    assert (verified.returncode, verified.stdout) == (0, "")
    judged = answer_of("systemd-analyze", "security", "--offline=yes", "--no-pager", str(unit))
    exposure = float(re.search(r"Overall exposure level for .*: ([0-9.]+)", judged.stdout)[1])
    said = re.search(r"exposure of ([0-9.]+)",
                     (paths.ROOT / "docs" / "administration.md").read_text())
    assert float(said[1]) == exposure


@case("sysusers and tmpfiles: a user parportd in group lp, and folders that are his or root's")
def test_users(tmp_path):
    (tmp_path / "etc").mkdir()
    made = answer_of("systemd-sysusers", f"--root={tmp_path}",
                     str(DATA / "systemd" / "openparport.sysusers"))
    assert made.returncode == 0, made.stdout
    user = (tmp_path / "etc" / "passwd").read_text().split(":")
    assert (user[0], user[6]) == ("parportd", "/usr/sbin/nologin\n")
    groups = (tmp_path / "etc" / "group").read_text().splitlines()
    group = {line.split(":")[0]: line.split(":") for line in groups}
    assert group["lp"][3] == "parportd"
    placed = answer_of("systemd-tmpfiles", "--create", f"--root={tmp_path}",
                       str(DATA / "systemd" / "openparport.tmpfiles"))
    assert placed.returncode == 0, placed.stdout
    for place, uid, gid, mode in (("run/openparport", "0", "0", 0o755),
                                  ("run/parportd", user[2], group["lp"][2], 0o755),
                                  ("var/log/openparport", user[2], group["lp"][2], 0o750),
                                  ("var/spool/openparport", user[2], group["lp"][2], 0o750)):
        about = os.stat(tmp_path / place)
        assert (about.st_uid, about.st_gid) == (int(uid), int(gid))
        assert about.st_mode & 0o777 == mode


@case("the unit lets ppdev be used that is loaded later, and keeps the mount in everybody's view")
def test_unit_view():
    settings = UNIT.read_text().splitlines()
    assert "DeviceAllow=char-99 rw" in settings and "PrivateMounts=no" in settings


@case("the example's files are in the folders that are made for the service")
def test_example_places():
    made = {line.split()[1] for line in (DATA / "systemd" / "openparport.tmpfiles").read_text()
            .splitlines() if line.startswith("d ")}
    named = re.findall(r'(?:log|output|metrics) = "(/\S+)/[^/"]+"', (DATA / "parport.conf").read_text())
    assert len(named) == 3 and set(named) <= made
