# SPDX-License-Identifier: MIT
"""Two parportd in a chain: the port of the second is a file that the first one serves."""

import contextlib
import errno
import json
import os
import select
import signal
import subprocess
import threading

import pytest

import command
import ppdev
from clients import Client, status, wait_in_line, wait_until, wait_until_free
from lib import paths
from lib.service import Service, ServiceError

case = pytest.mark.case

LIMIT_S = 20
ID = "MFG:End;MDL:Printer 4;"
SAID = bytes(range(256)) * 2


@pytest.fixture
def talker(chain, tmp_path):
    """A chain at whose end somebody speaks every mode, and has something to say."""
    (tmp_path / "input").write_bytes(SAID)
    return chain(modes="nibble byte ecp epp", id=ID, input=str(tmp_path / "input"))


def first_node(service):
    return service.first.node("parport0")


def verb(service, *arguments, **options):
    done = command.run(*arguments, mount=service.mount, text=False, **options)
    assert (done.returncode, done.stderr) == (0, b""), arguments
    return done.stdout


def state(service, port="parport0"):
    """What `parport list` says of the port; None: it is just coming, or being replaced."""
    done = command.run("list", "--json", mount=service.mount)
    listed = json.loads(done.stdout) if done.returncode == 0 else []
    return {one["port"]: one["state"] for one in listed}.get(port)


def wait_printed(service, page):
    wait_until(lambda: service.printed.exists() and len(service.printed.read_bytes()) >= len(page),
               "the page")
    assert service.printed.read_bytes() == page


@case("a page of 64 KiB arrives whole through two services, and the first port is free afterwards")
def test_print(chain):
    service, page = chain(), os.urandom(65536)
    with open(service.node("lpt1"), "wb", buffering=0) as job:
        assert job.write(page) == len(page)
    wait_printed(service, page)
    wait_until_free(first_node(service))


@case("a printer that stops now and then, and is slow, gets every byte once")
def test_print_slowly(chain):
    service, page = chain(characters_per_second=20000, buffer_bytes=64, busy_every_bytes=500,
                          busy_extra_us=60000), os.urandom(6000)
    with open(service.node("lpt1"), "wb", buffering=0) as job:
        assert job.write(page) == len(page)
    wait_printed(service, page)


@case("what the second service tells of its port: a back end without registers, as good as what "
      "is below")
def test_info(talker):
    (facts,) = command.facts("info", "lpt1", mount=talker.mount)
    assert facts["back_end"] == f"ppdev:{first_node(talker)}"[:47]
    assert facts["capabilities"] == ["compatibility", "reverse", "interrupt", "epp"]


@case("a device id is asked for through two services")
def test_id(talker):
    assert verb(talker, "id", "lpt1").decode().strip() == ID


@case("nibble mode, byte mode and ECP bring what the peripheral says, each from where the last "
      "one stopped")
def test_read(talker):
    said = b""
    for mode in ("nibble", "byte", "ecp", "nibble"):
        said += verb(talker, "read", "--mode", mode, "--count", "100", "--wait", "300ms", "lpt1")
    assert said == SAID[:400]


@case("EPP goes both ways, data and addresses, by the first service's cycles")
def test_epp(talker):
    with open(talker.node("parport0"), "r+b", buffering=0) as file:
        assert ppdev.result(file, ppdev.CLAIM) == 0
        assert ppdev.put(file, ppdev.NEGOT, ppdev.EPP) == 0
        assert ppdev.put(file, ppdev.SETMODE, ppdev.EPP | ppdev.ADDR) == 0
        assert file.write(b"\x05") == 1
        assert file.read(1) == b"\x05"
        assert ppdev.put(file, ppdev.SETMODE, ppdev.EPP) == 0
        assert file.write(b"data" * 500) == 2000
        assert file.read(100) == SAID[:100]
    wait_printed(talker, b"data" * 500)


@case("ECP writes")
def test_ecp_write(talker):
    verb(talker, "write", "--mode", "ecp", "lpt1", input=b"forward")
    wait_printed(talker, b"forward")


@case("registers of the second port are lines of the first one's printer")
def test_registers(chain):
    service = chain(paper_out="yes")
    with open(service.node("parport0"), "r+b", buffering=0) as file:
        assert ppdev.result(file, ppdev.CLAIM) == 0
        assert ppdev.byte(file, ppdev.RSTATUS) & 0x28 == 0x20
        assert ppdev.put(file, ppdev.WDATA, 0xA5) == 0
        assert ppdev.byte(file, ppdev.RDATA) == 0xA5
        assert ppdev.put(file, ppdev.WCONTROL, 0x0E) == 0
        assert ppdev.byte(file, ppdev.RCONTROL) == 0x0E
        pins = command.facts("pins", "lpt1", mount=service.first.mount)[0]
        levels = {pin["line"]: pin["level"] for pin in pins["pins"] if "line" in pin}
        assert (levels["nAutoFd"], levels["Data1"], levels["Data2"]) == ("low", "high", "low")


