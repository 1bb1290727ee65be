# SPDX-License-Identifier: MIT
"""The command on the wire: negotiate, probe, id, chain, read, write, and sim while others work."""

import random

import pytest

import command
from clients import status, wait_until
from test_cli_service import AS_NOBODY, IN_STARTS, hold, served  # noqa: F401

case = pytest.mark.case

SMART = {"chip": "ecp-epp", "modes": "nibble byte ecp ecp_rle epp"}
MODES = ["nibble", "byte", "ecp", "ecp-rle", "epp"]


def run(service, *words, **options):
    return command.run(*words, mount=service.mount, **options)


def keys(service, port="lpt1"):
    return command.facts("sim", "show", port, mount=service.mount)[0]["keys"]


# ---- modes and ids -----------------------------------------------------------------------------

@case("probe: which modes are accepted, which refused, and which the chip lacks; text and JSON agree")
def test_probe(served):
    service = served(SMART, {"chip": "spp", "modes": "nibble"}, {"modes": "none"})
    expected = {"lpt1": [None] * 5,
                "lpt2": [None] + ["this port cannot do that"] + ["the peripheral refuses"] * 3,
                "lpt3": ["nobody there answers as IEEE 1284 wants it"] * 5}
    for port, whys in expected.items():
        fact, = command.facts("probe", port, mount=service.mount)
        assert [mode["mode"] for mode in fact["modes"]] == MODES
        assert [mode["why"] for mode in fact["modes"]] == whys
        assert [mode["accepted"] for mode in fact["modes"]] == [why is None for why in whys]
        lines = run(service, "probe", port).stdout.splitlines()
        assert fact["chip"] in lines[0] and fact["peripheral"] in lines[0]
        for line, why in zip(lines[1:], whys, strict=True):
            assert (why or "accepted") in line
    assert fact["modes"][0]["fault"]["phase"] == "negotiation"
    assert fact["modes"][0]["fault"]["event"] == 2


@case("negotiate: accepted is 0; refused, lacking, silent and no answer have exit codes of their own")
def test_negotiate(served):
    service = served({"modes": "nibble"}, {"chip": "spp", "modes": "nibble byte"},
                     {"modes": "none"}, {**SMART, "rude": "5:never", "scan": False})
    done = run(service, "negotiate", "lpt1", "nibble")
    assert (done.returncode, done.stdout) == (0, "lpt1: the peripheral accepts nibble mode\n")
    for port, code, words in (("lpt1", command.FAILED, "the peripheral refuses"),
                              ("lpt2", command.NOT_POSSIBLE, "this port cannot do that"),
                              ("lpt3", command.NO_ANSWER, "(negotiation, event 2)"),
                              ("lpt4", 119, "fell silent (negotiation, event")):
        done = run(service, "negotiate", port, "byte")
        assert (done.returncode, done.stdout) == (code, "")
        assert done.stderr.startswith(f"parport negotiate: {port}: no byte mode: ")
        assert words in done.stderr


@case("id and chain: the device at the end, each of a daisy chain, and who has none")
def test_ids(served):
    service = served({"daisy": 2, "modes": "nibble", "daisy0_id": "MFG:A;MDL:0;",
                      "daisy1_id": "MFG:B;MDL:1;", "id": "MFG:C;MDL:2;"},
                     {"modes": "none"}, {"modes": "nibble", "id": "none"})
    assert run(service, "id", "lpt1").stdout == "MFG:C;MDL:2;\n"
    fact, = command.facts("chain", "lpt1", mount=service.mount)
    assert fact["count"] == 2
    assert [(device["slot"], device["id"]) for device in fact["devices"]] == \
        [(0, "MFG:A;MDL:0;"), (1, "MFG:B;MDL:1;"), (None, "MFG:C;MDL:2;")]
    text = run(service, "chain", "lpt1").stdout.splitlines()
    assert [line.split() for line in text[1:]] == \
        [["0", "MFG:A;MDL:0;"], ["1", "MFG:B;MDL:1;"], ["end", "MFG:C;MDL:2;"]]
    assert run(service, "id", "--slot", "1", "lpt1").stdout == "MFG:B;MDL:1;\n"
    assert run(service, "id", "--slot", "3", "lpt1").returncode == command.FAILED
    assert run(service, "id", "lpt2").returncode == command.NO_ANSWER
    assert run(service, "id", "lpt3").returncode == command.FAILED
    assert command.facts("id", "lpt1", mount=service.mount)[0]["id"] == "MFG:C;MDL:2;"


