# SPDX-License-Identifier: MIT
"""The service itself: starting, ending, permissions, configuration, what others may see."""

import errno
import fcntl
import grp
import os
import pathlib
import re
import resource
import select
import shutil
import signal
import stat
import subprocess
import threading

import pytest

from clients import HELD, events, status, wait_in_line, wait_until, wait_until_free
from lib import ioctls, paths
from lib.service import Service, ServiceError

case = pytest.mark.case

# Of a port whose printer says nothing of itself.
FILES = ["by-id", "events", "lpt1", "parport0"]

PARPORTD = paths.BUILD / "src" / "front" / "fuse" / "parportd"
PARPORT = paths.BUILD / "src" / "front" / "cli" / "parport"
LEAKS = paths.ROOT / "tests" / "system" / "leaks.supp"
LIMIT_S = 30
NOBODY = 65534


def as_user(*groups):
    """setpriv's words for an ordinary user in @groups."""
    more = ["--groups", ",".join(map(str, groups))] if groups else ["--clear-groups"]
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", *more]


def run(*arguments, **options):
    quiet = {**os.environ, "LSAN_OPTIONS": f"suppressions={LEAKS}:print_suppressions=0"}
    return subprocess.run([str(PARPORTD), *map(str, arguments)], timeout=LIMIT_S, text=True,
                          env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, **options)


# ---- permissions ---------------------------------------------------------------------------


@case("the files are root's and lp's, 0660, in a folder that everybody may list")
def test_modes(serve):
    service = serve()
    for name in ("parport0", "lpt1"):
        about = os.stat(service.node(name))
        assert stat.S_IMODE(about.st_mode) == 0o660
        assert (about.st_uid, about.st_gid) == (0, grp.getgrnam("lp").gr_gid)
    assert stat.S_IMODE(os.stat(service.mount).st_mode) == 0o755
    assert sorted(os.listdir(service.mount)) == FILES


@case("a user in group lp may use the port, one outside may not even open it")
def test_users(serve, client, open_dir):
    node = serve().node("parport0")
    member = client(node, prefix=as_user(grp.getgrnam("lp").gr_gid))
    assert member.do("claim") == "ok"
    for way in ("<", ">", "<>"):
        outsider = subprocess.run([*as_user(), "sh", "-c", f'true {way} "$0"', str(node)],
                                  stderr=subprocess.PIPE, text=True, timeout=LIMIT_S)
        assert outsider.returncode != 0 and "Permission denied" in outsider.stderr
    assert status(node)["holder"] == member.pid


LOOK_UP = """if True:
    import os, sys, threading, time
    done = []
    def look_up(name):
        while True:
            os.close(os.open(name, os.O_PATH))
            done.append(1)
            time.sleep(0.001)
    for name in sys.argv[1:]:
        threading.Thread(target=look_up, args=[name], daemon=True).start()
    time.sleep(0.5)
    print(len(done), flush=True)
    os._exit(0)"""


def looked_up(service, *prefix):
    """How many names a program has looked up within a moment, each in a thread of its own."""
    # Each name once: in the kernel lookups of one name wait for each other.
    nodes = [service.node(name) for name in ("parport0", "parport1", "lpt1", "lpt2", "events")]
    return int(subprocess.run([*prefix, "/usr/bin/python3", "-c", LOOK_UP, *map(str, nodes)],
                              stdout=subprocess.PIPE, timeout=LIMIT_S, check=True).stdout)


@case("users outside who look names up stand in no line: they keep nobody who may open waiting")
def test_outsiders_look_up(serve, open_dir):
    service = serve(second={})
    # In line, as those are who may open, each would wait for the turns of the others: as many as
    # those. A machine that is busy just then may level that once, not again and again.
    assert any(looked_up(service, *as_user()) > 3 * looked_up(service) for _ in range(8))


@case("user, group and mode come from the configuration")
def test_owner_configured(serve, client, open_dir):
    node = serve(user="nobody", group="nogroup", mode="0600").node("parport0")
    about = os.stat(node)
    assert (about.st_uid, about.st_gid, stat.S_IMODE(about.st_mode)) == (NOBODY, NOBODY, 0o600)
    assert client(node, prefix=as_user()).do("claim") == "ok"
    outsider = subprocess.run([*as_user(), "setpriv", "--reuid=1", "sh", "-c", 'true < "$0"',
                               str(node)], stderr=subprocess.PIPE, timeout=LIMIT_S)
    assert outsider.returncode != 0