@case("an interrupt of the printer reaches a client of the second service")
def test_interrupt(chain):
    service = chain()
    with open(service.node("parport0"), "r+b", buffering=0) as file:
        assert ppdev.result(file, ppdev.CLAIM) == 0
        assert ppdev.integer(file, ppdev.CLRIRQ) == 0
        assert file.write(b"x") == 1
        poll = select.poll()
        poll.register(file, select.POLLIN)
        assert poll.poll(LIMIT_S * 1000)
        assert ppdev.integer(file, ppdev.CLRIRQ) == 1


@case("a fault of the printer is told by the second service as by the first")
def test_fault(chain):
    service = chain(paper_out="yes")
    with open(service.node("lpt1"), "wb", buffering=0) as job:
        assert ppdev.errno_of(job.write, b"page") == "ENOSPC"


@case("while a foreign program has the first port a client of the second waits, and disturbs no "
      "access; then it gets its turn")
def test_foreign_holder(chain, client):
    service = chain()
    holder, waiter = Client(first_node(service)), client(service.node("parport0"))
    with contextlib.ExitStack() as end:
        end.callback(holder.end)
        assert holder.do("exclusive") == holder.do("claim") == "ok"
        waiter.send("claim")
        wait_in_line(service.node("parport0"), 1)
        for byte in range(200):
            assert holder.do(f"data {byte:02x}") == "ok"
        assert not waiter.answered()
        assert holder.do("release") == "ok"
    assert waiter.answer() == "ok"
    assert waiter.do("data 55") == "ok"


@case("who waits behind a foreign program gives up: at once, and the first port knows nothing of "
      "it any more")
def test_cancel(chain, client):
    service = chain()
    holder, waiter = client(first_node(service)), client(service.node("parport0"))
    assert holder.do("claim") == waiter.do("handle interrupt") == "ok"
    waiter.send("claim")
    wait_in_line(first_node(service), 1)
    waiter.signal(signal.SIGUSR1)
    assert waiter.answer() == "EINTR"
    wait_in_line(first_node(service), 0)
    assert holder.do("release") == "ok"
    wait_until_free(first_node(service))


@case("the first port is the second one's only while that has a holder: between two of its jobs "
      "others have their turn")
def test_turns(chain, client):
    service = chain()
    ours, foreign = client(service.node("parport0")), client(first_node(service))
    for _ in range(10):
        assert ours.do("claim") == "ok"
        foreign.send("claim")
        wait_in_line(first_node(service), 1)
        assert ours.do("release") == "ok"
        assert foreign.answer() == "ok"
        assert foreign.do("release") == "ok"


@case("the first service is killed in the middle of a page: the job ends, who waits is told, the "
      "port is gone")
def test_killed(chain, client):
    service = chain(characters_per_second=2000, buffer_bytes=16)
    told = []

    def write():
        try:
            with open(service.node("lpt1"), "wb", buffering=0) as job:
                told.append(job.write(bytes(20000)))
                os.fsync(job.fileno())
        except OSError as error:
            told.append(error.errno)

    writer = threading.Thread(target=write)
    writer.start()
    wait_until(lambda: status(service.node("parport0"))["state"] == 2, "the job runs")
    service.first.kill()
    writer.join(LIMIT_S)
    assert not writer.is_alive()
    assert told and (told[-1] in (errno.ENODEV, errno.ENXIO) or told[0] < 20000), told
    done = command.run("alloc", "--timeout", "5s", "lpt1", "--", "true", mount=service.mount)
    assert done.returncode == command.REMOVED, done
    wait_until(lambda: state(service) == "removed", "gone")


@case("the first service is there again: so is the second one's port, by itself")
def test_comes_back(chain, client):
    service = chain()
    page = b"after all"
    assert client(service.node("parport0")).do("claim") == "ok"
    service.first.stop()
    wait_until(lambda: state(service) == "removed", "gone")
    service.first.start()
    wait_until(lambda: state(service) == "free", "back")
    with open(service.node("lpt1"), "wb", buffering=0) as job:
        assert job.write(page) == len(page)
    wait_printed(service, page)


@case("a reload while the first service is away: the port is listed as gone, and comes back by itself")
@pytest.mark.parametrize("daisy_devices", [None, 0], ids=["unchanged", "changed"])
def test_reload_while_gone(chain, daisy_devices):
    service = chain()
    service.first.stop()
    wait_until(lambda: "parport0: its hardware is gone" in service.said(), "gone")
    ports = {"parport0": {**service.ports["parport0"],
                          **({} if daisy_devices is None else {"daisy_devices": daisy_devices})}}
    service.reload(ports)
    wait_until(lambda: "parport0: it is not served before it can be opened" in service.said(), "told")
    assert state(service) == "removed"
    service.first.start()
    wait_until(lambda: state(service) == "free", "back")
    wait_until(lambda: "parport0: it is there again" in service.said(), "told")
    service.reload({"parport1": {}})
    assert not service.node("parport0").exists()


