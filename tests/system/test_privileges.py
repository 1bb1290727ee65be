# SPDX-License-Identifier: MIT
"""parportd --user: what it is afterwards, what it still does, what its keeper does for it."""

import contextlib
import grp
import os
import pathlib
import pwd
import signal
import subprocess
import sys

import pytest

from clients import HELD, status, wait_in_line, wait_until, wait_until_free
from lib import paths
from lib.service import ServiceError

case = pytest.mark.case

USER = pwd.getpwnam("nobody")
LP = grp.getgrnam("lp").gr_gid
PARPORTD = paths.BUILD / "src" / "front" / "fuse" / "parportd"
LIMIT_S = 30
CAP_SYS_ADMIN = 1 << 21


def facts_of(folder):
    """/proc/.../status as a dictionary."""
    lines = (folder / "status").read_text().splitlines()
    return {key: value.split() for key, value in (line.split(":", 1) for line in lines)}


def child_of(pid):
    """The service whose keeper is PID."""
    child, = children_of(pid)
    return child


def children_of(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def as_user(*groups):
    more = ["--groups", ",".join(map(str, groups))] if groups else ["--clear-groups"]
    return ["setpriv", f"--reuid={USER.pw_uid}", f"--regid={USER.pw_gid}", *more]


@pytest.fixture
def serve_as_user(serve, open_dir, tmp_path):
    """As serve, by user nobody, with log and output in a folder of his."""
    his = tmp_path / "his_files"
    his.mkdir(mode=0o700)
    os.chown(his, USER.pw_uid, USER.pw_gid)

    def start(port=None, run=True, **settings):
        service = serve({"output": str(his / "printed"), **(port or {})}, start=False,
                        **{"log": str(his / "events"), **settings})
        service.printed, service.events = his / "printed", his / "events"
        service.options = ["--user", USER.pw_name]
        # Who has given up root's rights is not traced, and a leak checker would have to.
        service.environment = {"ASAN_OPTIONS": "detect_leaks=0"}
        return service.start() if run else service

    return start


@case("--user: each thread is that user, in the ports' group, without capabilities or a way to one")
def test_rights(serve_as_user):
    service = serve_as_user()
    served_by = child_of(service.process.pid)
    threads = list(pathlib.Path(f"/proc/{served_by}/task").iterdir())
    assert len(threads) > 2
    confined = [thread for thread in threads if facts_of(thread)["NoNewPrivs"] == ["1"]]
    # The run-time of a sanitizer starts one before main().
    assert len(confined) == len(threads) - (b"__tsan_init" in PARPORTD.read_bytes())
    assert all(int(facts_of(thread)["CapBnd"][0], 16) == 0 for thread in confined)
    for thread in threads:
        facts = facts_of(thread)
        assert facts["Uid"] == [str(USER.pw_uid)] * 4
        assert facts["Gid"] == [str(USER.pw_gid)] * 4
        assert {int(group) for group in facts["Groups"]} == {LP, USER.pw_gid}
        for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            assert int(facts[kind][0], 16) == 0, kind
    assert service.said().count("runs as user nobody from now on; capabilities kept: none") == 1


@case("--user: its keeper is root with the right to unmount, and with no other capability")
def test_keeper_rights(serve_as_user):
    facts = facts_of(pathlib.Path(f"/proc/{serve_as_user().process.pid}"))
    assert facts["Uid"] == ["0"] * 4
    assert int(facts["CapEff"][0], 16) == int(facts["CapPrm"][0], 16) == CAP_SYS_ADMIN
    assert int(facts["CapBnd"][0], 16) == 0
    assert (facts["Threads"], facts["NoNewPrivs"]) == (["1"], ["1"])


@case("--user: members of the group use the ports in turn, others are refused, and holders are known")
def test_use(serve_as_user, client, open_dir):
    service = serve_as_user()
    node = service.node("parport0")
    about = os.stat(node)
    assert (about.st_uid, about.st_gid, about.st_mode & 0o777) == (0, LP, 0o660)
    member = client(node, prefix=as_user(LP))
    assert member.do("claim") == "ok"
    root = client(node)
    root.send("claim")
    wait_in_line(node, 1)
    now = status(node)
    assert (now["holder"], now["name"], now["line"]) == (member.pid, "python3", [root.pid])
    outsider = subprocess.run([*as_user(), "sh", "-c", 'true <"$0"', str(node)],
                              stderr=subprocess.PIPE, text=True, timeout=LIMIT_S, check=False)
    assert outsider.returncode != 0 and "Permission denied" in outsider.stderr
    member.end()
    assert root.answer() == "ok" and root.do("release") == "ok"
    service.node("lpt1").write_bytes(b"page")
    wait_until(lambda: service.printed.read_bytes() == b"page", "the page printed")


@case("--user: SIGTERM, SIGINT: clients hear ENODEV, the mount and the folder made for it go")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end(serve_as_user, client, number):
    service = serve_as_user(run=False)
    service.mount.rmdir()
    for _ in range(2):
        service.start()
        holder, waiter = (client(service.node("parport0")) for _ in range(2))
        assert holder.do("claim") == "ok"
        waiter.send("claim")
        wait_in_line(service.node("parport0"), 1)
        service.process.send_signal(number)
        assert waiter.answer() == "ENODEV"
        assert service.process.wait(LIMIT_S) == 0
        assert not service.mount.exists()


@case("--user: SIGHUP to the keeper reloads as without, and metrics are asked for as without")
def test_reload(serve_as_user, tmp_path, open_dir):
    place = tmp_path / "his"
    place.mkdir()
    os.chown(place, USER.pw_uid, USER.pw_gid)
    service = serve_as_user(metrics=str(place / "metrics"))
    service.config.write_text(service.config.read_text() + "parport3 = { };\n")
    service.process.send_signal(signal.SIGHUP)
    wait_until(lambda: os.path.exists(service.node("parport3")), "the new port")
    told = subprocess.run(["curl", "--silent", "--max-time", "20", "--unix-socket",
                           place / "metrics", "http://localhost/metrics"], check=True,
                          stdout=subprocess.PIPE, text=True, timeout=LIMIT_S).stdout
    assert 'openparport_port_waiters{port="parport3"} 0\n' in told
    service.settings["group"] = "adm"
    assert f"{place}/metrics: its group and mode change only when" in service.reload()
    assert service.stop() == 0
    assert not (place / "metrics").exists()


@case("--user: owner and group of the files are root and lp, also after a reload")
def test_owner_after_reload(serve_as_user, open_dir):
    service = serve_as_user()

    def owner(name):
        about = os.stat(service.node(name))
        return about.st_uid, about.st_gid

    before = owner("lpt1")
    service.config.write_text(service.config.read_text() + "parport3 = { };\n")
    service.process.send_signal(signal.SIGHUP)
    wait_until(lambda: os.path.exists(service.node("parport3")), "the new port")
    assert before == owner("lpt1") == owner("lpt4") == (0, grp.getgrnam("lp").gr_gid)


@case("--user: a killed service leaves no mount: its keeper unmounts, says so and fails as it did")
def test_service_killed(serve_as_user, client):
    service = serve_as_user()
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    os.kill(child_of(service.process.pid), signal.SIGKILL)
    assert service.process.wait(LIMIT_S) == 128 + signal.SIGKILL
    assert not os.path.ismount(service.mount)
    assert "the service was ended by signal 9" in service.said()
    assert holder.do("release") in ("ENOTCONN", "ECONNABORTED")
    service.start()
    wait_until_free(service.node("parport0"))


@case("--user: a killed keeper takes the service with it, and the next start takes the mount over")
def test_keeper_killed(serve_as_user):
    service = serve_as_user()
    served_by = child_of(service.process.pid)
    service.kill()
    wait_until(lambda: not os.path.exists(f"/proc/{served_by}"), "the end of the service")
    assert "its keeper was killed, so the service ends" in service.said()
    service.start()
    wait_until_free(service.node("parport0"))


KILL_KEEPER = """
import ctypes, os, pathlib, signal, subprocess, sys, time
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER
keeper = subprocess.Popen(sys.argv[2:])
while not os.path.exists(sys.argv[1] + "/parport0"):
    time.sleep(0.01)
children = pathlib.Path(f"/proc/{keeper.pid}/task/{keeper.pid}/children")
served_by = int(children.read_text())
keeper.kill()
keeper.wait()
print(os.waitstatus_to_exitcode(os.waitpid(served_by, 0)[1]))
"""


@case("--user: a service whose keeper was killed has failed")
def test_keeper_killed_status(serve_as_user):
    service = serve_as_user(run=False)
    done = subprocess.run(
        [sys.executable, "-c", KILL_KEEPER, str(service.mount), str(PARPORTD), "--foreground",
         "--mount", str(service.mount), "--config", str(service.config), *service.options],
        env={**os.environ, **service.environment}, text=True, timeout=LIMIT_S, check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert done.stdout == "1\n"


@case("--user: a link to the mount that is led elsewhere meanwhile has nothing else unmounted")
def test_mount_by_link(serve_as_user, tmp_path):
    service = serve_as_user(run=False)
    mount, other = service.mount, tmp_path / "other"
    real = mount.rename(tmp_path / "real")
    other.mkdir()
    mount.symlink_to(real)
    subprocess.run(["mount", "-t", "tmpfs", "other", str(other)], check=True, timeout=LIMIT_S)
    try:
        service.start()
        mount.unlink()
        mount.symlink_to(other)
        os.kill(child_of(service.process.pid), signal.SIGKILL)
        assert service.process.wait(LIMIT_S) == 128 + signal.SIGKILL
        service.process = None
        mounts = pathlib.Path("/proc/mounts").read_text()
        assert f" {other} " in mounts and f" {real} " not in mounts
    finally:
        for one in (other, real):
            subprocess.run(["umount", "-l", str(one)], check=False, timeout=LIMIT_S)


@case("--user: unmounted from outside it ends, and nothing else is unmounted in its place")
def test_unmounted(serve_as_user):
    service = serve_as_user(run=False)
    subprocess.run(["mount", "-t", "tmpfs", "below", str(service.mount)], check=True,
                   timeout=LIMIT_S)
    try:
        service.start()
        subprocess.run(["umount", str(service.mount)], check=True, timeout=LIMIT_S)
        assert service.process.wait(LIMIT_S) == 0
        assert os.path.ismount(service.mount)
    finally:
        subprocess.run(["umount", "-l", str(service.mount)], check=True, timeout=LIMIT_S)


@case("--user in the background: the files are there when the command returns, and nobody holds its pipes")
def test_background(serve_as_user, client):
    service = serve_as_user(run=False)
    started = subprocess.run(
        [str(PARPORTD), "--mount", service.mount, "--config", service.config, *service.options],
        env={**os.environ, **service.environment}, text=True, timeout=LIMIT_S, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert (started.returncode, started.stdout) == (0, "")
    one = client(service.node("parport0"))
    assert one.do("claim") == "ok" and status(service.node("parport0"))["state"] == HELD
    subprocess.run(["umount", "-l", str(service.mount)], check=True, timeout=LIMIT_S)


@case("--user in the background: a keeper that is slow lives on, and the command returns after it")
def test_slow_keeper(serve_as_user, open_dir):
    service = serve_as_user(run=False)
    command = subprocess.Popen(
        [str(PARPORTD), "--mount", service.mount, "--config", service.config, *service.options],
        env={**os.environ, **service.environment}, stdin=subprocess.DEVNULL)
    wait_until(lambda: children_of(command.pid), "the keeper")
    keeper, = children_of(command.pid)
    wait_until(lambda: children_of(keeper), "the service")
    served_by, = children_of(keeper)
    os.kill(keeper, signal.SIGSTOP)
    wait_until(lambda: os.readlink(f"/proc/{served_by}/fd/2") == "/dev/null", "it serves")
    with contextlib.suppress(subprocess.TimeoutExpired):
        command.wait(0.5)
    os.kill(keeper, signal.SIGCONT)
    assert command.wait(LIMIT_S) == 0
    service.config.write_text(service.config.read_text() + "parport3 = { };\n")
    os.kill(keeper, signal.SIGHUP)
    wait_until(lambda: os.path.exists(service.node("parport3")), "the new port")
    os.kill(keeper, signal.SIGTERM)
    wait_until(lambda: not os.path.exists(f"/proc/{keeper}"), "the end")
    assert not os.path.ismount(service.mount)


@case("--user: log and output are opened by that user, at the start, at a reload and at the next start")
def test_files(serve_as_user, client):
    service = serve_as_user()
    one = client(service.node("parport0"))

    def owner(path):
        about = path.stat()
        return about.st_uid, about.st_gid

    def is_logged(kind):
        return service.events.exists() and kind in service.events.read_text()

    assert owner(service.events) == owner(service.printed) == (USER.pw_uid, USER.pw_gid)
    service.events.rename(service.events.with_suffix(".1"))
    second = service.printed.with_name("second")
    said = service.reload({**service.ports, "parport1": {"output": str(second)}})
    assert said == "parportd: reload: the configuration has been read\n"
    assert (one.do("claim"), one.do("release")) == ("ok", "ok")
    wait_until(lambda: is_logged("released"), "the event in the new file")
    assert owner(service.events) == owner(second) == (USER.pw_uid, USER.pw_gid)
    one.end()
    assert service.stop() == 0
    service.start()


@case("--user: a folder of root's is refused at the start as it would be at a reload")
@pytest.mark.parametrize("key", ["log", "output"])
def test_files_refused(serve_as_user, tmp_path, key):
    place = tmp_path / "root"
    place.mkdir(mode=0o755)
    path = str(place / "file")
    service = (serve_as_user(run=False, log=path) if key == "log" else
               serve_as_user({"output": path}, run=False))
    with pytest.raises(ServiceError, match="Permission denied"):
        service.start()
    assert not list(place.iterdir())


@case("--user: an unknown user, and one that only root can become, are refused")
def test_refused(tmp_path, open_dir):
    program = tmp_path / "parportd"
    program.write_bytes(PARPORTD.read_bytes())
    program.chmod(0o755)
    for prefix, name, why in (([], "no-such-user", "expected the name of a user of this system"),
                              (as_user(), "lp", "only root can become another user")):
        done = subprocess.run([*prefix, str(program), "--foreground", "--user", name], text=True,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=LIMIT_S,
                              env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}, check=False)
        assert done.returncode == 1
        assert "--user" in done.stderr and why in done.stderr