@case("nobody changes the files' mode or owner, makes files or removes them")
def test_tree_is_fixed(serve):
    service = serve()
    node = service.node("lpt1")
    for change in (lambda: os.chmod(node, 0o666), lambda: os.chown(node, 1, 1)):
        with pytest.raises(PermissionError):
            change()
    with pytest.raises(PermissionError):
        open(service.node("lpt7"), "w")
    with pytest.raises(OSError):
        os.unlink(node)
    assert sorted(os.listdir(service.mount)) == FILES


@case("only root and the service's user may put a holder out")
def test_kick_needs_right(serve, client, open_dir):
    node = serve().node("parport0")
    holder = client(node)
    assert holder.do("claim") == "ok"
    member = client(node, prefix=as_user(grp.getgrnam("lp").gr_gid))
    assert member.do("kick") == "EPERM"
    assert holder.do("status") == "ok d8"


@case("a program's name reaches status and log without control characters and quotes")
def test_hostile_name(serve, client):
    service = serve({"scan": False})
    node = service.node("parport0")
    script = ('import sys, fcntl, time; open("/proc/self/comm", "w").write("\\x1b[2J\\\\\\"\\n,");'
              f'f = open("{node}", "r+b", 0); fcntl.ioctl(f, 0x708B); time.sleep(60)')
    program = subprocess.Popen(["/usr/bin/python3", "-c", script])
    wait_until(lambda: status(node)["state"] == HELD, "the claim")
    name = status(node)["name"]
    program.kill()
    program.wait(LIMIT_S)
    assert name.startswith("?[2J??") and name.isascii() and name.isprintable()
    wait_until(lambda: len(events(service.events)) >= 2, "the log")
    assert events(service.events)[0]["name"] == name


# ---- dying clients -------------------------------------------------------------------------


@case("the port of a dead holder is put at rest: control lines idle, data lines outputs")
def test_rest_after_death(serve, client):
    node = serve().node("parport0")
    holder = client(node)
    assert holder.do("claim") == "ok"
    with ioctls.File(node) as file:
        at_rest = file.pins()
    script = ('import fcntl, os, sys; f = os.open(sys.argv[1], os.O_RDWR);'
              'fcntl.ioctl(f, 0x708B); fcntl.ioctl(f, 0x40017084, b"\\x03");'
              'fcntl.ioctl(f, 0x40047090, b"\\x01\\0\\0\\0"); os.kill(os.getpid(), 9)')
    assert holder.do("release") == "ok"
    died = subprocess.run(["/usr/bin/python3", "-c", script, str(node)], timeout=LIMIT_S)
    assert died.returncode == -signal.SIGKILL
    wait_until_free(node)
    with ioctls.File(node) as file:
        assert file.pins()[2:] == at_rest[2:]


@case("the log tells every event of a port in order: queued, granted, released, dropped, expired")
def test_log(serve, client):
    service = serve({"scan": False})
    node = service.node("parport0")
    holder, hasty, heir = (client(node) for _ in range(3))
    assert holder.do("claim") == "ok"
    assert hasty.do("allocate 50000") == "EBUSY"
    heir.send("claim")
    wait_in_line(node, 1)
    holder.end()
    assert heir.answer() == "ok"
    assert heir.do("release") == "ok"
    service.stop()
    told = [(event["event"], event["pid"]) for event in events(service.events)]
    assert told == [("granted", holder.pid), ("queued", hasty.pid), ("expired", hasty.pid),
                    ("queued", heir.pid), ("dropped", holder.pid), ("granted", heir.pid),
                    ("released", heir.pid)]


# ---- ending and starting again -------------------------------------------------------------