@case("a port that a reload changes at the moment its first service goes is served when that is back")
def test_reload_as_it_goes(chain):
    service = chain()
    # Now and then it has noticed already: it looks every second.
    for devices in (0, 1):
        service.first.stop()
        service.reload({"parport0": {**service.ports["parport0"], "daisy_devices": devices}})
        service.first.start()
        wait_until(lambda: state(service) == "free", "back")


@case("reloads leave a lent port as it is: it is not missed, and prints")
def test_reload_unchanged(chain):
    service = chain()
    for _ in range(2):
        service.reload()
    verb(service, "write", "lpt1", input=b"page")
    wait_printed(service, b"page")
    wait_until_free(first_node(service))
    service.reload({**service.ports, "parport1": {}})
    service.node("lpt2").write_bytes(b"other")
    verb(service, "write", "lpt1", input=b"page")
    wait_printed(service, b"pagepage")
    assert "its hardware is gone" not in service.said()


@case("the first service starts later: the second one serves what there is, and that port when it "
      "comes")
def test_starts_before(chain):
    service = chain()
    assert service.stop() == 0
    service.first.stop()
    service.config.write_text(service.config.read_text() + "parport1 = { };\n")
    service.start()
    with open(service.node("lpt2"), "wb", buffering=0) as job:
        assert job.write(b"served") == 6
    assert state(service) == "removed"
    (facts, _) = command.facts("info", mount=service.mount)
    assert facts["back_end"] == f"ppdev:{first_node(service)}"[:47]
    service.first.start()
    wait_until(lambda: state(service) == "free", "there")
    with open(service.node("lpt1"), "wb", buffering=0) as job:
        assert job.write(b"page") == 4
    wait_printed(service, b"page")


@case("a port that comes by a reload before its hardware does is listed, and served when it can be")
def test_reload_before(chain):
    service = chain()
    late = service.first.node("parport1")
    service.reload({**service.ports, "parport1": {"back_end": f"ppdev:{late}"}})
    wait_until(lambda: state(service, "parport1") == "removed", "removed")
    service.first.reload({**service.first.ports, "parport1": {}})
    wait_until(lambda: state(service, "parport1") == "free", "there")


@case("what is no port at all is a mistake: the service does not start")
def test_wrong_at_start(tmp_path):
    (tmp_path / "plain").write_text("no port")
    service = Service(tmp_path / "wrong",
                      {"parport0": {"back_end": f"ppdev:{tmp_path}/plain"}, "parport1": {}})
    with pytest.raises(ServiceError, match="no file of ppdev"):
        service.start()


@case("a port whose first service ends while nobody uses it is shown as gone, though nobody asks")
def test_ended_idle(chain):
    service = chain()
    service.first.stop()
    wait_until(lambda: "parport0: its hardware is gone" in service.said(), "gone")
    assert state(service) == "removed"


@case("a port whose first service ends while nobody uses it is gone for the next who wants it")
def test_ended(chain):
    service = chain()
    service.first.stop()
    done = command.run("alloc", "--timeout", "5s", "lpt1", "--", "true", mount=service.mount)
    assert done.returncode == command.REMOVED, done


@case("what cannot be opened as a file of ppdev is told, and what to do")
def test_mistakes(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("no port")
    for name, status_, says in (
            (f"ppdev:{tmp_path}/none", command.NO_PORT, "modprobe"),
            (f"ppdev:{plain}", command.USAGE, "no file of ppdev"),
            (f"ppdev:{tmp_path}", command.USAGE, "no file of ppdev"),
            ("ppdev:parport0", command.USAGE, "ppdev:/dev/parport0")):
        done = command.run("info", name)
        assert (done.returncode, says in done.stderr) == (status_, True), done


@case("a program has such a port in its own process, for as long as it runs")
def test_in_process(talker):
    name = f"ppdev:{first_node(talker)}"
    done = subprocess.run([paths.BUILD / "examples" / "device_id", name], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert (done.returncode, "Printer 4" in done.stdout) == (0, True), done
    wait_until_free(first_node(talker))
    (facts,) = command.facts("info", name)
    assert facts["chip"] == "epp"


@case("a port whose file is the service's own, also through a link, is refused and hangs nobody")
def test_own_file(tmp_path):
    service = Service(tmp_path / "one", {"parport0": {}})
    link = tmp_path / "link"
    link.symlink_to(service.node("parport0"))
    ports = {"parport0": {}, "parport1": {"back_end": f"ppdev:{service.node('parport0')}"},
             "parport2": {"back_end": f"ppdev:{link}"}}
    with contextlib.ExitStack() as running:
        running.callback(service.stop)
        service.start()
        for _ in range(2):
            service.reload(ports)
            wait_until_free(service.node("parport0"))
        wait_until(lambda: service.said().count("is a file of this service itself") >= 2, "it is told")
