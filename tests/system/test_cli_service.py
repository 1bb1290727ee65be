# SPDX-License-Identifier: MIT
"""The command on ports that parportd serves: taking turns, printing, putting out."""

import contextlib
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

import pytest

import command
from lib import paths
from lib.service import Service

case = pytest.mark.case

AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

# <linux/ppdev.h>
PPCLAIM, PPEXCL = 0x708b, 0x708f

# A printer that works in starts, so that a job lasts whatever the machine is busy with.
IN_STARTS = {"busy_every_bytes": 1000, "busy_extra_us": 300000}


@pytest.fixture
def served():
    """serve(keys...) starts a service with a port for each; .printed has the bytes of the first.

    Every user can reach the mount, as far as its permissions go.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        os.chmod(folder, 0o755)

        def serve(*ports, **settings):
            keys = {f"parport{number}": dict(port) for number, port in enumerate(ports)}
            keys["parport0"].setdefault("output", f"{folder}/printed")
            service = Service(folder, keys, settings).start()
            running.callback(service.stop)
            service.printed = pathlib.Path(folder, "printed")
            return service

        yield serve


def status_of(service, port="lpt1"):
    return command.facts("status", port, mount=service.mount)[0]


def hold(service, *program):
    """A started `parport alloc lpt1` that has the port."""
    program = program or ("sleep", "60")
    process = command.start("alloc", "lpt1", *program, mount=service.mount)
    command.wait_until(lambda: (status_of(service)["holder"] or {}).get("pid") == process.pid,
                       "the port is held")
    return process


@pytest.fixture
def as_somebody():
    """Runs the command as a user without rights; the caller who is one already, as himself."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        copy = shutil.copy(command.PARPORT, folder)

        def run(service, *arguments):
            prefix = AS_NOBODY if os.geteuid() == 0 else []
            return subprocess.run([*prefix, copy, *arguments], text=True, capture_output=True,
                                  env=command.environment(service.mount), timeout=command.WAIT_S)

        yield run


def let_go(*processes):
    for process in processes:
        process.terminate()
        command.finish(process)


@case("list, status and info show every port of the mount, by JSON and as text")
def test_facts(served):
    service = served({}, {"chip": "spp", "peripheral": "none", "exclusive": "wait",
                          "max_hold": "30 s"})
    assert [(port["port"], port["device"], port["chip"], port["state"])
            for port in command.facts("list", mount=service.mount)] == \
        [("parport0", "lpt1", "ps2", "free"), ("parport1", "lpt2", "spp", "free")]
    assert [port["holder"] for port in command.facts("status", mount=service.mount)] == [None, None]
    first, second = command.facts("info", mount=service.mount)
    assert (first["exclusive"], first["max_hold_us"], first["number"]) == ("refuse", 0, 0)
    assert (second["exclusive"], second["max_hold_us"], second["number"]) == ("wait", 30000000, 1)
    text = command.run("list", mount=service.mount).stdout
    assert re.search(r"^lpt1 +parport0 +sim +ps2 +printer +free$", text, re.M)
    text = command.run("info", "lpt2", mount=service.mount).stdout
    assert re.search(r"longest hold +30 s$", text, re.M)


@case("the two names and the path of a port mean the same port")
def test_names(served):
    service = served({}, {})
    for name in ("lpt2", "parport1", service.node("parport1")):
        assert command.facts("info", name, mount=service.mount)[0]["port"] == "parport1"


@case("an unknown port: exit status 110, and the ports asked for besides it are shown")
def test_unknown_port(served):
    service = served({})
    done = command.run("status", "--json", "lpt7", "lpt1", mount=service.mount)
    assert done.returncode == command.NO_PORT
    assert "lpt7" in done.stderr or "parport6" in done.stderr
    assert [port["device"] for port in json.loads(done.stdout)] == ["lpt1"]


@case("no permission: exit status 111 and the group that has it")
def test_permission(served, as_somebody):
    service = served({}, mode="0660" if os.geteuid() == 0 else "0000")
    done = as_somebody(service, "info", "lpt1")
    assert done.returncode == command.NOT_PERMITTED
    assert str(service.node("parport0")) in done.stderr and "group" in done.stderr