@case("SIGTERM: who waits hears ENODEV, a write its count, the mount goes, the exit is clean")
def test_sigterm(serve, client):
    service = serve({"characters_per_second": 100})
    holder, waiter = (client(service.node("parport0")) for _ in range(2))
    jobs = [client(service.node("lpt1"), os.O_WRONLY) for _ in range(3)]
    jobs[0].send("write x 1000")
    wait_until(lambda: service.printed.exists() and service.printed.stat().st_size, "some bytes")
    jobs[1].send("write y 1")
    wait_until(lambda: status(service.node("lpt1"))["jobs behind"] == 1, "the second job's write")
    holder.send("claim")
    waiter.send("claim")
    wait_in_line(service.node("parport0"), 2)
    assert service.stop() == 0
    kind, count = jobs[0].answer().split()
    assert kind == "ok" and 0 < int(count) < 1000
    assert jobs[1].answer() == "ENODEV"
    assert holder.answer() == waiter.answer() == "ENODEV"
    assert holder.do("release") in ("ENOTCONN", "ECONNABORTED")
    assert not os.path.ismount(service.mount)
    assert service.said() == ""


@case("SIGTERM: jobs in line, reads of events and of a silent port under way: each call is answered")
def test_sigterm_readers(serve, client):
    service = serve({"modes": "nibble byte"})
    jobs = [client(service.node("lpt1"), os.O_WRONLY) for _ in range(2)]
    assert jobs[0].do("write x 10") == "ok 10"
    jobs[1].send("write y 1")
    wait_until(lambda: status(service.node("lpt1"))["jobs behind"] == 1, "the second job's write")
    answers = []
    watch = os.open(service.node("events"), os.O_RDONLY)

    def read():
        try:
            while True:
                os.read(watch, 4096)
        except OSError as error:
            answers.append(error.errno)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    silent = client(service.node("parport0"))
    assert silent.do("claim") == "ok"
    silent.send("read 1")
    assert not silent.answered(0.3)
    assert service.stop() == 0
    for reader in readers:
        reader.join(LIMIT_S)
    os.close(watch)
    # Who was told of the end came back for more.
    assert len(answers) == 3
    assert set(answers) <= {errno.ENODEV, errno.ECONNABORTED, errno.ENOTCONN}
    assert jobs[1].answer() == "ENODEV" and silent.answer() in ("ENODEV", "EIO")


@case("SIGTERM: nobody waits for the slow output of another port, and that is written all the same")
def test_sigterm_slow_output(serve, client, tmp_path):
    pages = [tmp_path / name for name in ("slow", "slower")]
    for page in pages:
        os.mkfifo(page)
    readers = [os.open(page, os.O_RDONLY | os.O_NONBLOCK) for page in pages]
    for reader in readers:
        # They hold less than the page, so the service has to wait for us with the rest.
        fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
    service = serve({"output": str(pages[0])}, second={"output": str(pages[1])})
    holder, waiter = (client(service.node("parport1")) for _ in range(2))
    for name in ("lpt1", "lpt2"):
        assert client(service.node(name), os.O_WRONLY).do("write x 20000") == "ok 20000"
    assert holder.do("claim") == "ok"
    waiter.send("claim")
    wait_in_line(service.node("parport1"), 1)
    service.process.send_signal(signal.SIGTERM)
    assert waiter.answer() == "ENODEV"
    printed = []
    for reader in readers:
        os.set_blocking(reader, True)
        with open(reader, "rb") as page:
            printed.append(len(page.read()))
    assert printed == [20000, 20000]
    assert service.process.wait(LIMIT_S) == 0


@case("SIGXFSZ: a log that may not grow ends, the service goes on")
def test_log_limit(serve, client):
    service = serve()
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (1000, 1000))
    one = client(service.node("parport0"))
    for _ in range(50):
        assert (one.do("claim"), one.do("release")) == ("ok", "ok")
    wait_until(lambda: "the event log ends here" in service.said(), "the end of the log told")
    assert one.do("claim") == "ok"
    assert service.stop() == 0


@case("a log that two services wrote one after the other: the holds are ended, history accepts it")
def test_log_goes_on(serve, client):
    service = serve({"scan": False})
    for _ in range(2):
        one = client(service.node("parport0"))
        assert (one.do("claim"), one.do("release"), one.do("claim")) == ("ok", "ok", "ok")
        service.stop()
        service.start()
    service.stop()
    told = [(event["sequence"], event["event"]) for event in events(service.events)]
    assert told == 2 * [(1, "granted"), (2, "released"), (3, "granted"), (4, "dropped")]
    checked = subprocess.run([paths.ROOT / "tools" / "demo" / "history.py", service.events],
                             stdout=subprocess.PIPE, text=True, timeout=LIMIT_S)
    assert (checked.returncode, checked.stdout) == \
        (0, "parport0: 4 events, 2 grants, 0 bytes, free, 0 in line\n")


