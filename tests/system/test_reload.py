# SPDX-License-Identifier: MIT
"""parportd reads its configuration anew: what changes, what is not disturbed."""

import contextlib
import os
import stat
import threading

import pytest

import command
from clients import HELD, events, status, wait_in_line, wait_until
from lib import ioctls, paths

case = pytest.mark.case

READ = "parportd: reload: the configuration has been read\n"
REFUSED = "parportd: reload: the configuration has mistakes; all stays as it was\n"


def files(service):
    return sorted(os.listdir(service.mount))


def has(service, *names):
    return set(names) <= set(files(service))


def descriptors(service):
    return len(os.listdir(f"/proc/{service.process.pid}/fd"))


def threads(service):
    return len(os.listdir(f"/proc/{service.process.pid}/task"))


def resident_kib(service):
    with open(f"/proc/{service.process.pid}/status", encoding="ascii") as about:
        return next(int(line.split()[1]) for line in about if line.startswith("VmRSS:"))


# ---- ports that come and go ------------------------------------------------------------------


@case("a new port appears; the holder of another one, and who waits for it, notice nothing")
def test_new_port(serve, client, tmp_path):
    service = serve()
    holder, waiter = (client(service.node("parport0")) for _ in range(2))
    assert holder.do("claim") == "ok"
    waiter.send("claim")
    wait_in_line(service.node("parport0"), 1)
    page = tmp_path / "second"
    assert service.reload({**service.ports, "parport1": {"output": str(page), "modes": "nibble"}}) == READ
    service.node("lpt2").write_bytes(b"new")
    wait_until(lambda: page.exists() and page.read_bytes() == b"new", "the page of the new port")
    assert status(service.node("parport0"))["holder"] == holder.pid
    assert not waiter.answered()
    assert holder.do("release") == "ok" and waiter.answer() == "ok"
    wait_until(lambda: has(service, "lpt2.4"), "the printer at the end of the new port's chain")


@case("a port that is not named any more goes: holder, waiter, printer, poller hear ENODEV")
def test_port_goes(serve, client, tmp_path):
    second = {"output": str(tmp_path / "second"), "characters_per_second": 100}
    service = serve(second=second)
    bystander = client(service.node("parport0"))
    assert bystander.do("claim") == "ok"
    holder, waiter, poller = (client(service.node("parport1")) for _ in range(3))
    job = client(service.node("lpt2"), os.O_WRONLY)
    silent = client(service.node("lpt2"), os.O_WRONLY)
    job.send("write x 1000")
    wait_until(lambda: (tmp_path / "second").exists() and (tmp_path / "second").stat().st_size,
               "the page has begun")
    silent.send("write y 1")
    holder.send("claim")
    waiter.send("claim")
    wait_in_line(service.node("parport1"), 2)
    poller.send("poll 60000")
    assert service.reload({"parport0": service.ports["parport0"]}) == READ
    kind, count = job.answer().split()
    assert kind == "ok" and 0 < int(count) < 1000
    assert holder.answer() == waiter.answer() == silent.answer() == "ENODEV"
    assert poller.answer() == "ok 24"  # POLLERR and POLLHUP
    for gone in (holder, waiter, poller):
        assert gone.do("claim") == gone.do("status") == "ENODEV"
    assert job.do("write x 1") == job.do("fsync") == "ENODEV"
    assert not has(service, "parport1") and not has(service, "lpt2")
    assert bystander.do("release") == "ok"
    wait_until(lambda: (tmp_path / "second").stat().st_size == int(count), "what was counted")


@case("a port goes while it is held, and comes again: its old files stay dead, new ones work")
def test_port_comes_again(serve, client, tmp_path):
    both = {"parport0": {}, "parport1": {"output": str(tmp_path / "second")}}
    service = serve(second=both["parport1"])
    old = client(service.node("parport1"))
    assert old.do("claim") == "ok"
    assert service.reload({"parport0": {}}) == READ
    assert service.reload(both) == READ
    wait_until(lambda: has(service, "parport1"), "the port again")
    assert old.do("release") == old.do("claim") == "ENODEV"
    fresh = client(service.node("parport1"))
    assert fresh.do("claim") == "ok"
    assert status(service.node("parport1"))["holder"] == fresh.pid
    old.end()
    assert fresh.do("release") == "ok"


