# SPDX-License-Identifier: MIT
"""parport on the devices of a port: lpt1.0, lpt1.4, links of by-id; caps, reset, monitor, print's modes."""

import json
import os
import re
import signal
import time

import pytest

import command
from clients import wait_in_line, wait_until, wait_until_free
from test_cli_service import as_somebody  # noqa: F401

case = pytest.mark.case

CHAIN = {"modes": "nibble byte", "daisy": 2, "id": "MFG:End;MDL:Printer 4;",
         "daisy0_id": "MFG:Acme;MDL:Zip;", "daisy1_id": "MFG:Acme;MDL:Scanner;"}
FAST = {**CHAIN, "chip": "ecp", "modes": "nibble byte ecp ecp_rle epp"}


def run(service, *arguments, **options):
    return command.run(*arguments, mount=service.mount, **options)


def succeed(service, *arguments, **options):
    done = run(service, *arguments, **options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def printed(service):
    return service.printed.read_bytes() if service.printed.exists() else b""


@case("id of a device: by its name, by its link, by the path of either; who is not there is told")
def test_id(serve):
    service = serve(CHAIN)
    for name, key in (("lpt1.0", "daisy0_id"), ("lpt1.1", "daisy1_id"), ("lpt1.4", "id"),
                      ("lpt1", "id"), ("parport0", "id"), (service.node("lpt1.1"), "daisy1_id"),
                      (service.mount / "by-id" / "Acme_Zip", "daisy0_id")):
        assert succeed(service, "id", name) == CHAIN[key] + "\n"
    fact, = command.facts("id", "lpt1.1", mount=service.mount)
    assert (fact["port"], fact["device"], fact["id"]) == ("parport0", "lpt1.1", CHAIN["daisy1_id"])
    assert re.fullmatch(r"LPTENUM\\AcmeScanner[0-9A-F]{4}", fact["hardware_id"])
    gone = run(service, "id", "lpt1.3")
    assert (gone.returncode, gone.stdout) == (command.FAILED, "")
    assert gone.stderr.startswith("parport id: lpt1.3: no such device in a daisy chain")
    assert run(service, "id", "lpt1.5").returncode == command.USAGE


@case("negotiate, probe, read and write reach the device that is named and no other")
def test_wire(serve, tmp_path):
    (tmp_path / "says").write_bytes(b"from the end")
    service = serve({**FAST, "input": str(tmp_path / "says")})
    assert succeed(service, "negotiate", "lpt1.0", "ecp") == \
        "lpt1.0: the peripheral accepts ecp mode\n"
    assert succeed(service, "probe", "lpt1.1").startswith("lpt1.1 (parport0): chip ecp")
    assert succeed(service, "write", "--mode", "ecp", "lpt1.1", input="not for paper") == ""
    assert succeed(service, "read", "--mode", "nibble", "--wait", "100ms", "lpt1.0") == ""
    assert succeed(service, "read", "--mode", "nibble", "--wait", "100ms", "lpt1.4") == \
        "from the end"
    assert succeed(service, "write", "lpt1.4", input="for paper") == ""
    wait_until(lambda: printed(service) == b"for paper", "what was for the end")


@case("caps: what goes either way, the fastest first; text and JSON agree")
def test_caps(serve):
    service = serve(FAST, second={"modes": "nibble", "chip": "ps2"})
    assert succeed(service, "caps", "lpt1.0").split() == \
        ["lpt1.0", "forward", "ecp-rle", "ecp", "epp", "compat",
         "reverse", "ecp-rle", "ecp", "epp", "byte", "nibble"]
    fact, = command.facts("caps", "lpt2", mount=service.mount)
    assert (fact["device"], fact["forward"], fact["reverse"]) == ("lpt2", ["compat"], ["nibble"])
    assert succeed(service, "sim", "set", "lpt2", "modes=none") == ""
    assert run(service, "caps", "lpt2").stdout.split() == \
        ["lpt2", "forward", "compat", "reverse", "none"]


@case("reset brings a device back, and tells what the printer still complains about")
def test_reset(serve):
    service = serve(CHAIN)
    assert succeed(service, "reset", "lpt1.0") == "" and succeed(service, "reset", "lpt1") == ""
    assert run(service, "sim", "fault", "lpt1", "paper_out").returncode == 0
    done = run(service, "reset", "lpt1")
    assert (done.returncode, done.stderr) == \
        (command.PAPER_OUT, "parport reset: lpt1: the device is out of paper after the reset\n")
    assert succeed(service, "reset", "lpt1.0") == ""


@case("chain --rescan looks anew in its turn, and the files are there when it returns")
def test_rescan(serve, client):
    service = serve({**CHAIN, "scan": False})
    assert not os.path.exists(service.node("lpt1.0"))
    assert succeed(service, "chain", "--rescan", "lpt1") == \
        "lpt1: devices in the daisy chain: 2; the one at its end says who it is\n"
    assert os.path.exists(service.node("lpt1.0")) and os.path.exists(service.node("lpt1.4"))
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    waiting = command.start("chain", "--rescan", "--json", "parport0", mount=service.mount)
    wait_in_line(service.node("parport0"), 1)
    assert waiting.poll() is None and holder.do("release") == "ok"
    code, out, err = command.finish(waiting)
    assert (code, err) == (0, "")
    assert json.loads(out) == [{"port": "parport0", "device": "lpt1", "count": 2, "end": True}]


@case("list shows the devices of each port, with manufacturer and model of those that say them")
def test_list(serve):
    service = serve({**CHAIN, "daisy1_id": "none"}, second={"modes": "none"})
    first, second = command.facts("list", mount=service.mount)
    assert second["devices"] == []
    assert first["devices"] == [{"device": "lpt1.0", "link": "Acme_Zip"},
                                {"device": "lpt1.1", "link": None},
                                {"device": "lpt1.4", "link": "End_Printer_4"}]
    by_path, = command.facts("list", service.node("parport0"), mount="/nonexistent")
    assert by_path["devices"] == first["devices"]
    inside, = command.facts("list", "sim:", mount=service.mount)
    assert inside["devices"] == []
    lines = [line.split() for line in succeed(service, "list").splitlines()[1:]]
    assert [line[0] for line in lines] == ["lpt1", "lpt1.0", "lpt1.1", "lpt1.4", "lpt2"]
    assert lines[1:4] == [["lpt1.0", "Acme_Zip"], ["lpt1.1", "-"], ["lpt1.4", "End_Printer_4"]]


# ---- lock ------------------------------------------------------------------------------------


def locked(service, *arguments):
    """A started `parport lock` that has the port."""
    process = command.start("lock", *arguments, "sleep", "60", mount=service.mount)
    wait_until(lambda: (command.facts("status", "lpt1", mount=service.mount)[0]["holder"] or {})
               .get("pid") == process.pid, "the lock")
    return process


def end(process):
    process.terminate()
    assert command.finish(process)[0] == 128 + signal.SIGTERM


@case("lock of a device on which a print job is open says so, and whom to ask")
def test_lock_of_job(serve, client):
    service = serve(CHAIN)
    job = client(service.node("lpt1.0"), os.O_WRONLY)
    assert job.do("write x 1") == "ok 1"
    done = run(service, "lock", "lpt1.0", "true")
    assert done.returncode == command.BUSY
    assert "a print job is open there, 'parport status' shows whose" in done.stderr


@case("lock runs a command on each device, ends as it does, and gives the port back")
def test_lock(serve):
    service = serve(CHAIN)
    for name in ("lpt1", "lpt1.0", "lpt1.4", service.mount / "by-id" / "Acme_Scanner"):
        done = run(service, "lock", name, "--", "sh", "-c",
                   f"{command.PARPORT} status --json lpt1; exit 7")
        assert (done.returncode, done.stderr) == (7, "")
        assert json.loads(done.stdout)[0]["holder"]["program"] == "parport"
        wait_until_free(service.node("parport0"))
    assert run(service, "lock", "lpt1.0", "/nonexistent").returncode == 127


@case("a lock selects its device; with --no-select it leaves every line as it was")
def test_lock_selects(serve):
    service = serve(CHAIN)
    assert run(service, "print", "--mode", "compat", "-", input="\0").returncode == 0
    before = succeed(service, "pins", "lpt1")
    ask = (command.PARPORT, "pins", "lpt1")
    assert succeed(service, "lock", "--no-select", "lpt1.0", *ask) == before
    assert succeed(service, "pins", "lpt1") == before
    assert succeed(service, "lock", "lpt1.0", *ask) != before


@case("lock hands signals on, and the device is free when the command has ended by one")
def test_lock_signals(serve):
    service = serve(CHAIN)
    end(locked(service, "lpt1.0"))
    assert succeed(service, "lock", "--timeout", "0", "lpt1.0", "echo", "mine") == "mine\n"


@case("lock: a device open elsewhere, a port that is held for too long, a device that is not there")
def test_lock_refused(serve):
    service = serve(CHAIN)
    holder = locked(service, "lpt1.0")
    done = run(service, "lock", "lpt1.0", "true")
    assert (done.returncode, done.stderr) == \
        (command.NOT_PERMITTED, "parport lock: lpt1.0: another one has this device open\n")
    for limit in ("0", "300ms"):
        done = run(service, "lock", "--timeout", limit, "lpt1.1", "echo", "never")
        assert (done.returncode, done.stdout) == (command.BUSY, "")
        assert f"parport (pid {holder.pid}) holds its port" in done.stderr
    end(holder)
    done = run(service, "lock", "lpt1.3", "true")
    assert done.returncode == command.NO_PORT and "'parport list' shows" in done.stderr
    assert run(service, "lock", "parport0", "true").returncode == command.USAGE


@case("lock waits longer than the five seconds of one request, and says who is in the way")
def test_lock_waits(serve):
    service = serve(CHAIN)
    holder = locked(service, "lpt1.0")
    waiting = command.start("lock", "lpt1.1", "echo", "at last", mount=service.mount)
    assert f"lpt1.1 is held by parport (pid {holder.pid})" in waiting.stderr.readline()
    time.sleep(6)
    assert waiting.poll() is None
    end(holder)
    assert command.finish(waiting)[:2] == (0, "at last\n")


@case("lock: who is put out is told so when the command has ended")
def test_lock_kicked(serve):
    service = serve(CHAIN)
    done = run(service, "lock", "lpt1.0", command.PARPORT, "kick", "lpt1")
    assert done.returncode == command.KICKED
    assert "lpt1.0 was not ours until the end" in done.stderr


# ---- print -----------------------------------------------------------------------------------


@pytest.mark.parametrize("modes, best", [("nibble ecp epp", "ecp"), ("nibble epp", "epp"),
                                         ("nibble", "compat")])
@case("print chooses the fastest mode that the printer offers; the page is the same in each")
def test_print_chooses(serve, tmp_path, modes, best):
    service = serve({"modes": modes, "chip": "ecp"})
    page = bytes(range(256)) * 50
    (tmp_path / "page").write_bytes(page)
    code, text = command.run_on_terminal("print", tmp_path / "page", mount=service.mount)
    assert code == 0
    assert re.search(rf"lpt1: {len(page)} of {len(page)} bytes, \d+ bytes/s, {best} mode", text)
    wait_until(lambda: printed(service) == page, "the page, byte for byte")


@case("print --mode forces a mode; one that the printer refuses prints nothing and says why")
def test_print_forced(serve):
    service = serve({"modes": "nibble epp", "chip": "ecp"})
    assert succeed(service, "print", "--mode", "compat", "-", input="plain, ") == ""
    assert succeed(service, "print", "--mode", "epp", "-", input="fast") == ""
    wait_until(lambda: printed(service) == b"plain, fast", "both")
    refused = run(service, "print", "--mode", "ecp", "-", input="never")
    assert refused.returncode == command.FAILED
    assert refused.stderr == ("parport print: lpt1: no ecp mode: the peripheral refuses; "
                              "nothing was printed\n")
    for wrong in ("nibble", "lightning"):
        assert run(service, "print", "--mode", wrong, "-", input="x").returncode == command.USAGE
    assert printed(service) == b"plain, fast"


@case("a printer that does not say who it is is not asked for a mode")
def test_print_plain(serve):
    service = serve({"modes": "none"})
    assert succeed(service, "print", "-", input="page") == ""
    assert command.facts("status", "lpt1", mount=service.mount)[0]["fault"] is None
    forced = run(service, "print", "--mode", "ecp", "-", input="page")
    assert forced.returncode == run(service, "negotiate", "lpt1", "ecp").returncode == command.NO_ANSWER
    assert "no ecp mode: nobody there answers" in forced.stderr


@case("print to a device of a chain, by its name and by its link")
def test_print_to_device(serve):
    service = serve(FAST)
    for name in ("lpt1.0", service.mount / "by-id" / "Acme_Scanner"):
        assert succeed(service, "print", "--port", name, "-", input="aside") == ""
    assert succeed(service, "print", "--port", "lpt1.4", "-", input="page") == ""
    wait_until(lambda: printed(service) == b"page", "the page")


@case("print that waits for its turn to ask for a mode says who is in the way, and can be stopped")
def test_print_waits(serve, client):
    service = serve(FAST)
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    waiting = command.start("print", "-", mount=service.mount)
    wait_in_line(service.node("parport0"), 1)
    assert str(holder.pid) in waiting.stderr.readline()
    waiting.send_signal(signal.SIGTERM)
    code, _, err = command.finish(waiting)
    assert code == 128 + signal.SIGTERM and "0 bytes reached the printer" in err
    wait_in_line(service.node("parport0"), 0)


# ---- monitor ---------------------------------------------------------------------------------


def has_open(process, node):
    fds = f"/proc/{process.pid}/fd"
    try:
        return any(str(node) in os.readlink(f"{fds}/{fd}") for fd in os.listdir(fds))
    except FileNotFoundError:  # closed as it was looked at
        return False


def watch(service, *arguments, mount=None):
    """A monitor that has the file open."""
    process = command.start("monitor", *arguments, mount=mount or service.mount)
    wait_until(lambda: has_open(process, service.node("events")), "the monitor")
    return process


def stop(process):
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=command.WAIT_S)[0]