@case("status names the holder and those in line, in their order")
def test_status(served):
    service = served({"scan": False})
    holder = hold(service)
    waiting = []
    for count in (1, 2):
        waiting.append(command.start("alloc", "lpt1", "true", mount=service.mount))
        command.wait_until(lambda: status_of(service)["waiters"] == count, "one more in line")
    status = status_of(service)
    assert status["state"] == "held"
    assert (status["holder"]["program"], status["holder"]["kind"]) == ("parport", "ppdev")
    assert [who["pid"] for who in status["waiting"]] == [process.pid for process in waiting]
    assert status["waiting"][0]["waited_us"] >= status["waiting"][1]["waited_us"]
    text = command.run("status", mount=service.mount).stdout
    assert f"held by parport (pid {holder.pid})" in text and "2 waiting" in text
    assert text.index(f"1. parport (pid {waiting[0].pid})") < \
        text.index(f"2. parport (pid {waiting[1].pid})")
    let_go(holder)
    for process in waiting:
        assert command.finish(process)[0] == 0
    command.wait_until(lambda: status_of(service)["state"] == "free", "given back")
    status = status_of(service)
    assert (status["allocates"], status["frees"]) == (3, 3)


@case("status --watch shows a change and ends with 0 at Ctrl-C")
def test_watch(served):
    service = served({})
    watch = command.start("status", "--watch", "--json", mount=service.mount)
    assert json.loads(watch.stdout.readline())[0]["state"] == "free"
    holder = hold(service)
    command.wait_until(lambda: json.loads(watch.stdout.readline())[0]["state"] == "held",
                       "the change is shown")
    watch.send_signal(signal.SIGINT)
    assert command.finish(watch)[0] == 0
    let_go(holder)


@case("alloc: two programs take turns and never overlap")
def test_alloc_turns(served, tmp_path):
    service = served({})
    log = tmp_path / "turns"
    program = f"echo in >>{log}; sleep 0.2; echo out >>{log}"
    both = [command.start("alloc", "lpt1", "sh", "-c", program, mount=service.mount)
            for _ in range(3)]
    for process in both:
        assert command.finish(process)[0] == 0
    assert log.read_text().split() == ["in", "out"] * 3


@case("alloc says who is in the way, since when, how many are before it, and when that changes")
def test_alloc_contention(served):
    service = served({})
    holder = hold(service)
    second = command.start("alloc", "lpt1", "sleep", "60", mount=service.mount)
    command.wait_until(lambda: status_of(service)["waiters"] == 1, "the second waits")
    third = command.start("alloc", "lpt1", "echo", "mine", mount=service.mount)
    said = third.stderr.readline()
    assert re.fullmatch(rf"parport alloc: waiting: lpt1 is held by parport \(pid {holder.pid}\) "
                        r"for [\d.]+ s, 1 before us in line\n", said)
    let_go(holder)
    assert f"(pid {second.pid})" in (said := third.stderr.readline()) and ", 0 before us" in said
    let_go(second)
    assert command.finish(third)[:2] == (0, "mine\n")


@case("alloc --timeout: 124 when the time is up, who holds the port, and the place in line is left")
@pytest.mark.parametrize("time", ["0", "200ms"])
def test_alloc_timeout(served, time):
    service = served({})
    holder = hold(service)
    done = command.run("alloc", "--timeout", time, "lpt1", "echo", "never", mount=service.mount)
    assert (done.returncode, done.stdout) == (command.BUSY, "")
    assert f"parport (pid {holder.pid}) holds it" in done.stderr
    assert "parport kick lpt1" in done.stderr
    command.wait_until(lambda: status_of(service)["waiters"] == 0, "it left the line")
    let_go(holder)
    assert command.run("alloc", "--timeout", time, "lpt1", "true", mount=service.mount) \
        .returncode == 0


@case("alloc: a signal while it waits ends it and takes it out of the line")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL],
                         ids=lambda number: number.name)
def test_alloc_signal_in_line(served, number):
    service = served({})
    holder = hold(service)
    waiting = command.start("alloc", "lpt1", "echo", "never", mount=service.mount)
    command.wait_until(lambda: status_of(service)["waiters"] == 1, "it waits")
    waiting.send_signal(number)
    assert command.finish(waiting)[:2] == (-number, "")
    command.wait_until(lambda: status_of(service)["waiters"] == 0, "it left the line")
    let_go(holder)