@case("another daisy_devices is another port: its files are dead, a port of that name is there")
def test_port_is_replaced(serve, client):
    service = serve()
    old = client(service.node("parport0"))
    assert old.do("claim") == "ok"
    ports = {"parport0": {**service.ports["parport0"], "daisy_devices": 0}}
    assert service.reload(ports) == READ
    wait_until(lambda: has(service, "parport0"), "the port again")
    assert old.do("status") == "ENODEV"
    fresh = client(service.node("parport0"))
    assert fresh.do("claim") == "ok" and fresh.do("release") == "ok"


@case("a port that cannot be opened is told, the others change all the same, the next reload tries again")
def test_port_fails(serve, tmp_path):
    service = serve()
    ports = {**service.ports, "parport1": {"output": str(tmp_path / "none" / "page")},
             "parport2": {}}
    said = service.reload(ports)
    assert said.startswith("parportd: parport1: ") and said.endswith(READ)
    assert has(service, "parport2") and not has(service, "parport1")
    (tmp_path / "none").mkdir()
    assert service.reload() == READ
    assert has(service, "parport1")


@case("SIGTERM while ports go: the service ends, and what was printed is written")
def test_sigterm_while_ports_go(serve, tmp_path):
    page = tmp_path / "second"
    service = serve(second={"output": str(page), "buffer_bytes": 4096,
                            "characters_per_second": 20000})
    service.node("lpt2").write_bytes(b"z" * 4096)
    service.reload({"parport0": {}})
    assert service.stop() == 0
    assert page.read_bytes() == b"z" * 4096


# ---- ports that change ------------------------------------------------------------------------


@case("a print is byte exact while the configuration is read again and again, its port changing too")
def test_print_through_reloads(serve, client):
    settings = {"characters_per_second": 20000, "buffer_bytes": 256}
    service = serve(settings)
    job = client(service.node("lpt1"), os.O_WRONLY)
    job.send("write p 60000")
    wait_until(lambda: service.printed.exists() and service.printed.stat().st_size > 100, "a page")
    own = service.ports["parport0"]
    for n in range(20):
        changed = {"fault_timeout": f"{30 + n} s", "ack_ns": 500 + n, "on_death": "keep"}
        more = {"parport1": {}} if n % 2 else {}
        assert service.reload({"parport0": {**own, **changed}, **more}) == READ
    assert service.reload({"parport0": own}) == READ
    assert job.answer() == "ok 60000" and job.do("fsync") == "ok"
    wait_until(lambda: service.printed.read_bytes() == b"p" * 60000, "the page, byte for byte")


@case("keys of the printer are in force at once, without harm to who holds the port")
def test_keys_at_once(serve, client, tmp_path):
    service = serve()
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok" and holder.do("status") == "ok d8"
    own = service.ports["parport0"]
    assert service.reload({"parport0": {**own, "paper_out": True}}) == READ
    assert int(holder.do("status").split()[1], 16) & 0x20
    assert service.reload({"parport0": {**own, "output": str(tmp_path / "other")}}) == READ
    assert holder.do("status") == "ok d8" and holder.do("release") == "ok"
    service.node("lpt1").write_bytes(b"there")
    wait_until(lambda: (tmp_path / "other").exists() and
               (tmp_path / "other").read_bytes() == b"there", "the page in the other file")


@case("a limit set by a reload puts out who holds the port already; one taken back does not")
def test_max_hold(serve, client):
    service = serve({"max_hold": "1 min"})
    patient = client(service.node("parport0"))
    assert patient.do("claim") == "ok"
    own = {key: value for key, value in service.ports["parport0"].items() if key != "max_hold"}
    assert service.reload({"parport0": own}) == READ
    assert service.reload({"parport0": {**own, "max_hold": "50 ms"}}) == READ
    wait_until(lambda: patient.do("status") == "EIO", "the holder is put out")


@case("exclusive = wait by a reload: who asks for the port alone waits from now on")
def test_exclusive(serve, client):
    service = serve()
    first, second = (client(service.node("parport0")) for _ in range(2))
    assert first.do("claim") == "ok" and second.do("exclusive") == "ok"
    assert second.do("claim") == "ENXIO"
    own = service.ports["parport0"]
    assert service.reload({"parport0": {**own, "exclusive": "wait"}}) == READ
    second.send("claim")
    wait_in_line(service.node("parport0"), 1)
    assert first.do("release") == "ok" and second.answer() == "ok"


@case("another chip waits for a free port: the holder keeps it, and the next reload sees to it")
def test_chip(serve, client):
    service = serve({"chip": "ps2"})
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    said = service.reload({"parport0": {**service.ports["parport0"], "chip": "ecp-epp"}})
    assert said == ("parportd: parport0: the chip can be changed only while the port is free\n" +
                    READ)
    assert status(service.node("parport0"))["state"] == HELD
    assert holder.do("release") == "ok"
    assert service.reload() == READ


