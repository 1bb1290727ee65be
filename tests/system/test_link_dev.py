# SPDX-License-Identifier: MIT
"""link_dev: links in /dev to the mount's files. /dev is one of the test's own here."""

import os
import pathlib
import shutil
import signal
import stat
import subprocess

import pytest

from clients import wait_until
from lib import paths

case = pytest.mark.case

PARPORTD = paths.BUILD / "src" / "front" / "fuse" / "parportd"
LIMIT_S = 30

IN_DEV = """
work=$1; shift
cp -a /dev/null /dev/fuse "$work" && mount -t tmpfs -o mode=0755 tmpfs /dev &&
cp -a "$work/null" "$work/fuse" /dev && cp -a "$work/before/." /dev && exec "$@"
"""


class Inside:
    """A service with link_dev in a view of the file system of its own; what it has in /dev."""

    def __init__(self, service, work, options):
        self.log = (work / "said").open("a+")
        self.command = [str(PARPORTD), "--foreground", "--mount", str(service.mount), "--config",
                        str(service.config), *options]
        self.run(["unshare", "--mount", "sh", "-c", IN_DEV, "sh", str(work), *self.command])
        self.root = pathlib.Path(f"/proc/{self.process.pid}/root")
        self.dev = self.root / "dev"
        self.kept = os.open("/", os.O_PATH)

    def run(self, command, files=()):
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, pass_fds=files,
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})

    def names(self):
        return sorted(set(os.listdir(self.dev)) - {"null", "fuse"})

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def leads(self, name):
        return os.readlink(self.dev / name)

    def hold(self):
        """/dev stays within reach when the service is gone."""
        os.close(self.kept)
        self.kept = os.open(self.dev, os.O_PATH)
        self.dev = pathlib.Path(f"/proc/self/fd/{self.kept}")

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(LIMIT_S)

    def close(self):
        self.process.kill()
        self.process.wait(LIMIT_S)
        self.log.close()
        os.close(self.kept)


def own(request, folder):
    """User nobody may make files in the test's FOLDER."""
    request.getfixturevalue("open_dir")
    shutil.chown(folder, "nobody")


@pytest.fixture(params=[[], ["--user", "nobody"]], ids=["root", "--user"])
def linked(request, serve, tmp_path):
    """linked(before): a service that makes links in a /dev that has what lies in BEFORE."""
    running = []
    (tmp_path / "before").mkdir()
    if request.param:
        own(request, tmp_path)

    def start():
        service = serve(second={}, start=False, link_dev=True)
        one = Inside(service, tmp_path, request.param)
        one.mount, one.config = service.mount, service.config
        running.append(one)
        wait_until(lambda: "lp1" in one.names(), "the links")
        one.hold()
        return one

    yield start
    for one in running:
        one.close()


NAMES = ["lp0", "lp1", "parport0", "parport1"]


@case("link_dev: each port has its two links, they lead to its files, and go with the service")
def test_links(linked):
    inside = linked()
    assert inside.names() == NAMES
    for m in (0, 1):
        assert inside.leads(f"parport{m}") == f"{inside.mount}/parport{m}"
        assert inside.leads(f"lp{m}") == f"{inside.mount}/lpt{m + 1}"
    assert inside.end() == 0
    assert inside.names() == []
    assert inside.said().count("\n") <= 1


@case("link_dev: a device node, a file and a link of somebody's stay, and it is told what to do")
def test_taken(linked, tmp_path):
    before = tmp_path / "before"
    os.mknod(before / "parport0", stat.S_IFCHR | 0o600, os.makedev(99, 0))
    (before / "lp0").write_text("mine")
    (before / "parport1").symlink_to("/somewhere")
    inside = linked()
    assert stat.S_ISCHR(os.stat(inside.dev / "parport0").st_mode)
    assert inside.leads("parport1") == "/somewhere" and inside.leads("lp1").endswith("/lpt2")
    assert inside.end() == 0
    assert inside.names() == ["lp0", "parport0", "parport1"]
    assert (inside.dev / "lp0").read_text() == "mine"
    for name, instead in (("parport0", "parport0"), ("lp0", "lpt1"), ("parport1", "parport1")):
        assert f"/dev/{name} is there already" in inside.said()
        assert f"use {inside.mount}/{instead}, or give the port another number" in inside.said()
    assert "/dev/lp1" not in inside.said()