@case("alloc: stopped and continued while it waits, it still gets the port")
def test_alloc_stopped_in_line(served):
    service = served({})
    holder = hold(service)
    waiting = command.start("alloc", "lpt1", "echo", "mine", mount=service.mount)
    command.wait_until(lambda: status_of(service)["waiters"] == 1, "it waits")
    waiting.send_signal(signal.SIGSTOP)
    command.wait_until(lambda: command.state_of(waiting) == "T", "it is stopped")
    waiting.send_signal(signal.SIGCONT)
    command.wait_until(lambda: status_of(service)["waiters"] == 1, "it waits again")
    let_go(holder)
    assert command.finish(waiting)[:2] == (0, "mine\n")


@case("alloc: killed while it holds the port, the next in line has it")
def test_alloc_killed(served):
    service = served({})
    holder = hold(service, "sh", "-c", "echo $$; exec sleep 60")
    orphan = int(holder.stdout.readline())
    waiting = command.start("alloc", "lpt1", "echo", "mine", mount=service.mount)
    command.wait_until(lambda: status_of(service)["waiters"] == 1, "one waits")
    holder.kill()
    assert command.finish(waiting)[:2] == (0, "mine\n")
    os.kill(orphan, signal.SIGTERM)
    command.finish(holder)


@case("alloc: what its command leaves in the background neither holds nor has the port")
def test_alloc_background(served):
    service = served({})
    done = command.run("alloc", "lpt1", "sh", "-c",
                       "ls -l /proc/self/fd; sleep 5 >/dev/null 2>&1 & exit 3",
                       mount=service.mount)
    assert done.returncode == 3
    assert str(service.mount) not in done.stdout
    command.wait_until(lambda: status_of(service)["state"] == "free", "given back")


@case("kick: the holder is named and put out, alloc tells it lost the port")
def test_kick(served, tmp_path):
    service, told = served({}), tmp_path / "told"
    holder = hold(service, "sh", "-c", f"until [ -e {told} ]; do sleep 0.05; done")
    waiting = command.start("alloc", "lpt1", "echo", "mine", mount=service.mount)
    command.wait_until(lambda: status_of(service)["waiters"] == 1, "one waits")
    done = command.run("kick", "lpt1", mount=service.mount)
    assert (done.returncode, done.stdout) == (0, f"lpt1: put out parport (pid {holder.pid})\n")
    assert command.finish(waiting)[:2] == (0, "mine\n")
    told.touch()
    status, _, said = command.finish(holder)
    assert status == command.KICKED
    assert "lpt1 was not ours until the end" in said


