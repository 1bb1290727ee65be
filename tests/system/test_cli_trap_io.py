# SPDX-License-Identifier: MIT
"""parport run --trap-io: a program's port instructions reach ports of the service."""

import os
import pathlib
import shutil
import signal
import subprocess

import pytest

import command
from clients import FREE, HELD, is_free, status, wait_in_line, wait_until_free
from lib import paths
from test_cli_service import as_somebody  # noqa: F401

case = pytest.mark.case

PROGRAMS = {"64": paths.BUILD / "tests" / "system" / "port_program",
            "32": paths.BUILD / "tests" / "system" / "port_program_i686"}
BITS = pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
PROGRAM = PROGRAMS["64"]


@pytest.fixture(autouse=True)
def no_leak_checker(monkeypatch):
    """It traces, too, and a program has one tracer."""
    options = os.environ.get("ASAN_OPTIONS", "")
    monkeypatch.setenv("ASAN_OPTIONS", f"{options}:detect_leaks=0")


def trapped(service, *arguments, **options):
    return command.run("run", "--trap-io", *arguments, mount=service.mount, **options)


@pytest.fixture
def start():
    """start(service, ...) starts a program that is trapped; it is killed with the test."""
    running = []

    def run(service, *arguments, **options):
        options.setdefault("stdin", subprocess.PIPE)
        running.append(command.start("run", "--trap-io", *arguments, mount=service.mount,
                                     **options))
        return running[-1]

    yield run
    for program in running:
        program.kill()
        program.wait(command.WAIT_S)
        for stream in (program.stdin, program.stdout, program.stderr):
            stream.close()


def tracer_of(process):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("TracerPid:"):
            return int(line.split()[1])
    raise AssertionError("no TracerPid")


@case("run --trap-io: accesses, threads, children and signals are as on a PC")
@BITS
@pytest.mark.parametrize("group", ["widths", "strings", "threads", "processes", "signals",
                                   "rights"])
def test_like_a_pc(serve, program, group):
    service = serve({"chip": "ps2"})
    done = trapped(service, "--", program, group)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
    wait_until_free(service.node("parport0"))


@case("run --trap-io: an address that is no port's is told of once")
def test_told(serve):
    done = trapped(serve(), PROGRAM, "rights")
    assert done.stderr == ("parport run: no port of parportd has the address 0x2f8, the first is at 0x378: it "
                           "reads 0xff, and so do all others; what is written there is lost\n")


@case("run --trap-io: lines are driven that a loop-back plug feeds back")
def test_plug(serve):
    done = trapped(serve({"peripheral": "norton"}), PROGRAM, "plug")
    assert (done.returncode, done.stdout) == (0, "")


@case("run --trap-io: the ports named are at 0x378, 0x278 and 0x3bc, in that order")
def test_addresses(serve, start):
    service = serve(second={})
    named = ("-p", "lpt2", "-p", "lpt1")
    program = start(service, *named, PROGRAM, "hold")
    assert program.stdout.readline() == "held\n"
    assert [status(service.node(name))["state"] for name in ("parport0", "parport1")] == \
        [FREE, HELD]


@case("run --trap-io: exit status, signal, arguments and standard input are the program's own")
def test_transparent(serve):
    service = serve()
    done = trapped(service, "sh", "-c", 'cat; echo "$@"; exit 7', "sh", "-p", "a b", input="in\n")
    assert (done.returncode, done.stdout, done.stderr) == (7, "in\n-p a b\n", "")
    assert trapped(service, "sh", "-c", "kill -USR1 $$").returncode == -signal.SIGUSR1
    assert trapped(service, "sh", "-c", "ulimit -c 0; kill -SEGV $$").returncode == -signal.SIGSEGV


