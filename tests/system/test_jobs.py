# SPDX-License-Identifier: MIT
"""lpt1: a job is what is written from the first write() to the close()."""

import errno
import os
import pathlib
import select
import signal
import subprocess

import pytest

import command
from clients import events, status, wait_in_line, wait_until, wait_until_free
from lib import ioctls

case = pytest.mark.case

WRITE = os.O_WRONLY
BUSY = 0x80
POLLOUT = select.POLLOUT | select.POLLWRNORM


def printed(service):
    return service.printed.read_bytes() if service.printed.exists() else b""


def wait_printed(service, page):
    wait_until(lambda: printed(service) == page, "the page printed")


@case("jobs are printed in the order of their first write and never mix")
def test_order(serve, client):
    service = serve()
    holder = client(service.node("parport0"))
    jobs = [client(service.node("lpt1"), WRITE) for _ in range(3)]
    assert holder.do("claim") == "ok"
    jobs[1].send("write b 3")
    wait_in_line(service.node("parport0"), 1)
    for behind, (job, letter) in enumerate(((jobs[0], "a"), (jobs[2], "c")), 1):
        job.send(f"write {letter} 3")
        wait_until(lambda: status(service.node("lpt1"))["jobs behind"] == behind, "its place")
    assert holder.do("release") == "ok"
    assert jobs[1].answer() == "ok 3"
    assert jobs[1].do("write B 2") == "ok 2"
    assert not jobs[0].answered(0.1) and not jobs[2].answered()
    assert jobs[1].do("close") == "ok"
    assert jobs[0].answer() == "ok 3"
    assert not jobs[2].answered(0.1)
    assert jobs[0].do("close") == "ok"
    assert jobs[2].answer() == "ok 3"
    wait_printed(service, b"bbbBBaaaccc")


@case("thirty shells print at once: every page comes whole, each once")
def test_shells(serve):
    service = serve()
    node = service.node("lpt1")
    script = 'for part in 1 2 3 4; do printf "%s:%s;" "$0" "$part"; done > "$1"; '
    shells = [subprocess.Popen(["sh", "-c", script, str(name), str(node)]) for name in range(30)]
    assert [shell.wait(20) for shell in shells] == [0] * 30
    wait_until(lambda: printed(service).count(b";") == 30 * 4, "all pages")
    pages = printed(service).decode().split(";")[:-1]
    names = [page.split(":")[0] for page in pages[::4]]
    assert sorted(names, key=int) == [str(name) for name in range(30)]
    assert pages == [f"{name}:{part}" for name in names for part in (1, 2, 3, 4)]


@case("a crowd opens at once; who only looks, or is killed in line, keeps nobody from printing")
def test_crowd(serve):
    service = serve()
    node = str(service.node("lpt1"))
    look = "import os, sys\nwhile True: os.close(os.open(sys.argv[1], os.O_PATH))"
    lookers = [subprocess.Popen(["python3", "-c", look, node]) for _ in range(3)]
    crowd = [subprocess.Popen(["sh", "-c", 'echo "$0" > "$1"', str(name), node])
             for name in range(60)]
    for looker in lookers[1:]:
        looker.kill()
    try:
        assert [shell.wait(20) for shell in crowd] == [0] * 60
    finally:
        for process in lookers + crowd:
            process.kill()
            process.wait(20)
    wait_until(lambda: printed(service).count(b"\n") == 60, "all pages")
    assert sorted(map(int, printed(service).split())) == list(range(60))


@pytest.mark.parametrize("way", [">", ">>"])
@case("a shell whose job must wait can be killed while it waits")
def test_killable(serve, client, way):
    service = serve({"paper_out": True})
    first = client(service.node("lpt1"), WRITE)
    first.send("write x 1")
    wait_until(lambda: status(service.node("lpt1"))["state"] != 0, "the first job's turn")
    shell = subprocess.Popen(["sh", "-c", f'echo page {way} "$0"', str(service.node("lpt1"))])
    wait_until(lambda: status(service.node("lpt1"))["jobs behind"] == 1, "the shell's job in line")
    shell.kill()
    assert shell.wait(20) == -signal.SIGKILL