@pytest.fixture
def shell_prints():
    """shell_prints(service) is a shell that printed a line and keeps its job open until let go."""
    shells = []

    def start(service):
        shell = subprocess.Popen(["sh", "-c", f"exec >{service.node('lpt1')}; echo x; read line"],
                                 stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        shells.append(shell)
        command.wait_until(lambda: (status_of(service)["job"] or {}).get("pid") == shell.pid
                           and status_of(service)["state"] == "free", "the shell prints no more")
        return shell

    yield start
    for shell in shells:
        shell.kill()
        shell.wait(command.WAIT_S)
        shell.stdin.close()


@case("a job that prints nothing: status shows it and who waits, print says it is in the way")
def test_job_in_the_way(served, shell_prints, tmp_path):
    service = served({})
    assert (status_of(service)["job"], status_of(service)["jobs_behind"]) == (None, 0)
    assert "printing" not in command.run("status", mount=service.mount).stdout
    shell = shell_prints(service)
    (tmp_path / "page").write_text("page")
    jobs = [command.start("print", str(tmp_path / "page"), mount=service.mount) for _ in range(2)]
    for job in jobs:
        assert re.fullmatch(r"parport print: waiting: lpt1 is kept by a print job of sh "
                            rf"\(pid {shell.pid}\) for [\d.]+ s\n", job.stderr.readline())
    status = status_of(service)
    assert (status["job"]["program"], status["job"]["kind"]) == ("sh", "job")
    assert (status["state"], status["waiters"], status["jobs_behind"]) == ("free", 0, 2)
    assert status["job"]["printed_us"] > 0
    text = command.run("status", mount=service.mount).stdout
    assert re.search(rf"^  printing a job of sh \(pid {shell.pid}\) for [\d.]+ s, "
                     r"jobs behind it: 2$", text, re.M)
    shell.kill()
    for job in jobs:
        assert command.finish(job)[0] == 0
    command.wait_until(lambda: service.printed.read_text() == "x\npagepage", "it is printed")


@case("kick: a job that prints nothing is named and put out, the next one is printed")
def test_kick_job(served, shell_prints, tmp_path):
    service = served({})
    shell = shell_prints(service)
    (tmp_path / "page").write_text("page")
    job = command.start("print", str(tmp_path / "page"), mount=service.mount)
    command.wait_until(lambda: status_of(service)["jobs_behind"] == 1, "a job waits")
    done = command.run("kick", "lpt1", mount=service.mount)
    assert (done.returncode, done.stdout) == \
        (0, f"lpt1: put out the print job of sh (pid {shell.pid})\n")
    assert command.finish(job)[0] == 0


@case("kick: nobody holds the port, exit status 114")
def test_kick_nobody(served):
    done = command.run("kick", "lpt1", mount=served({}).mount)
    assert done.returncode == command.NOT_POSSIBLE
    assert "nobody holds lpt1" in done.stderr


# To nobody but himself does FUSE show the mount of an ordinary user.
if os.geteuid() == 0:
    @case("kick: only root and the user of the service may")
    def test_kick_refused(served, as_somebody):
        service = served({}, mode="0666")
        holder = hold(service)
        done = as_somebody(service, "kick", "lpt1")
        assert done.returncode == command.NOT_PERMITTED
        assert "only root and the user parportd runs as" in done.stderr
        assert status_of(service)["holder"]["pid"] == holder.pid
        let_go(holder)


@case("alloc: a program that excludes others (PPEXCL) is named as the reason, exit status 124")
def test_alloc_excluded(served):
    service = served({})
    fd = os.open(service.node("parport0"), os.O_RDWR)
    fcntl.ioctl(fd, PPEXCL)
    fcntl.ioctl(fd, PPCLAIM)
    done = command.run("alloc", "lpt1", "true", mount=service.mount)
    os.close(fd)
    assert done.returncode == command.BUSY
    assert "PPEXCL" in done.stderr and 'exclusive = "wait"' in done.stderr
    assert command.run("alloc", "lpt1", "true", mount=service.mount).returncode == 0


@case("print: files and standard input become one job, byte exact, and nothing is said")
def test_print(served, tmp_path):
    service = served({})
    first = bytes(range(256)) * 300
    (tmp_path / "first").write_bytes(first)
    (tmp_path / "last").write_bytes(b"last\n")
    done = command.run("print", str(tmp_path / "first"), "-", str(tmp_path / "last"),
                       mount=service.mount, input=b"from standard input\n", text=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    expected = first + b"from standard input\n" + b"last\n"
    command.wait_until(lambda: service.printed.stat().st_size >= len(expected), "all is printed")
    assert service.printed.read_bytes() == expected
    assert status_of(service)["bytes_written"] == len(expected)


@case("print --port: another port; two jobs on one port never mix")
def test_print_jobs(served, tmp_path):
    service = served({}, {"output": str(tmp_path / "second"), **IN_STARTS})
    for letter in "ab":
        (tmp_path / letter).write_text(letter * 4000)
    jobs = [command.start("print", "--port", port, str(tmp_path / letter), mount=service.mount)
            for port, letter in (("lpt2", "a"), ("parport1", "b"))]
    for job in jobs:
        assert command.finish(job)[:2] == (0, "")
    command.wait_until(lambda: (tmp_path / "second").stat().st_size == 8000, "all is printed")
    assert re.fullmatch(r"a{4000}b{4000}|b{4000}a{4000}", (tmp_path / "second").read_text())
    assert not service.printed.exists() or service.printed.read_bytes() == b""


@case("print says who is in its way, and goes on when the port is free")
def test_print_waits(served, tmp_path):
    service = served({})
    (tmp_path / "page").write_text("text")
    holder = hold(service)
    job = command.start("print", str(tmp_path / "page"), mount=service.mount)
    assert re.fullmatch(rf"parport print: waiting: lpt1 is held by parport \(pid {holder.pid}\) "
                        r"for [\d.]+ s, 0 before us in line\n", job.stderr.readline())
    let_go(holder)
    assert command.finish(job)[0] == 0
    command.wait_until(lambda: service.printed.read_text() == "text", "it is printed")


@case("print on a terminal shows progress and rate")
def test_print_progress(served, tmp_path):
    service = served(IN_STARTS)
    (tmp_path / "page").write_text("x" * 5000)
    status, text = command.run_on_terminal("print", str(tmp_path / "page"), mount=service.mount)
    assert status == 0
    assert re.search(r"lpt1: \d+ of 5000 bytes, \d+ bytes/s, compat mode\r\x1b\[K", text)
    assert re.search(r"lpt1: 5000 of 5000 bytes, \d+ bytes/s, compat mode\r\n$", text)


@case("P-054 print tells paper out from off-line and no power, what to do, and the bytes printed")
@pytest.mark.parametrize("fault, status, phrase, remedy", [
    ("paper_out", command.PAPER_OUT, "out of paper", "load paper"),
    ("off_line", command.OFF_LINE, "off-line", "switch the printer on-line"),
    ("powered_off", command.NOT_CONNECTED, "no power", "switch the printer on"),
    ("error", command.DEVICE_ERROR, "error", "look at the printer"),
], ids=["paper out", "off-line", "no power", "error"])
def test_print_faults(served, tmp_path, fault, status, phrase, remedy):
    service = served({fault: True, "fault_timeout": "1 s"})
    (tmp_path / "page").write_text("x" * 3000)
    done = command.run("print", str(tmp_path / "page"), mount=service.mount)
    assert done.returncode == status
    while_it_waits, at_the_end = done.stderr.splitlines()
    assert phrase in while_it_waits and remedy in while_it_waits
    assert f"{remedy}, then the job goes on" in while_it_waits
    assert phrase in at_the_end and remedy in at_the_end
    assert "; 0 of 3000 bytes reached the printer" in at_the_end


@case("P-055 print: a fault in the middle of a job, the count of bytes is exact")
def test_print_fault_in_the_middle(served, tmp_path):
    service = served({"output": "/dev/full", "fault_timeout": "300 ms"})
    (tmp_path / "page").write_text("x" * 100000)
    done = command.run("print", str(tmp_path / "page"), mount=service.mount)
    assert done.returncode == command.DEVICE_ERROR
    said = int(re.search(r"; (\d+) of 100000 bytes reached", done.stderr)[1])
    assert 0 < said < 100000
    assert said == status_of(service)["bytes_written"]


@case("print: Ctrl-C ends the job, 128 + 2, and the count is what was printed")
def test_print_interrupted(served, tmp_path):
    service = served(IN_STARTS)
    (tmp_path / "page").write_text("x" * 100000)
    job = command.start("print", str(tmp_path / "page"), mount=service.mount)
    command.wait_until(lambda: service.printed.exists() and service.printed.stat().st_size > 1500,
                       "some bytes are printed")
    job.send_signal(signal.SIGINT)
    status, _, text = command.finish(job)
    assert status == 128 + signal.SIGINT
    said = int(re.search(r"stopped by a signal; (\d+) of 100000 bytes reached", text)[1])
    assert said == status_of(service)["bytes_written"]
    command.wait_until(lambda: service.printed.stat().st_size == said, "the last byte is printed")
    assert command.run("print", "/dev/null", mount=service.mount).returncode == 0


@case("print: stopped and continued in the middle of a write, nothing is lost or doubled")
def test_print_stopped(served, tmp_path):
    service = served(IN_STARTS)
    page = bytes(range(250)) * 16
    (tmp_path / "page").write_bytes(page)
    job = command.start("print", str(tmp_path / "page"), mount=service.mount)
    for least in (100, 1500):
        command.wait_until(lambda: service.printed.exists() and
                           service.printed.stat().st_size > least, "some bytes are printed")
        job.send_signal(signal.SIGSTOP)
        command.wait_until(lambda: command.state_of(job) == "T", "it is stopped")
        job.send_signal(signal.SIGCONT)
    assert command.finish(job)[0] == 0
    command.wait_until(lambda: service.printed.stat().st_size >= len(page), "all is printed")
    assert service.printed.read_bytes() == page


@case("print: a job that is put out says so, exit status 113")
def test_print_kicked(served, tmp_path):
    service = served(IN_STARTS)
    (tmp_path / "page").write_text("x" * 100000)
    job = command.start("print", str(tmp_path / "page"), mount=service.mount)
    command.wait_until(lambda: command.run("kick", "lpt1", mount=service.mount).returncode == 0,
                       "the job holds the port and is put out")
    status, _, text = command.finish(job)
    assert status == command.KICKED
    assert re.search(r"put out of the port; \d+ of 100000 bytes reached the printer", text)


@case("print: the service ends in the middle of a job, exit status 112")
def test_print_service_ends(served, tmp_path):
    service = served(IN_STARTS)
    (tmp_path / "page").write_text("x" * 100000)
    job = command.start("print", str(tmp_path / "page"), mount=service.mount)
    command.wait_until(lambda: service.printed.exists() and service.printed.stat().st_size > 0,
                       "the job runs")
    service.stop()
    status, _, text = command.finish(job)
    assert status == command.REMOVED
    assert re.search(r"; \d+ of 100000 bytes reached the printer: see 'parport doctor'", text)


@case("program names from other users cannot steer a terminal or break the JSON")
def test_hostile_name(served, tmp_path):
    service = served({})
    program = ("import fcntl, os, sys, time;"
               "open('/proc/self/comm', 'wb').write(b'\\x1b[2J\\xff\\n');"
               "fd = os.open(sys.argv[1], os.O_RDWR); fcntl.ioctl(fd, int(sys.argv[2])); time.sleep(60)")
    client = subprocess.Popen(["/usr/bin/python3", "-c", program, str(service.node("parport0")),
                               str(PPCLAIM)], stdin=subprocess.DEVNULL)
    try:
        command.wait_until(lambda: status_of(service)["state"] == "held", "the port is held")
        name = status_of(service)["holder"]["program"]
        assert name.isprintable() and name.isascii() and "[2J" in name
        assert "\x1b" not in command.run("status", mount=service.mount).stdout
    finally:
        client.kill()
        client.wait(command.WAIT_S)


COMPLETE = """
. {file}
COMP_WORDS=({words} "") COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
COMP_WORDS[COMP_CWORD]={current}
_parport {program} {current} "${{COMP_WORDS[COMP_CWORD-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def complete(service, words, current="''"):
    script = COMPLETE.format(file=paths.ROOT / "data" / "completion" / "parport", words=words,
                             current=current, program=command.PARPORT)
    done = subprocess.run(["bash", "-c", script], text=True, capture_output=True,
                          cwd=service.work, timeout=command.WAIT_S,
                          env=command.environment(service.mount))
    assert done.stderr == ""
    return done.stdout.split()


@case("bash completion: verbs, options, the ports of the mount, files and commands")
def test_completion(served):
    service = served({}, {})
    ports = ["lpt1", "lpt2", "parport0", "parport1"]
    assert set(complete(service, "parport")) == \
        {"list", "status", "info", "alloc", "lock", "doctor", "run", "print", "pins", "negotiate", "probe", "caps", "id",
         "chain", "read", "write", "reset", "monitor", "sim", "kick", "--help", "--version"}
    assert complete(service, "parport", "pri") == ["print"]
    for verb in ("status", "info", "pins", "kick", "alloc", "probe", "id", "read", "write", "monitor"):
        assert sorted(complete(service, f"parport {verb}")) == ports
    assert sorted(complete(service, "parport alloc --timeout 2s")) == ports
    assert complete(service, "parport print --port", "lpt2") == ["lpt2"]
    assert "parport.conf" in complete(service, "parport print")
    for verb in ("alloc", "lock --no-select"):
        assert "sleep" in complete(service, f"parport {verb} lpt1", "slee")
    assert {"--json", "--watch", "--help"} <= set(complete(service, "parport status", "--"))
    assert "--watch" not in complete(service, "parport pins", "--")
    assert complete(service, "parport negotiate lpt1", "e") == ["ecp", "ecp-rle", "epp"]
    assert "parport.conf" in complete(service, "parport write --mode ecp lpt1")
    assert set(complete(service, "parport sim")) == {"show", "set", "attach", "detach", "fault"}
    assert sorted(complete(service, "parport sim set")) == ports
    assert complete(service, "parport sim set lpt1", "chi") == ["chip="]
    assert "paper_out" in complete(service, "parport sim fault lpt1")
    assert complete(service, "parport print --mode") == ["compat", "ecp", "ecp-rle", "epp"]
    assert complete(service, "parport read -m", "n") == ["nibble"]
    assert complete(service, "parport doctor") == []
    assert complete(service, "parport doctor --root", service.mount.name[:-1]) == [service.mount.name]


@case("bash completion: devices for the verbs that take them, ports alone for the others")
def test_completion_of_devices(served):
    service = served({"modes": "nibble", "daisy": 1})
    devices = ["lpt1", "lpt1.0", "lpt1.4"]
    assert sorted(complete(service, "parport lock")) == devices
    for verb in ("id", "caps", "print --port", "monitor"):
        assert sorted(complete(service, f"parport {verb}")) == [*devices, "parport0"]
    for verb in ("alloc", "status", "kick"):
        assert sorted(complete(service, f"parport {verb}")) == ["lpt1", "parport0"]