# ---- bytes ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("mode", MODES)
@case("read --mode brings what the peripheral says, write --mode what it prints, byte for byte")
def test_bytes(served, tmp_path, mode):
    says = random.Random(mode).randbytes(2500)
    (tmp_path / "says").write_bytes(says)
    service = served({**SMART, "input": str(tmp_path / "says")})
    got = run(service, "read", "--mode", mode, "--count", "2500", "lpt1", text=False)
    assert (got.returncode, got.stdout) == (0, says)
    if mode in ("ecp", "ecp-rle", "epp"):
        page = says[::-1]
        (tmp_path / "page").write_bytes(page)
        assert run(service, "write", "--mode", mode, "lpt1", str(tmp_path / "page")).returncode == 0
        wait_until(lambda: service.printed.read_bytes() == page, "the page printed")


@case("read without a mode finds one itself, and ends when nothing comes; EPP wants --count")
def test_read_by_itself(served, tmp_path):
    (tmp_path / "says").write_bytes(b"a few words")
    service = served({**SMART, "input": str(tmp_path / "says")}, {"modes": "none"})
    got = run(service, "read", "--wait", "300ms", "lpt1")
    assert (got.returncode, got.stdout) == (0, "a few words")
    assert run(service, "read", "--mode", "epp", "lpt1").returncode == command.USAGE
    assert run(service, "read", "lpt2").returncode == command.NO_ANSWER


@case("write in compatibility mode is the default, from standard input; a fault says how far it came")
def test_write_by_itself(served):
    service = served({})
    assert run(service, "write", "lpt1", input="some text").returncode == 0
    wait_until(lambda: service.printed.read_bytes() == b"some text", "printed")
    assert run(service, "write", "--address", "lpt1", input="x").returncode == command.USAGE
    assert run(service, "write", "--mode", "lightning", "lpt1", input="x").returncode == command.USAGE
    assert run(service, "write", "lpt1", "/no/such/file").returncode == command.USAGE


@case("a verb on the wire waits for the port no longer than --timeout, and names who holds it")
def test_waits(served):
    service = served(SMART)
    holder = hold(service)
    done = run(service, "negotiate", "--timeout", "100ms", "lpt1", "byte")
    assert done.returncode == command.BUSY
    assert "parport" in done.stderr and "holds it" in done.stderr
    holder.terminate()
    command.finish(holder)
    assert run(service, "negotiate", "lpt1", "byte").returncode == 0


@case("verbs on the wire want a served port, and the right number of words")
def test_usage():
    for words in (["negotiate", "sim:", "byte"], ["id", "sim:"], ["negotiate", "lpt1"], ["chain"],
                  ["id", "--slot", "4", "lpt1"], ["read", "--wait", "soon", "lpt1"], ["sim"],
                  ["sim", "shake", "lpt1"], ["sim", "set", "lpt1"], ["sim", "show"],
                  ["negotiate", "lpt1", "compat"]):
        assert command.run(*words).returncode == command.USAGE, words
    assert command.run("id", "lpt1").returncode == command.NO_PORT


# ---- sim -------------------------------------------------------------------------------------------