@case("users of parport0 get their turn within a job")
def test_turns_within_a_job(serve, client):
    service = serve()
    first, second = (client(service.node("parport0")) for _ in range(2))
    job = client(service.node("lpt1"), WRITE)
    assert first.do("claim") == "ok"
    job.send("write j 40000")
    wait_in_line(service.node("parport0"), 1)
    second.send("claim")
    wait_in_line(service.node("parport0"), 2)
    assert first.do("release") == "ok"
    assert second.answer() == "ok"
    assert not job.answered(0.1)
    wait_until(lambda: printed(service), "what was printed before")
    assert len(printed(service)) < 40000
    assert second.do("release") == "ok"
    assert job.answer() == "ok 40000"
    wait_printed(service, b"j" * 40000)


def alone(program):
    """What to ask the client of a program that wants the port for itself alone, as pyparallel."""
    assert program.do("exclusive") == "ok"
    return program


@case("exclusive = wait: who wants the port alone waits for the end of the job, not within it")
def test_alone_between_jobs(serve, client):
    service = serve({"exclusive": "wait"})
    node = service.node("parport0")
    first, second = (alone(client(node)) for _ in range(2))
    jobs = [client(service.node("lpt1"), WRITE) for _ in range(2)]
    assert jobs[0].do("write a 3") == "ok 3"
    jobs[1].send("write b 3")
    for program, count in ((first, 1), (second, 2)):
        program.send("claim")
        wait_in_line(node, count)
    assert jobs[0].do("write A 5000") == "ok 5000"
    assert not first.answered(0.1) and not second.answered()
    assert jobs[0].do("close") == "ok"
    assert first.answer() == "ok"
    assert not jobs[1].answered(0.1) and not second.answered()
    wait_printed(service, b"aaa" + b"A" * 5000)
    assert first.do("release") == "ok"
    assert second.answer() == "ok"
    assert not jobs[1].answered(0.1)
    assert second.do("release") == "ok"
    assert jobs[1].answer() == "ok 3"
    wait_printed(service, b"aaa" + b"A" * 5000 + b"bbb")


@case("exclusive = wait: a wait for the end of a job ends by deadline, signal and kill")
def test_alone_gives_up(serve, client):
    service = serve({"exclusive": "wait"})
    node = service.node("parport0")
    asker, killed = (alone(client(node)) for _ in range(2))
    job = client(service.node("lpt1"), WRITE)
    assert job.do("write a 3") == "ok 3"
    assert asker.do("allocate 0") == "EBUSY"
    assert asker.do("allocate 50000") == "EBUSY"
    killed.send("claim")
    wait_in_line(node, 1)
    killed.signal(signal.SIGKILL)
    wait_in_line(node, 0)
    asker.do("handle interrupt")
    asker.send("claim")
    wait_in_line(node, 1)
    asker.signal(signal.SIGUSR1)
    assert asker.answer() == "EINTR"
    wait_in_line(node, 0)
    assert job.do("close") == "ok"
    wait_until(lambda: asker.do("allocate 0") == "ok", "the port, alone")


FAULTS = [({"paper_out": True}, "ENOSPC"), ({"off_line": True}, "ENXIO"), ({"error": True}, "EIO"),
          ({"powered_off": True}, "ENXIO"), ({"peripheral": "none"}, "ENXIO")]


@pytest.mark.parametrize("port, error", FAULTS, ids=lambda value: str(value))
@case("P-054 a fault is waited for, then told apart: paper, off-line, error, unplugged")
def test_faults(serve, client, port, error):
    service = serve({**port, "fault_timeout": "200 ms"})
    job = client(service.node("lpt1"), WRITE)
    assert job.do("write x 5") == error
    assert job.do("write x 5") == error
    assert job.do("close") == "ok"
    wait_until_free(service.node("parport0"))


