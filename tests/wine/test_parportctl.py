# SPDX-License-Identifier: MIT
"""parportctl.exe under Wine, on a port of the shipped driver with simulated devices."""
import contextlib
import json
import re
import signal
import subprocess
import time
from dataclasses import dataclass

import pytest

from lib.paths import BUILD, CACHE
from prefix import Prefix

case = pytest.mark.case

NT64 = BUILD.parent / "nt64"
NEEDS = 1 << 2 | 1 << 4 | 1 << 5 | 1 << 7  # EPP, ECP, a chain, devices: enum case_needs
PAGE = bytes(range(256)) * 7
IDS = {
    "LPT1.0": "MFG:Acme;MDL:Zip;CLS:MEDIA;",
    "LPT1.1": "MFG:Acme;MDL:Scanner;",
    "LPT1.4": "MFG:End;MDL:Printer;CMD:PCL;",
}
NO_TROUBLE, NO_PAPER, OFF_LINE, OTHER_FAULT, NO_POWER = range(5)  # enum device_trouble
PATIENCE_S = 30


@dataclass
class Answer:
    code: int
    raw: bytes
    err: str

    @property
    def out(self):
        return self.raw.decode().replace("\r\n", "\n")


def wait_until(condition):
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


class Programs:
    """Runs programs in a prefix; each has files of its own for what it says."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.files = prefix.files
        self.count = 0

    def begin(self, *words, stdin=subprocess.DEVNULL):
        self.count += 1
        out, err = (self.files / f"{kind}{self.count}" for kind in ("out", "err"))
        process = subprocess.Popen(["wine", *map(str, words)], env=self.prefix.environment,
                                   cwd=self.files, stdin=stdin, stdout=open(out, "wb"),
                                   stderr=open(err, "wb"))
        process.said = lambda: (out.read_bytes(), err.read_text().replace("\r\n", "\n"))
        return process

    def end(self, process):
        return Answer(process.wait(PATIENCE_S), *process.said())

    def ctl(self, *words, **more):
        return self.end(self.begin("parportctl.exe", *words, **more))

    def bus(self, *words):
        answer = self.end(self.begin("busctl.exe", *words))
        assert answer.code == 0, answer

    @contextlib.contextmanager
    def open_elsewhere(self, name):
        """Another program has it open meanwhile."""
        process = self.begin("busctl.exe", "hold", name, "done")
        wait_until(lambda: b"held" in process.said()[0])
        yield
        (self.files / "done").touch()
        assert self.end(process).code == 0
        (self.files / "done").unlink()

    def heard(self, place):
        """A file of its own each time: Wine may still hold the last one."""
        file = self.files / f"heard{self.count}"
        self.bus("heard", place, file.name)
        return file.read_bytes()


@pytest.fixture(scope="module")
def no_port():
    """A system without a parallel port."""
    with Prefix(CACHE / "wine") as prefix:
        prefix.install("testbus", NT64 / "tests/wine/bus/testbus.sys")
        prefix.install("parport", NT64 / "src/front/nt/parport.sys")
        prefix.copy(NT64 / "tests/wine/ctl/busctl.exe")
        prefix.copy(NT64 / "src/front/winctl/parportctl.exe")
        (prefix.files / "page").write_bytes(PAGE)
        prefix.keep()
        yield Programs(prefix)


@pytest.fixture(scope="module")
def made(no_port):
    """LPT1 with two devices in a chain and one at its end."""
    assert no_port.prefix.start("testbus")
    no_port.bus("make", NEEDS)
    return no_port


@pytest.fixture
def port(made):
    yield made
    made.bus("trouble", 4, NO_TROUBLE)
    made.heard(4)


# ---- without a port ------------------------------------------------------------------------

@case("parportctl says which one it is, and what it can do")
def test_about(no_port):
    assert no_port.ctl("--version").out.startswith("parportctl (OpenParport) ")
    answer = no_port.ctl("--help")
    assert answer.code == 0
    for verb in ("list", "status", "id", "modes", "negotiate", "print", "reset"):
        assert f"\n  {verb} " in answer.out
    assert no_port.ctl().code == 2
    answer = no_port.ctl("id", "--help")
    assert (answer.code, answer.out.splitlines()[0]) == (
        0, "Usage: parportctl id [--json | --raw] PORT")


@case("parportctl refuses what it does not understand")
@pytest.mark.parametrize("words, said", [
    (["frob"], "unknown verb 'frob': use one of list, "),
    (["id"], "write 'parportctl id [--json | --raw] PORT'"),
    (["id", "LPT1", "LPT2"], "write 'parportctl id "),
    (["id", "--json", "--raw", "LPT1"], "write 'parportctl id "),
    (["reset", "--json", "LPT1"], "write 'parportctl reset PORT'"),
    (["id", "LPT0"], "'LPT0' is no port: write LPT1 to LPT255"),
    (["id", "LPT256"], "'LPT256' is no port"),
    (["id", "LPT1.5"], "'LPT1.5' is no port"),
    (["status", "COM1"], "'COM1' is no port"),
    (["negotiate", "LPT1", "warp"], "'warp' is no protocol: write any, ecp, "),
    (["print", "LPT1", "not-there"], "cannot read not-there (error 2): "),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_usage(no_port, words, said):
    answer = no_port.ctl(*words)
    assert answer.code == 2
    assert answer.raw == b""
    assert said in answer.err


@case("parportctl says that there is no port, and where to look")
def test_nothing(no_port):
    answer = no_port.ctl("list")
    assert (answer.code, answer.raw) == (110, b"")
    assert "no parallel port here: look for it under Ports in Device Manager" in answer.err
    assert json.loads(no_port.ctl("list", "--json").out) == []
    answer = no_port.ctl("print", "LPT3", "page")
    assert answer.code == 110
    assert "no LPT3: 'parportctl list' shows what there is" in answer.err


# ---- what there is ----------------------------------------------------------------------------

@case("C-005 C-006 parportctl list shows the port and who is on it")
def test_list(port):
    answer = port.ctl("list")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0].split() == ["DEVICE", "WAITING", "GRANTED", "RELEASED", "CAPABILITIES", "STATE"]
    assert re.fullmatch(r"LPT1 +0 +(\d+) +\1  byte epp epp-32 ecp chain free", lines[1])
    assert lines[2:] == ["LPT1.0   Acme Zip", "LPT1.1   Acme Scanner", "LPT1.4   End Printer"]


@case("parportctl list --json has ids, hardware, counters and who has what open")
def test_list_json(port):
    with port.open_elsewhere("LPT1.1"):
        found = json.loads(port.ctl("list", "--json").out)
    assert len(found) == 1
    assert found[0]["port"] == "LPT1" and found[0]["driver"] == "openparport"
    assert found[0]["state"] == "free" and found[0]["holder"] is None
    assert found[0]["allocates"] == found[0]["frees"] > 0
    assert (found[0]["address"], found[0]["span"]) == (0x378, 8)
    assert (found[0]["ecp_address"], found[0]["fifo_depth"]) == (0x778, 16)
    devices = {device["device"]: device for device in found[0]["devices"]}
    assert list(devices) == ["LPT1", *IDS]
    assert all(device["present"] for device in devices.values())
    assert [name for name in devices if devices[name]["open"]] == ["LPT1.1"]
    assert devices["LPT1.1"]["pid"] > 0 and devices["LPT1"]["pid"] == 0
    assert devices["LPT1.0"]["id"] == IDS["LPT1.0"]
    assert devices["LPT1.4"]["hardware_id"] == r"LPTENUM\EndPrinter2400"


@case("parportctl status tells who has a device open")
def test_open_elsewhere(port):
    with port.open_elsewhere("LPT1.4"):
        answer = port.ctl("status", "LPT1")
    assert answer.code == 0
    assert answer.out.startswith("LPT1: free, 0 waiting\n")
    assert "registers 0x378 to 0x37f, ECP 0x778 to 0x77b" in answer.out
    assert re.search(r"^  LPT1\.4 is open in busctl\.exe \(pid \d+\)$", answer.out, re.M)


@case("parportctl tells a name that the spooler has taken, and one that leads elsewhere")
def test_redirected(port):
    port.bus("redirect", "LPT8", r"\Device\NamedPipe\Spooler\LPT8")
    port.bus("redirect", "LPT9", r"\Device\LanmanRedirector\there")
    spooler, elsewhere = port.ctl("id", "lpt8:"), port.ctl("id", "LPT9")
    listed = port.ctl("list")
    port.bus("redirect", "LPT8", "-")
    port.bus("redirect", "LPT9", "-")
    assert spooler.code == 124
    assert "LPT8 belongs to the print spooler: " in spooler.err
    assert elsewhere.code == 110
    assert r"LPT9 leads to \Device\LanmanRedirector\there and not to" in elsewhere.err
    assert re.search(r"^LPT8 .* taken by the print spooler$", listed.out, re.M)
    assert re.search(r"^LPT9 .* leads to \\Device\\LanmanRedirector\\there$", listed.out, re.M)


# ---- asking devices --------------------------------------------------------------------------------

@case("C-163 parportctl id prints what each device says of itself")
def test_id(port):
    for device, text in IDS.items():
        answer = port.ctl("id", device)
        assert (answer.code, answer.out) == (0, f"{text}\n")
    assert port.ctl("id", "LPT1").out == f"{IDS['LPT1.4']}\n"
    assert json.loads(port.ctl("id", "--json", "LPT1.0").out) == {
        "device": "LPT1.0", "id": IDS["LPT1.0"], "why": None,
        "hardware_id": r"LPTENUM\AcmeZip35E4"}
    answer = port.ctl("id", "LPT1.2")
    assert answer.code == 110 and "no LPT1.2: " in answer.err


@case("C-165 parportctl id --raw is the id as it came, its length first")
def test_raw_id(port):
    text = IDS["LPT1.4"].encode()
    assert port.ctl("id", "--raw", "LPT1.4").raw == (len(text) + 2).to_bytes(2, "big") + text


@case("C-137 C-148 parportctl negotiates the fastest protocols of those it was asked for")
def test_protocols(port):
    known = json.loads(port.ctl("modes", "--json", "LPT1.4").out)
    assert {"ecp-hw", "epp-hw", "byte", "nibble", "compat"} <= set(known["known"])
    assert (known["read"], known["write"]) == (["nibble"], ["centronics"])
    assert port.ctl("negotiate", "LPT1.4").out == "LPT1.4: reads by ecp-hw, writes by ecp-hw\n"
    assert port.ctl("negotiate", "LPT1.4", "byte", "epp").out == (
        "LPT1.4: reads by byte, writes by epp-hw\n")
    assert json.loads(port.ctl("negotiate", "--json", "LPT1.4", "nibble", "-").out) == {
        "device": "LPT1.4", "read": "nibble", "write": "centronics"}
    answer = port.ctl("negotiate", "LPT1.4", "channel-nibble", "-")
    assert answer.code == 1
    assert "none of these protocols in common: 'parportctl modes LPT1.4' shows" in answer.err


@case("C-170 parportctl reset succeeds on a device that is well")
def test_reset(port):
    answer = port.ctl("reset", "LPT1.4")
    assert (answer.code, answer.out, answer.err) == (0, "LPT1.4: reset\n", "")


@case("C-171 parportctl reset ends with what the device complains about")
@pytest.mark.parametrize("trouble, code, said, line", [
    (NO_PAPER, 115, "reset: the device is out of paper: load paper", "out of paper"),
    (OFF_LINE, 116, "reset: the device is off-line: switch the printer on-line", "off-line"),
    (NO_POWER, 118, "reset: the device has no power: switch the printer on", "no power"),
], ids=["paper", "off-line", "power"])
def test_complaints(port, trouble, code, said, line):
    port.bus("trouble", 4, trouble)
    answer = port.ctl("reset", "LPT1.4")
    assert answer.code == code
    assert f"LPT1.4: {said}" in answer.err
    assert line in json.loads(port.ctl("status", "--json", "LPT1.4").out)[0]["lines"]


@case("C-169 parportctl status of a device tells what its lines say")
def test_lines(port):
    assert port.ctl("status", "LPT1.4").out.splitlines()[-1] == "  LPT1.4: selected"


# ---- printing --------------------------------------------------------------------------------------

@case("C-150 parportctl print brings every byte to the device that it names")
@pytest.mark.parametrize("name, place", [("LPT1", 4), ("lpt1.4", 4), ("LPT1.0:", 0)])
def test_print(port, name, place):
    answer = port.ctl("print", name, "page")
    assert (answer.code, answer.raw, answer.err) == (0, b"", "")
    assert port.heard(place) == PAGE


@case("parportctl print - prints its standard input")
def test_print_standard_input(port):
    with open(port.files / "page", "rb") as page:
        assert port.ctl("print", "LPT1", "-", stdin=page).code == 0
    assert port.heard(4) == PAGE


@case("parportctl print waits for paper, says so, and loses no byte")
def test_out_of_paper(port):
    port.bus("trouble", 4, NO_PAPER)
    job = port.begin("parportctl.exe", "print", "LPT1.4", "page")
    wait_until(lambda: "the device is out of paper: load paper, then the job" in job.said()[1])
    state = json.loads(port.ctl("status", "--json").out)[0]
    port.bus("trouble", 4, NO_TROUBLE)
    answer = port.end(job)
    assert (answer.code, answer.err.count("\n")) == (0, 1)
    assert port.heard(4) == PAGE
    assert state["state"] == "held"
    assert state["holder"]["kind"] == "device" and state["holder"]["device"] == "LPT1.4"
    assert state["holder"]["program"] == "parportctl.exe" and state["holder"]["pid"] > 0


@case("parportctl print ends on Ctrl-C and says how many bytes reached the printer")
def test_interrupted(port):
    port.bus("trouble", 4, OFF_LINE)
    job = port.begin("parportctl.exe", "print", "LPT1.4", "page")
    wait_until(lambda: "off-line" in job.said()[1])
    job.send_signal(signal.SIGINT)
    answer = port.end(job)
    assert answer.code == 122
    assert f"stopped by Ctrl-C; 0 of {len(PAGE)} bytes reached the printer" in answer.err
    port.bus("trouble", 4, NO_TROUBLE)
    assert port.heard(4) == b""