@case("a second port that cannot start: the exit tells, the first one ends too")
def test_second_port_fails(serve):
    service = serve(second={"output": "/no/such/folder/file"}, start=False)
    done = run("--foreground", "--mount", service.mount, "--config", service.config)
    assert done.returncode == 1
    assert done.stderr.startswith("parportd: parport1:") and done.stderr.count("\n") == 1
    assert not os.path.ismount(service.mount)


@case("signals that come while the service ends do not cut the ending short")
def test_many_signals(serve):
    for _ in range(20):
        service = serve()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTERM):
            service.process.send_signal(number)
        assert service.process.wait(LIMIT_S) == 0
        assert not os.path.ismount(service.mount)


@case("SIGTERM while a program holds the port: the service ends all the same")
def test_sigterm_held(serve, client):
    service = serve()
    assert client(service.node("parport0")).do("claim") == "ok"
    assert service.stop() == 0


@case("after SIGKILL the files answer ENOTCONN; the next start takes the mount over")
def test_sigkill(serve, client):
    service = serve()
    old = client(service.node("parport0"))
    assert old.do("claim") == "ok"
    service.kill()
    with pytest.raises(OSError) as gone:
        os.stat(service.node("parport0"))
    assert gone.value.errno == errno.ENOTCONN
    assert old.do("release") == "ENOTCONN"
    service.start()
    assert client(service.node("parport0")).do("claim") == "ok"
    assert "unmounting" in service.said()


@case("what is in the directory of the mount is hidden until the service ends, which it says")
def test_mount_of_use(serve):
    service = serve(start=False)
    service.mount.mkdir(exist_ok=True)
    (service.mount / "page").write_text("mine")
    service.start()
    assert f"{service.mount}: not empty: what is in there is hidden" in service.said()
    assert not (service.mount / "page").exists() and service.node("lpt1").exists()
    assert service.stop() == 0 and (service.mount / "page").read_text() == "mine"


@case("a second service on the same mount is refused and harms nobody")
def test_served_already(serve, client):
    service = serve()
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    second = run("--foreground", "--mount", service.mount, "--config", service.config)
    assert second.returncode == 1
    assert "already served" in second.stderr
    assert holder.do("release") == "ok"


@case("a second service on the mount of one that is stopped is refused as well, and does not wait for it")
def test_served_by_stopped(serve, client):
    service = serve()
    service.process.send_signal(signal.SIGSTOP)
    try:
        second = run("--foreground", "--mount", service.mount, "--config", service.config)
    finally:
        service.process.send_signal(signal.SIGCONT)
    assert (second.returncode, "already served" in second.stderr) == (1, True)
    assert client(service.node("parport0")).do("claim") == "ok"