@case("a printer that stops answering: the exact count first, then ETIMEDOUT")
def test_partial_then_error(serve, client):
    service = serve({"characters_per_second": 1, "buffer_bytes": 10, "fault_timeout": "300 ms"})
    job = client(service.node("lpt1"), WRITE)
    kind, count = job.do("write x 50").split()
    assert kind == "ok" and 10 <= int(count) < 50
    # Nothing ails it any more: the error is that of the write before, and is told once.
    mended = command.run("sim", "set", "lpt1", "characters_per_second=0", mount=service.mount)
    assert (mended.returncode, mended.stderr) == (0, "")
    assert job.do("write y 5") == "ETIMEDOUT"
    assert job.do("write z 5") == "ok 5"
    assert job.do("close") == "ok"
    wait_printed(service, b"x" * int(count) + b"zzzzz")


@case("a signal ends a write with the count of bytes that have moved, before any with EINTR")
def test_signal(serve, client):
    service = serve({"characters_per_second": 100})
    holder, job = client(service.node("parport0")), client(service.node("lpt1"), WRITE)
    job.do("handle interrupt")
    assert holder.do("claim") == "ok"
    job.send("write x 4000")
    wait_in_line(service.node("parport0"), 1)
    job.signal(signal.SIGUSR1)
    # Python makes the call again after EINTR: it is in line once more.
    wait_until(lambda: "cancelled" in [event["event"] for event in events(service.events)],
               "the first call ended")
    wait_in_line(service.node("parport0"), 1)
    assert holder.do("release") == "ok"
    wait_until(lambda: len(printed(service)) > 5, "some bytes")
    job.signal(signal.SIGUSR1)
    kind, count = job.answer().split()
    assert kind == "ok" and 5 < int(count) < 4000
    wait_printed(service, b"x" * int(count))


@case("kill -9 in the middle of a job: what has moved is printed, the next job is served")
def test_kill(serve, client):
    service = serve({"characters_per_second": 100})
    first, second = (client(service.node("lpt1"), WRITE) for _ in range(2))
    first.send("write a 4000")
    wait_until(lambda: len(printed(service)) > 5, "some bytes")
    second.send("write b 3")
    assert not second.answered(0.05)
    first.signal(signal.SIGKILL)
    assert second.answer() == "ok 3"
    wait_until(lambda: printed(service).endswith(b"bbb"), "the second page")
    assert printed(service).strip(b"a") == b"bbb"
    assert second.do("close") == "ok"
    wait_until_free(service.node("parport0"))


@case("fsync waits until the printer is no longer busy; without a page it waits for nothing")
def test_fsync(serve, client):
    service = serve({"characters_per_second": 20})
    job = client(service.node("lpt1"), WRITE)
    assert job.do("fsync") == "ok"
    assert job.do("write x 2") == "ok 2"
    assert job.do("fsync") == "ok"
    with ioctls.File(service.node("parport0")) as file:
        assert not file.pins()[1] & BUSY
    wait_printed(service, b"xx")


@case("fsync of a printer that stays busy ends with ETIMEDOUT")
def test_fsync_ends(serve, client):
    service = serve({"characters_per_second": 1, "fault_timeout": "300 ms"})
    job = client(service.node("lpt1"), WRITE)
    assert job.do("write x 1") == "ok 1"
    assert job.do("fsync") == "ETIMEDOUT"


@case("a process that waits in fsync can be killed, and the next job is served")
def test_fsync_killed(serve, client):
    service = serve({"characters_per_second": 1})
    first, second = (client(service.node("lpt1"), WRITE) for _ in range(2))
    assert first.do("write x 1") == "ok 1"
    first.send("fsync")
    second.send("write y 1")
    assert not second.answered(0.1) and not first.answered()
    first.signal(signal.SIGKILL)
    assert second.answer() == "ok 1"