@case("run --trap-io: a program is stopped and continued")
def test_stopped(serve, start):
    service = serve()
    program = start(service, PROGRAM, "hold")
    assert program.stdout.readline() == "held\n"
    program.send_signal(signal.SIGSTOP)
    _, how = os.waitpid(program.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(how) and os.WSTOPSIG(how) == signal.SIGSTOP
    program.send_signal(signal.SIGCONT)
    _, how = os.waitpid(program.pid, os.WCONTINUED)
    assert os.WIFCONTINUED(how)
    assert command.finish(program) == (0, "", "")


@case("run --trap-io: a set-id program has the rights it would have; an ordinary user needs none")
def test_rights(serve, tmp_path, open_dir, as_somebody):  # noqa: F811
    service = serve(mode="0666")
    set_id = tmp_path / "id"
    shutil.copy("/usr/bin/id", set_id)
    if os.geteuid() == 0:
        os.chown(set_id, 65534, 65534)
    set_id.chmod(0o6755)
    without = subprocess.run([set_id], capture_output=True, text=True, timeout=command.WAIT_S)
    assert trapped(service, set_id).stdout == without.stdout
    shutil.copy(PROGRAM, tmp_path / "program")
    done = as_somebody(service, "run", "--trap-io", tmp_path / "program", "threads")
    assert done.returncode == 0, done.stderr


@case("run --trap-io: a child that outlives its parent keeps the port")
def test_orphan(serve, start):
    service = serve()
    program = start(service, "sh", "-c", f"exec 3<&0; {PROGRAM} hold <&3 & exit 5")
    assert program.wait(command.WAIT_S) == 5
    assert program.stdout.readline() == "held\n"
    assert not is_free(service.node("parport0"))
    program.stdin.close()
    wait_until_free(service.node("parport0"))


@case("run --trap-io: a program that is killed frees the port")
def test_killed(serve, start):
    service = serve()
    program = start(service, PROGRAM, "hold")
    assert program.stdout.readline() == "held\n"
    program.kill()
    assert program.wait(command.WAIT_S) == -signal.SIGKILL
    wait_until_free(service.node("parport0"))


@case("run --trap-io: when the tracer is killed, so is the program, and the port is free")
def test_tracer_killed(serve, start):
    service = serve()
    program = start(service, PROGRAM, "hold")
    assert program.stdout.readline() == "held\n"
    os.kill(tracer_of(program), signal.SIGKILL)
    assert program.wait(command.WAIT_S) == -signal.SIGKILL
    wait_until_free(service.node("parport0"))


PORT_FILE = r"""
import os, threading
fd = os.open("/dev/port", os.O_RDWR)
os.lseek(fd, 0x378, os.SEEK_SET)
assert os.write(fd, b"\x5a") == 1 and os.lseek(fd, 0, os.SEEK_CUR) == 0x379
assert os.pread(fd, 1, 0x378) == b"\x5a"
assert os.pwrite(fd, b"\x21\xff\x04", 0x378) == 3
again = os.dup(fd)
os.lseek(again, 0x378, os.SEEK_SET)
seen = os.read(again, 4)
assert seen[:1] + seen[2:] == b"\x21\xc4\xff", seen
assert os.pread(fd, 4, 0xfffe) == b"\xff\xff"
if not os.fork():
    os.pwrite(fd, b"\x42", 0x378)
    os._exit(0)
os.wait()
seen = []
thread = threading.Thread(target=lambda: seen.append(os.pread(fd, 1, 0x378)))
thread.start()
thread.join()
assert seen == [b"\x42"], seen
"""


@case("run --trap-io: bytes of /dev/port are ports")
def test_port_file(serve):
    service = serve({"chip": "ps2"})
    done = trapped(service, "/usr/bin/python3", "-c", PORT_FILE)
    assert done.returncode == 0, done.stderr
    dd = "dd bs=1 count=1 status=none"
    done = trapped(service, "sh", "-c", f"printf '!' | {dd} of=/dev/port seek=888; "
                   f"{dd} if=/dev/port skip=888; {dd} skip=888 </dev/port")
    assert (done.returncode, done.stdout, done.stderr) == (0, "!!", "")
    wait_until_free(service.node("parport0"))


@case("run --trap-io: the program waits for a port in use, takes signals meanwhile, then goes on")
def test_waits(serve, start, client):
    service = serve()
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    ended, program = (start(service, PROGRAM, "hold") for _ in range(2))
    wait_in_line(service.node("parport0"), 2)
    ended.send_signal(signal.SIGTERM)
    assert ended.wait(command.WAIT_S) == -signal.SIGTERM
    wait_in_line(service.node("parport0"), 1)
    assert holder.do("release") == "ok"
    assert program.stdout.readline() == "held\n"
    assert status(service.node("parport0"))["holder"] == tracer_of(program)
    code, _, said = command.finish(program)
    assert code == 0 and "waiting: lpt1 is held by" in said


@case("run --trap-io: a port that is kicked away reads 0xff, and that is said")
def test_kicked(serve, start):
    service = serve()
    program = start(service, "sh", "-c", f"{PROGRAM} hold; {PROGRAM} widths")
    assert program.stdout.readline() == "held\n"
    assert command.run("kick", "lpt1", mount=service.mount).returncode == 0
    code, said, errors = command.finish(program)
    assert code == 1 and "a byte is read back" in said
    assert errors.count("lpt1 is lost to this program") == 1


@case("run --trap-io: no such port, no such program, and one that is traced already")
def test_refused(serve):
    service = serve()
    assert trapped(service, "-p", "lpt9", "true").returncode == command.NO_PORT
    missing = trapped(service, "nonesuch")
    assert (missing.returncode, missing.stderr) == \
        (127, "parport run: cannot run nonesuch: No such file or directory\n")
    nested = trapped(service, command.PARPORT, "run", "--trap-io", "true")
    assert nested.returncode == command.NOT_PERMITTED
    assert "something traces this command already" in nested.stderr