@case("a directory on somebody else's FUSE file system is not called served, and is mounted over")
def test_other_fuse(serve):
    service = serve(start=False)
    other = subprocess.Popen(["/usr/bin/python3", pathlib.Path(__file__).with_name("other_fuse.py"),
                              service.mount], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "ready\n"
        service.start()
        assert sorted(os.listdir(service.mount)) == FILES
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(LIMIT_S) == 0
    finally:
        subprocess.run(["umount", str(service.mount)], check=False, timeout=LIMIT_S)
        other.wait(LIMIT_S)
        other.stdout.close()


@case("unmounting from outside ends the service")
def test_unmounted(serve):
    service = serve()
    subprocess.run(["umount", str(service.mount)], check=True, timeout=LIMIT_S)
    assert service.process.wait(LIMIT_S) == 0


@case("in the background: the files are there when the command returns")
def test_background(serve):
    service = serve(start=False)
    started = run("--mount", service.mount, "--config", service.config)
    assert (started.returncode, started.stderr) == (0, "")
    with ioctls.File(service.node("parport0")) as file:
        file.call(ioctls.PPCLAIM)
        pid = os.stat(service.mount) and file.status()[2]
        assert pid == os.getpid()
    subprocess.run(["umount", str(service.mount)], check=True, timeout=LIMIT_S)


@case("in the background: what goes wrong is said and the exit tells")
def test_background_failure(tmp_path):
    config = tmp_path / "conf"
    config.write_text(f'parport0 = {{ output = "{tmp_path}/no/such/folder" }}\n')
    started = run("--mount", tmp_path / "mount", "--config", config)
    assert started.returncode == 1
    assert "no/such/folder" in started.stderr


@case("without a configuration there is one simulated PS/2 port with a printer")
def test_default(tmp_path):
    assert not os.path.exists("/etc/openparport/parport.conf")
    started = run("--mount", tmp_path / "mount")
    assert (started.returncode, started.stderr) == (0, "")
    try:
        assert sorted(os.listdir(tmp_path / "mount")) == FILES
        (tmp_path / "mount" / "lpt1").write_bytes(b"page")
    finally:
        subprocess.run(["umount", str(tmp_path / "mount")], check=True, timeout=LIMIT_S)
    wait_until(lambda: not (tmp_path / "mount").exists(), "the folder it made removed")


def ordinary_place(tmp_path):
    """A folder of an ordinary user's, with a configuration and a /dev/fuse that is open to him."""
    work = tmp_path / "user"
    (work / "mine").mkdir(parents=True)
    (work / "conf").write_text(f'parport0 = {{ output = "{work}/printed" }}\n')
    # Debian's /dev/fuse has this mode; a machine without udev may have a stricter one.
    os.mknod(work / "fuse", stat.S_IFCHR | 0o666, os.makedev(10, 229))
    (work / "fuse").chmod(0o666)
    for path in (work, work / "mine"):
        os.chown(path, NOBODY, NOBODY)
    return work


DEFAULT_MOUNT = r"""
set -e
mount --bind "$1/fuse" /dev/fuse
mount -t tmpfs tmpfs /run
exec setpriv --reuid=65534 --regid=65534 --clear-groups sh -c '
    unset OPENPARPORT_MOUNT; export XDG_RUNTIME_DIR="$0/mine"
    trap "kill \$one \$two" EXIT
    "$0/parportd" --foreground --config "$0/conf" & one=$!
    until [ -e "$0/mine/openparport/lpt1" ]; do kill -0 $one || exit 1; sleep 0.05; done
    "$0/parport" list
    "$0/parport" status parport0
    export OPENPARPORT_MOUNT="$0/elsewhere"
    "$0/parportd" --foreground --config "$0/conf" & two=$!
    until [ -e "$0/elsewhere/lpt1" ]; do kill -0 $two || exit 1; sleep 0.05; done
    trap - EXIT
    kill $one $two; wait $one && wait $two
' "$1"
"""


@case("service, command and library agree on the mount of an ordinary user, and on OPENPARPORT_MOUNT")
def test_default_mount(tmp_path, open_dir):
    work = ordinary_place(tmp_path)
    for program in (PARPORTD, PARPORT):
        shutil.copy(program, work)
    done = subprocess.run(["unshare", "--mount", "sh", "-c", DEFAULT_MOUNT, "sh", str(work)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    assert "\nlpt1 " in done.stdout and "lpt1 (parport0): free" in done.stdout


ORDINARY = r"""
set -e
mount --bind "$1/fuse" /dev/fuse
exec setpriv --reuid=65534 --regid=65534 --clear-groups sh -c '
    "$1" --foreground --mount "$0/mine" --config "$0/conf" &
    until [ -e "$0/mine/lpt1" ]; do kill -0 $! || exit 1; sleep 0.05; done
    printf page > "$0/mine/lpt1"
    stat -c "%U %a" "$0/mine/parport0"
    until [ "$(cat "$0/printed")" = page ]; do kill -0 $! || exit 1; sleep 0.05; done
    kill -9 $!; wait $! || true
    "$1" --foreground --mount "$0/mine" --config "$0/conf" &
    until [ -e "$0/mine/lpt1" ]; do kill -0 $! || exit 1; sleep 0.05; done
    kill $!; wait $!
' "$1" "$2"
"""


@case("an ordinary user runs it where /dev/fuse is open to all, and starts again after SIGKILL")
def test_ordinary_user(tmp_path, open_dir):
    work = ordinary_place(tmp_path)
    # The user need not be able to reach the build.
    program = shutil.copy(PARPORTD, work)
    done = subprocess.run(["unshare", "--mount", "sh", "-c", ORDINARY, "sh", str(work),
                           str(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=LIMIT_S)
    assert (done.returncode, done.stdout) == (0, "nobody 660\n"), done.stderr
    assert (work / "printed").read_bytes() == b"page"


# ---- configuration -------------------------------------------------------------------------

MISTAKES = [
    ('parport0 = {\n\tchip = "z80"\n}', 2, 'chip = "z80": expected spp, ps2, epp, ecp or ecp-epp'),
    ('parport0 = {\n\n\tspeed = 5\n}', 3, 'unknown key "speed": expected one'),
    ('parport0 = { max_hold = "soon" }', 1, 'max_hold: expected "none" or a time'),
    ('parport0 = { fault_timeout = "60" }', 1, "fault_timeout: expected a time"),
    ('parport0 = { exclusive = "yes" }', 1, 'exclusive: expected "refuse" or "wait"'),
    ('parport0 = { name = "lp" }', 1, "name: expected no name"),
    ("parport0 = { chip = [1] }", 1, "chip: expected a short text, a number, true or false"),
    ('parport0 = { }\nlpt1 = { }', 2, "lpt1: expected a port, parport0 .. parport254"),
    ('parport254 = { }\nparport255 = { }', 2,
     "parport255: expected a port, parport0 .. parport254"),
    ('parport01 = { }', 1, "parport01: expected a port"),
    ('parport0 = { }\nmount = 5', 2, "mount: expected a text in quotes"),
    ('parport0 = { }\nmount = "here"', 2, "mount: expected an absolute path"),
    ('parport0 = { }\ngroup = "nosuchgroup"', 2, "group: expected the name of a group"),
    ('parport0 = { }\nuser = "nosuchuser"', 2, "user: expected the name of a user"),
    ('parport0 = { }\nmode = "0777"', 2, "mode: expected an octal mode"),
    ('parport0 = { }\ncolour = "red"', 2, "colour: expected mount, log, user, group, mode"),
    ('parport0 = { }\nmode "0660"', 2, "syntax error: expected KEY = VALUE"),
    ('parport0 = { }\nparport0 = { }', 2, "duplicate setting name: expected each port once"),
    ('parport0 = { max_hold = "-5 s" }', 1, 'max_hold: expected "none" or a time'),
    ('parport0 = { scan = "maybe" }', 1, "scan: expected true or false"),
    ('parport0 = { scan = 1 }', 1, "scan: expected true or false"),
    ('parport0 = { daisy_devices = 5 }', 1, "daisy_devices: expected a number, 0 .. 4"),
    ('parport0 = { daisy_devices = -1 }', 1, "daisy_devices: expected a number, 0 .. 4"),
    ('parport0 = { daisy_devices = "" }', 1, "daisy_devices: expected a number, 0 .. 4"),
    ('parport0 = { fault_timeout = "-1 s" }', 1, "fault_timeout: expected a time"),
    ('parport0 = { fault_timeout = "0 s" }', 1, "fault_timeout: expected a time"),
    ('parport0 = { characters_per_second = 4294967297 }', 1,
     "characters_per_second: expected a number of at most 2147483647"),
    ('parport0 = {\n\tbuffer_bytes = 5\n}\nparport1 = {\n\tbuffer_bytes = 99999999999\n}', 5,
     "buffer_bytes: expected a number of at most 2147483647"),
    ('parport0 = { buffer_bytes = 4294967297L }', 1,
     'buffer_bytes = "4294967297": expected a whole number'),
    ('parport0 = { paper_out = "maybe" }', 1,
     'paper_out = "maybe": expected yes, no, true or false'),
    ('parport0 = { paper_out = yes }', 1, "syntax error: expected KEY = VALUE; with texts in "
     "quotes, true and false without"),
    ('parport0 = { }\n@include "no/such/file"', 2,
     "cannot open include file: expected the name of a file"),
    ('mode = "0660"', 1, "expected at least one port"),
    ('parport0 = { back_end = "pci:5.0"; };', 1,
     'back_end = "pci:5.0": expected sim, ppdev:/dev/parport0, io:0x378'),
    ('parport0 = { back_end = "io:0x20"; };', 1,
     'back_end = "io:0x20": expected sim, ppdev:/dev/parport0, io:0x378'),
    ('parport0 = { back_end = "io:0x378+0x378"; };', 1, 'back_end = "io:0x378+0x378": expected'),
    ('parport0 = { back_end = "io:0x378"; };\nparport1 = { back_end = "io:0x278"; };\n'
     'parport2 = { back_end = "io:888+none"; };', 3,
     "parport2: expected registers or a file of its own: parport0 has some of these"),
    ('parport0 = { back_end = "ppdev:/dev/parport0"; };\n'
     'parport1 = { back_end = "ppdev:/dev/parport0"; };', 2,
     "parport1: expected registers or a file of its own: parport0 has some of these"),
    ('parport0 = {\n\toutput = "/tmp/page";\n\tback_end = "io:0x378"; };', 2,
     'output: expected only of a port with back_end = "sim"'),
    ('parport0 = {\n\tback_end = "io:0x378";\n\tchip = "spp"; };', 3,
     'chip: expected only of a port with back_end = "sim"'),
]


@pytest.mark.parametrize("text, line, expected", MISTAKES, ids=[m[2][:24] for m in MISTAKES])
@case("--check-config tells file, line and what was expected")
def test_mistakes(tmp_path, text, line, expected):
    config = tmp_path / "parport.conf"
    config.write_text(text + "\n")
    done = run("--check-config", "--config", config)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{config}:{line}: {expected}"), done.stderr
    assert done.stderr.count("\n") == 1


@case("--check-config tells every mistake, and nothing of a good file")
def test_check_config(tmp_path):
    config = tmp_path / "parport.conf"
    config.write_text('mode = "9"\nparport0 = {\n\tchip = "z80"\n\tspeed = 1\n}\n')
    assert [line.split(":")[1] for line in run("--check-config", "--config", config)
            .stderr.splitlines()] == ["1", "3", "4"]
    config.write_text('parport0 = {\n\tpaper_out = true\n\tmax_hold = "2 min"\n}\n'
                      'parport1 = { back_end = "io:0x378"; probe = "full"; force = true; '
                      'on_death = "keep"; scan = true; daisy_devices = 0; };\n'
                      'parport2 = { back_end = "io:0x278"; };\n')
    done = run("--check-config", "--config", config)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert run("--check-config", "--config", tmp_path / "none").returncode == 1


@case("numbers of all kinds that fit are taken, wherever they stand")
def test_numbers(tmp_path):
    config = tmp_path / "parport.conf"
    config.write_text("parport0 = { ack_ns = 500; buffer_bytes = 0x10; busy_every_bytes\n=\n7 }\n"
                      'parport1 = { buffer_bytes = 16L; output = "/tmp/20261122101010"; ack_ns:'
                      "00600 /* 99999999999 */ }\n")
    done = run("--check-config", "--config", config)
    assert (done.returncode, done.stderr) == (0, "")


@case("a directory for a configuration, an empty mount: said, and not served")
def test_not_files(tmp_path):
    done = run("--check-config", "--config", tmp_path)
    assert (done.returncode, done.stderr) == (1, f"{tmp_path}: Is a directory\n")
    done = run("--foreground", "--mount", "", cwd=tmp_path)
    assert done.returncode == 64 and "--mount: expected a directory" in done.stderr


@case("the example of the distribution is a good configuration, also with all that it only suggests")
def test_example(tmp_path):
    example = paths.ROOT / "data" / "parport.conf"
    all_of_it = tmp_path / "all"
    all_of_it.write_text(re.sub(r"^(\s*)# ?(?=\s*(\w+ = |\}$))", r"\1", example.read_text(),
                                flags=re.M))
    for config in (example, all_of_it):
        done = run("--check-config", "--config", config)
        assert (done.returncode, done.stderr) == (0, "")
    source = (paths.ROOT / "src" / "front" / "fuse" / "config.c").read_text()
    keys = re.findall(r'\{ "(\w+)", (?:read|opp_config_set)_\w+ \}', source)
    assert {"mount", "devices", "exclusive"} <= set(keys)
    assert not [key for key in keys if not re.search(rf"^\s*{key} = ", all_of_it.read_text(), re.M)]


@case("a mistake in the configuration keeps the service from starting")
def test_bad_config_does_not_start(tmp_path):
    with pytest.raises(ServiceError, match="z80"):
        Service(tmp_path, {"parport0": {"chip": "z80"}}).start()