@case("poll: a job may write when no other is open, and is told when its turn has come")
def test_poll(serve, client):
    service = serve()
    first, second = (client(service.node("lpt1"), WRITE) for _ in range(2))
    assert int(first.do("poll 0").split()[1]) & POLLOUT
    assert int(second.do("poll 0").split()[1]) & POLLOUT
    assert first.do("write x 1") == "ok 1"
    assert int(first.do("poll 0").split()[1]) & POLLOUT
    assert second.do("poll 0") == "ok 0"
    second.send("poll 20000")
    assert not second.answered(0.1)
    assert first.do("close") == "ok"
    assert int(second.answer().split()[1]) & POLLOUT


@case("O_NONBLOCK: EAGAIN while another job prints or a program has the port")
def test_nonblock(serve, client):
    service = serve()
    first = client(service.node("lpt1"), WRITE)
    second = client(service.node("lpt1"), WRITE | os.O_NONBLOCK)
    holder = client(service.node("parport0"))
    assert first.do("write x 1") == "ok 1"
    assert second.do("write y 1") == "EAGAIN"
    assert first.do("close") == "ok"
    assert holder.do("claim") == "ok"
    wait_until(lambda: second.do("write y 1") == "EAGAIN", "its turn, with the port held")
    assert holder.do("release") == "ok"
    assert second.do("write y 1") == "ok 1"
    wait_printed(service, b"xy")


@case("kick puts out a job that has the port: EIO until it opens again")
def test_kick(serve, client):
    service = serve({"paper_out": True})
    job, other = client(service.node("lpt1"), WRITE), client(service.node("parport0"))
    job.send("write x 1")
    wait_until(lambda: status(service.node("lpt1"))["kind"] == 2, "the job has the port")
    assert other.do("kick") == "ok"
    assert job.answer() == "EIO"
    assert job.do("write x 1") == "EIO"
    assert other.do("claim") == "ok"


@case("status names the job that is printed, also between its writes, and how many are behind")
def test_status_shows_job(serve, client):
    node = (service := serve()).node("lpt1")
    jobs = [client(node, WRITE) for _ in range(3)]
    assert status(node)["job kind"] == 0
    assert jobs[0].do("write a 1") == "ok 1"
    wait_until_free(node)
    now = status(node)
    assert (now["state"], now["job"], now["job kind"], now["job name"]) == \
        (0, jobs[0].pid, 2, "python3")
    assert now["jobs behind"] == 0
    for behind, job in enumerate(jobs[1:], 1):
        job.send("write b 1")
        wait_until(lambda: status(service.node("parport0"))["jobs behind"] == behind,
                   f"{behind} behind")
    assert jobs[0].do("close") == "ok"
    assert jobs[1].answer() == "ok 1"
    now = status(node)
    assert (now["job"], now["jobs behind"]) == (jobs[1].pid, 1)


@case("kick puts out a job that is stopped between two writes: the next job is printed")
def test_kick_idle_job(serve, client):
    service = serve()
    first, second = (client(service.node("lpt1"), WRITE) for _ in range(2))
    other = client(service.node("parport0"))
    assert first.do("write a 1") == "ok 1"
    first.signal(signal.SIGSTOP)
    second.send("write b 1")
    wait_until(lambda: status(service.node("lpt1"))["jobs behind"] == 1, "the second job's write")
    assert not second.answered()
    assert other.do(f"kick {status(service.node('lpt1'))['job client']}") == "ok"
    assert second.answer() == "ok 1"
    first.signal(signal.SIGCONT)
    assert first.do("write a 1") == "EIO"
    assert first.do("fsync") == "EIO"
    wait_printed(service, b"ab")