@case("sim show, set, attach and detach: keys as they are, and a peripheral exchanged while it runs")
def test_sim(served):
    service = served({}, {})
    assert keys(service)["peripheral"] == "printer"
    assert "chip = ps2" in run(service, "sim", "show", "lpt1").stdout.splitlines()
    assert run(service, "sim", "set", "lpt1", "modes=nibble", "id=MFG:Z;MDL:9;").returncode == 0
    assert run(service, "id", "lpt1").stdout == "MFG:Z;MDL:9;\n"
    assert run(service, "sim", "detach", "lpt1").returncode == 0
    assert keys(service)["peripheral"] == "none"
    assert command.facts("info", "lpt1", mount=service.mount)[0]["peripheral"] == "none"
    assert run(service, "id", "lpt1").returncode == command.NO_ANSWER
    assert run(service, "sim", "attach", "lpt1", "printer", "id=MFG:Y;MDL:8;").returncode == 0
    assert run(service, "id", "lpt1").stdout == "MFG:Y;MDL:8;\n"
    assert keys(service, "lpt2")["peripheral"] == "printer"
    for words in (["chip=z80"], ["bogus=1"], ["noequals"], [f"{'k' * 40}=1"]):
        assert run(service, "sim", "set", "lpt1", *words).returncode == command.USAGE, words


@case("sim set of the chip: refused while the port is held, then the port is another one")
def test_sim_chip(served):
    service = served(SMART)
    holder = hold(service)
    assert run(service, "sim", "set", "lpt1", "chip=epp").returncode == command.BUSY
    holder.terminate()
    command.finish(holder)
    wait_until(lambda: status(service.node("parport0"))["state"] == 0, "free")
    assert run(service, "sim", "set", "lpt1", "chip=epp").returncode == 0
    fact, = command.facts("info", "lpt1", mount=service.mount)
    assert fact["chip"] == "epp" and "epp" in fact["capabilities"]


@case("sim is for root and the service's user: others see, and may not change")
def test_sim_right(served):
    service = served({}, mode="0666")
    for words, code in ((["show", "lpt1"], 0), (["fault", "lpt1", "error"], command.NOT_PERMITTED)):
        done = command.subprocess.run([*AS_NOBODY, *command.argv(["sim", *words])], text=True,
                                      env=command.environment(service.mount), timeout=60,
                                      stdout=command.subprocess.PIPE,
                                      stderr=command.subprocess.PIPE)
        assert done.returncode == code, done.stderr
    assert "only root" in done.stderr
    assert keys(service)["error"] == "no"


# Not powered_off: that forgets the byte in the printer's hands.
@pytest.mark.parametrize("fault", ["paper_out", "off_line", "error"])
@case("P-054 sim fault, switched on and off while a page is printed: the job stands, then goes on")
def test_fault_while_printing(served, tmp_path, fault):
    page = random.Random(fault).randbytes(8000)
    (tmp_path / "page").write_bytes(page)
    service = served({**IN_STARTS, "fault_timeout": "5 min"})
    node = service.node("parport0")
    printer = command.start("print", str(tmp_path / "page"), mount=service.mount)
    wait_until(lambda: service.printed.exists() and service.printed.stat().st_size, "it prints")
    assert run(service, "sim", "fault", "lpt1", fault).returncode == 0
    assert keys(service)[fault] == "yes"
    said = printer.stderr.readline()
    while "then the job goes on by itself" not in said:
        assert said, "the command ended"
        said = printer.stderr.readline()
    assert status(node)["job"] == printer.pid
    assert service.printed.stat().st_size < len(page)
    assert run(service, "sim", "fault", "lpt1", "none").returncode == 0
    assert keys(service)[fault] == "no"
    assert command.finish(printer)[0] == 0
    wait_until(lambda: service.printed.read_bytes() == page, "the page printed")


@case("sim fault rude: the peripheral misbehaves at that event, once, and not after none")
def test_rude(served):
    service = served(SMART)
    assert run(service, "sim", "fault", "lpt1", "rude=5+:never").returncode == 0
    for _ in range(2):
        assert run(service, "negotiate", "lpt1", "byte").returncode == 119
    assert run(service, "sim", "fault", "lpt1", "none").returncode == 0
    assert run(service, "negotiate", "lpt1", "byte").returncode == 0
    assert run(service, "sim", "fault", "lpt1", "rude=nonsense").returncode == command.USAGE
