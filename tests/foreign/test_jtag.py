# SPDX-License-Identifier: MIT
"""OpenOCD and UrJTAG on a cable: chips that they cannot know beforehand."""

import re
import time

import pytest

from afterwards import HELD, at_rest
from lib import ioctls

case = pytest.mark.case

TCK = 0x04	# of OpenOCD's "wiggler" cable, among the data lines
MOST_CHIPS = 12	# OpenOCD looks for 20
IR_BITS = (2, 16)
NO_MAKER = 0x7f	# the one that cannot be in an IDCODE: it marks the end of a chain

cables = pytest.mark.parametrize("cable", ["wiggler", "dlc5"])


def openocd_words(cable, *script):
    words = ["adapter driver parport", "parport port 0", f"parport cable {cable}",
             "adapter speed 1000", *script, "shutdown"]
    return ["openocd"] + [word for line in words for word in ("-c", line)]


# ---- whatever is on the lines ----


def openocd_at_work(service, as_parport0):
    """Runs OpenOCD over a wiggler cable; returns (its words, the data bytes seen on the wires)."""
    argv = openocd_words("wiggler", "jtag newtap none tap -irlen 4", "init", "runtest 20000")
    seen = set()
    program = as_parport0(service, argv)
    with ioctls.File(service.node("parport0")) as port:
        deadline = time.monotonic() + 60
        while program.poll() is None and time.monotonic() < deadline:
            state, _, holder = port.status()
            if state == HELD and holder == program.pid:
                seen.add(port.pins()[0])
    said, _ = program.communicate(timeout=20)
    return said, seen


@case("OpenOCD claims, toggles TCK, reads our TDO line both ways and leaves a free port")
@pytest.mark.parametrize("printer, chain", [({}, "all zeroes"), ({"off_line": True}, "all ones")],
                         ids=["ready", "off-line"])
def test_openocd(serve, as_parport0, printer, chain):
    service = serve(parport0=printer)
    said, seen = openocd_at_work(service, as_parport0)
    assert f"scan chain interrogation failed: {chain}" in said
    assert {data ^ TCK for data in seen} & seen, f"TCK did not move: {seen}"
    assert at_rest(service)


# ---- a chain ----


def random_idcode(chance):
    while True:
        idcode = chance.getrandbits(32) | 1
        if idcode >> 1 & NO_MAKER != NO_MAKER:
            return idcode


@pytest.fixture
def chain(chance):
    """[(bits of the instruction register, IDCODE, 0: none)], the chip nearest to TDI first.

    There are chips with and without an IDCODE in every chain.
    """
    kinds = [0, 1] + [chance.choice([0, 1, 1, 1]) for _ in range(chance.randint(0, MOST_CHIPS - 2))]
    chance.shuffle(kinds)
    chips = [(chance.randint(*IR_BITS), kind * random_idcode(chance)) for kind in kinds]
    print("chips:", " ".join(f"{bits}:{idcode:#x}" for bits, idcode in chips))
    return chips


@pytest.fixture
def served_chain(one_cpu, serve, chain):
    """served_chain(cable): a service with the chain on this cable."""

    def start(cable):
        taps = " ".join(f"{bits}:{idcode:#x}" for bits, idcode in chain)
        return serve(parport0={"peripheral": cable, "taps": taps})

    return start


@case("OpenOCD finds every chip of a random chain, its IDCODE and its instruction register")
@cables
def test_openocd_chain(served_chain, said_on_parport0, chain, cable):
    service = served_chain(cable)
    said = said_on_parport0(service, openocd_words(cable, "init", "scan_chain"))
    rows = re.findall(r"auto\d+\.tap +Y +(0x\w+) +0x\w+ +(\d+)", said)
    # It counts from TDO.
    assert [(int(bits), int(idcode, 16)) for idcode, bits in rows] == chain[::-1], said
    assert at_rest(service)


@case("UrJTAG detects every chip of a random chain and its IDCODE, by ppdev and by port instructions")
@pytest.mark.parametrize("cable, way, options", [
    ("wiggler", "ppdev /dev/parport0", []), ("dlc5", "ppdev /dev/parport0", []),
    ("wiggler", "parallel 0x378", ["--trap-io"])], ids=["wiggler", "dlc5", "registers"])
def test_urjtag_chain(served_chain, said_on_parport0, tmp_path, chain, cable, way, options):
    service = served_chain(cable)
    script = tmp_path / "script"
    script.write_text(f"cable {cable.upper()} {way}\ndetect\n")
    said = said_on_parport0(service, ["jtag", "-n", script], *options)
    found = re.findall(r"Device Id: (?:[01]+ \((0x\w+)\)|not supported)", said)
    assert [int(idcode or "0", 16) for idcode in found] == [chip[1] for chip in chain[::-1]], said
    assert f"IR length: {sum(bits for bits, _ in chain)}\n" in said
    assert at_rest(service)