@case("a kick that comes late ends nobody: neither the next holder nor an innocent page")
def test_late_kick(serve, client):
    node = (service := serve()).node("parport0")
    first, heir, other = (client(node) for _ in range(3))
    job = client(service.node("lpt1"), WRITE)
    assert other.do("kick") == "ENODATA"
    assert first.do("claim") == "ok"
    meant = status(node)["client"]
    assert first.do("release") == "ok"
    assert job.do("write a 1") == "ok 1"
    wait_until_free(node)
    assert other.do(f"kick {meant}") == "ENODATA"
    assert other.do("kick") == "ENODATA"
    assert heir.do("claim") == "ok"
    assert other.do(f"kick {meant}") == "ENODATA"
    assert heir.do("release") == "ok"
    assert job.do("write b 1") == "ok 1"
    assert job.do("fsync") == "ok"
    wait_printed(service, b"ab")


def sleeping_threads(pid):
    stats = [task.read_text() for task in pathlib.Path(f"/proc/{pid}/task").glob("*/stat")]
    return sum(stat.rpartition(")")[2].split()[0] in "SD" for stat in stats)


@case("a job put out while its writes stand in line sends none of them afterwards")
def test_kick_queued_writes(serve):
    service = serve({"paper_out": True, "scan": False})
    script = ("import os, sys, threading\n"
              "fd = os.open(sys.argv[1], os.O_WRONLY)\n"
              "def write():\n"
              "    try:\n        os.write(fd, b'x')\n"
              "    except OSError as error:\n        os.write(1, b'%d\\n' % error.errno)\n"
              "threads = [threading.Thread(target=write) for _ in range(3)]\n"
              "[thread.start() for thread in threads]\n"
              "[thread.join() for thread in threads]\n")
    program = subprocess.Popen(["/usr/bin/python3", "-c", script, str(service.node("lpt1"))],
                               stdout=subprocess.PIPE, text=True)
    wait_until(lambda: status(service.node("lpt1"))["kind"] == 2, "the job has the port")
    wait_until(lambda: sleeping_threads(program.pid) == 4, "three writes, and who waits for them")
    with ioctls.File(service.node("parport0")) as file:
        file.kick()
    said, _ = program.communicate(timeout=20)
    assert said.split() == [str(errno.EIO)] * 3
    service.stop()
    turns = [event["event"] for event in events(service.events)]
    assert turns.count("granted") == 1 and turns.count("transferred") == 1


@case("reading gives EIO, ppdev's ioctls give EINVAL, O_EXCL opens")
def test_refusals(serve, client):
    service = serve()
    fd = os.open(service.node("lpt1"), os.O_RDWR)
    with pytest.raises(OSError) as refused:
        os.read(fd, 1)
    os.close(fd)
    assert refused.value.errno == errno.EIO
    job = client(service.node("lpt1"), WRITE | os.O_EXCL)
    assert job.do("claim") == "EINVAL"
    assert job.do("allocate 0") == "EINVAL"
    assert job.do("write x 1") == "ok 1"


@case("the log says how many bytes of which program were printed")
def test_log(serve, client):
    service = serve({"scan": False})
    job = client(service.node("lpt1"), WRITE)
    assert job.do("write x 10000") == "ok 10000"
    job.end()
    service.stop()
    moved = [event for event in events(service.events) if event["event"] == "transferred"]
    assert sum(event["bytes"] for event in moved) == 10000
    assert {(event["pid"], event["who"], event["name"]) for event in moved} == \
        {(job.pid, "job", "python3")}


@case("P-054 the log tells the first fault of a transfer and the lines then")
def test_fault_logged(serve, client):
    service = serve({"paper_out": True, "fault_timeout": "50 ms", "scan": False})
    job = client(service.node("lpt1"), WRITE)
    assert job.do("write x 10") == "ENOSPC"
    job.end()
    service.stop()
    moved = [event for event in events(service.events) if event["event"] == "transferred"]
    assert len(moved) == 1 and moved[0]["bytes"] == 0
    assert moved[0]["fault"] == moved[0]["status"] == "the device is out of paper"
    assert 0 <= moved[0]["status_lines"] <= 255 and 0 <= moved[0]["control_lines"] <= 15