@case("what parport sim set has made of a port stays, unless the file says otherwise than before")
def test_sim_set_stays(serve):
    service = serve()
    with ioctls.File(service.node("parport0")) as file:
        before = file.pins()[1]
        command.run("sim", "set", "lpt1", "off_line=yes", mount=service.mount)
        off_line = file.pins()[1]
        assert off_line != before
        own = service.ports["parport0"]
        assert service.reload({"parport0": {**own, "fault_timeout": "7 s"}}) == READ
        assert file.pins()[1] == off_line
        assert service.reload({"parport0": {**own, "off_line": True}}) == READ
        assert service.reload({"parport0": own}) == READ
        assert file.pins()[1] == before


# ---- the service itself ------------------------------------------------------------------------


@case("a file with mistakes changes nothing: they are told with file and line, and what stays")
def test_mistakes(serve, client):
    service = serve()
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    said = service.reload(text='mode = "0600";\nparport1 = { };\nparport2 = {\n\tchip = "z80";\n};\n')
    assert said.splitlines()[0].startswith(f"{service.config}:4: chip = \"z80\": expected")
    assert said.endswith(REFUSED) and said.count("\n") == 2
    assert not has(service, "parport1") and has(service, "parport0")
    assert stat.S_IMODE(os.stat(service.node("parport0")).st_mode) == 0o660
    assert holder.do("release") == "ok"
    assert service.reload(text="parport0 = {") .endswith(REFUSED)
    assert service.reload() == READ


@case("mode and owner change at once; what has been made as root waits for the next start")
def test_service_keys(serve, tmp_path):
    service = serve()
    service.settings = {**service.settings, "mode": "0600", "user": "daemon",
                        "mount": str(tmp_path / "elsewhere")}
    assert service.reload() == READ  # --mount goes before
    about = os.stat(service.node("parport0"))
    assert (stat.S_IMODE(about.st_mode), about.st_uid) == (0o600, 1)
    service.settings = {**service.settings, "devices": "/dev/elsewhere"}
    del service.settings["log"]
    assert "parportd: devices changes only when parportd is started again\n" in service.reload()
    service.node("lpt1").write_bytes(b"not logged")
    assert has(service, "parport0")


@case("the log goes on in a file of its name after a reload, when it was moved away; nothing is lost")
def test_log_moves(serve, client):
    service = serve({"scan": False})
    one = client(service.node("parport0"))
    assert (one.do("claim"), one.do("release")) == ("ok", "ok")
    wait_until(lambda: len(events(service.events)) == 2, "two events")
    moved = service.events.with_suffix(".1")
    service.events.rename(moved)
    service.reload()
    assert (one.do("claim"), one.do("release")) == ("ok", "ok")
    wait_until(lambda: len(events(moved)) + len(events(service.events)) == 4, "four events")
    told = [event["sequence"] for event in events(moved) + events(service.events)]
    assert told == [1, 2, 3, 4]


@pytest.fixture
def disturbers():
    """disturbers(node) starts threads that open and claim it, whether it is there or not."""
    stop = threading.Event()
    running = []

    def disturb(node):
        while not stop.is_set():
            with contextlib.suppress(OSError), ioctls.File(node) as file:
                file.call(ioctls.PPCLAIM)

    def start(node):
        for _ in range(3):
            running.append(threading.Thread(target=disturb, args=(node,)))
            running[-1].start()

    yield start
    stop.set()
    for one in running:
        one.join()


@case("reloads that add, change and remove ports under load leave no descriptor, thread or memory")
def test_many_reloads(serve, client, disturbers):
    service = serve()
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    own = service.ports["parport0"]
    alone, alone_files = threads(service), descriptors(service)
    disturbers(service.node("parport1"))

    def rounds(count):
        for n in range(count):
            more = {"parport1": {"daisy_devices": n % 3}} if n % 4 else {}
            service.reload({"parport0": {**own, "ack_ns": 500 + n % 7}, **more})
        service.reload({"parport0": own})
        wait_until(lambda: threads(service) == alone, "the end of the threads of ports that went")

    rounds(20)
    resident = resident_kib(service)
    rounds(60)
    wait_until(lambda: descriptors(service) == alone_files, "what the ports had open is closed")
    # What a sanitizer keeps of memory that was freed it reports itself.
    assert paths.is_sanitized() or resident_kib(service) < resident + 4096
    assert holder.do("status") == "ok d8" and holder.do("release") == "ok"