@case("link_dev: a link that somebody has changed meanwhile stays as he made it")
def test_changed(linked):
    inside = linked()
    (inside.dev / "lp1").unlink()
    (inside.dev / "lp1").symlink_to("/elsewhere")
    (inside.dev / "parport1").unlink()
    assert inside.end() == 0
    assert inside.names() == ["lp1"] and inside.leads("lp1") == "/elsewhere"


@case("link_dev: root's service whose keeper is killed unmounts by itself, and says why it ends")
@pytest.mark.parametrize("linked", [[]], ids=["root"], indirect=True)
def test_keeper_killed(linked):
    inside = linked()
    keeper = inside.process.pid
    served_by = int(pathlib.Path(f"/proc/{keeper}/task/{keeper}/children").read_text())
    root = os.open(inside.root, os.O_PATH)
    try:
        mount = f"/proc/self/fd/{root}/{str(inside.mount)[1:]}"
        assert os.listdir(mount)
        inside.process.kill()
        wait_until(lambda: not os.path.exists(f"/proc/{served_by}"), "the end of the service")
        assert not os.listdir(mount)
    finally:
        os.close(root)
    assert "its keeper was killed, so the service ends" in inside.said()


@case("link_dev: a port that a reload takes away takes its links along, and a new one brings its own")
def test_reload(linked, open_dir):
    inside = linked()
    inside.config.write_text("link_dev = true;\nparport1 = { };\nparport4 = { };\n")
    inside.process.send_signal(signal.SIGHUP)
    wait_until(lambda: inside.names() == ["lp1", "lp4", "parport1", "parport4"], "other links")
    assert inside.leads("lp4") == f"{inside.mount}/lpt5"
    assert inside.end() == 0
    assert inside.names() == []


@case("link_dev: links that a killed service left are its successor's, who takes them away, also those "
      "of ports that it does not have")
def test_left(linked, tmp_path):
    before = tmp_path / "before"
    mount = tmp_path / "mount"
    for m in (0, 1, 7):
        (before / f"parport{m}").symlink_to(f"{mount}/parport{m}")
        (before / f"lp{m}").symlink_to(f"{mount}/lpt{m + 1}")
    (before / "lp8").symlink_to("/elsewhere/lpt9")
    inside = linked()
    wait_until(lambda: inside.names() == [*NAMES[:2], "lp8", *NAMES[2:]], "its own links")
    assert "took over 6 links in /dev that a killed service has left" in inside.said()
    assert "already" not in inside.said()
    wait_until(lambda: os.path.exists(inside.root / str(mount)[1:] / "parport0"), "the mount")
    assert inside.end() == 0
    assert inside.names() == ["lp8"]


@case("link_dev: a keeper that is killed leaves mount and links, which the next start takes over")
@pytest.mark.parametrize("linked", [["--user", "nobody"]], ids=["--user"], indirect=True)
def test_keeper_of_user_killed(linked):
    inside = linked()
    keeper = inside.process.pid
    served_by = int(pathlib.Path(f"/proc/{keeper}/task/{keeper}/children").read_text())
    view = os.open(f"/proc/{keeper}/ns/mnt", os.O_RDONLY)
    inside.process.kill()
    wait_until(lambda: not os.path.exists(f"/proc/{served_by}"), "the end of the service")
    assert "which takes over" in inside.said() and inside.names() == NAMES
    real = inside.dev / "parport1"
    real.unlink()
    os.mknod(real, stat.S_IFCHR | 0o600, os.makedev(99, 1))
    inside.process.wait(LIMIT_S)
    inside.run(["nsenter", f"--mount=/proc/self/fd/{view}", *inside.command], (view,))
    os.close(view)
    wait_until(lambda: "took over 3 links" in inside.said(), "it has taken over")
    wait_until(lambda: "/dev/parport1 is there already" in inside.said(), "but not the node")
    wait_until(lambda: inside.names() == NAMES, "the links")
    assert inside.end() == 0
    assert inside.names() == ["parport1"] and stat.S_ISCHR(os.stat(real).st_mode)


@case("link_dev: who is not root is told that he makes no links, and true or false is expected")
def test_refused(serve, tmp_path, open_dir):
    service = serve(start=False, link_dev=True)
    program = shutil.copy(PARPORTD, tmp_path)
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    done = subprocess.run([*user, program, "--foreground", "--config", str(service.config),
                           "--mount", str(service.mount)],
                          stderr=subprocess.PIPE, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 1
    assert "link_dev: only root makes links in /dev" in done.stderr