@case("monitor tells what happens while it happens, in words")
def test_monitor(serve):
    service = serve(CHAIN)
    process = watch(service)
    assert succeed(service, "print", "--mode", "compat", "-", input="page") == ""
    assert succeed(service, "sim", "set", "lpt1", "daisy=1") is not None
    told = []
    while not any("departed" in line for line in told):
        told.append(process.stdout.readline())
    stop(process)
    words = [line.split(" ", 1)[1].strip() for line in told]
    assert re.fullmatch(r"lpt1 job begun: parport \(pid \d+\)", words[0])
    assert re.fullmatch(r"parport0 granted: parport \(pid \d+\)", words[1])
    assert any(re.fullmatch(r"lpt1 job ended: parport \(pid \d+\), 4 bytes", line)
               for line in words)
    assert words[-1] == "lpt1.1 departed: Acme_Scanner"


@case("monitor of one device: JSON of it and its port, not of other devices and ports")
def test_monitor_one(serve):
    service = serve(CHAIN, second={"modes": "none"})
    process = watch(service, "--json", "lpt1.0")
    for name in ("lpt2", "lpt1.1", "lpt1.0"):
        assert succeed(service, "print", "--mode", "compat", "--port", name, "-",
                       input="x") == ""
    told = []
    while not told or told[-1]["event"] != "job ended":
        told.append(json.loads(process.stdout.readline()))
    stop(process)
    assert {event["port"] for event in told} == {"parport0"}
    assert {event.get("device", "lpt1.0") for event in told} == {"lpt1.0"}
    assert sum(event["event"] == "transferred" for event in told) == 2


@case("monitor of a port that is named by its path tells of that one, wherever the default mount is")
def test_monitor_by_path(serve):
    service, elsewhere = serve(CHAIN), "/nonexistent"
    process = watch(service, service.node("lpt1"), mount=elsewhere)
    assert succeed(service, "print", "--mode", "compat", "-", input="page") == ""
    assert " lpt1 job begun: parport " in process.stdout.readline()
    stop(process)


@case("monitor without a service, without the right, and of a service that ends")
def test_monitor_ends(serve, open_dir, as_somebody):  # noqa: F811
    nobody = command.run("monitor")
    assert nobody.returncode == command.NO_PORT and "start parportd" in nobody.stderr
    service = serve(CHAIN)
    outsider = as_somebody(service, "monitor")
    assert outsider.returncode == command.NOT_PERMITTED
    assert "a member of the group of that file may use it" in outsider.stderr
    assert "start parportd" not in outsider.stderr
    process = watch(service)
    service.stop()
    code, _, err = command.finish(process)
    assert code == command.REMOVED and "the service went away" in err
