# SPDX-License-Identifier: MIT
"""Linux's own detection and daisy code, compiled from its source, on simulated chips.

Three must agree: how a chip is configured, what Linux finds, what our own detection finds.
"""

import subprocess

import pytest

import linux_source
from devices import CHAIN_IDS, PRINTER_ID

case = pytest.mark.case

# The first test of a run may have to download the source.
pytestmark = pytest.mark.timeout(300)

MODES = {"spp": "PCSPP", "ps2": "PCSPP TRISTATE", "epp": "PCSPP TRISTATE EPP",
         "ecp": "PCSPP TRISTATE COMPAT ECP", "ecp-epp": "PCSPP TRISTATE COMPAT EPP ECP"}
IRQ_OF_FIELD = (7, 7, 9, 10, 11, 14, 15, 5)  # 0: not told, found by trying
DMA_OF_FIELD = (0, 1, 2, 3, 0, 5, 6, 7)
WORD_BYTES = {"1": 1, "2": 2, "4": 4, "reserved": 1}


@pytest.fixture(scope="session")
def look(tmp_path_factory):
    """look(key=value, ...): a new port as parport.conf(5) says, as both see it.

    With timed_out=True its last user has left an EPP time-out behind. Returns
    ({what: value} of ours, the same of Linux's, lines of Linux's log).
    """
    program = linux_source.program(tmp_path_factory.mktemp("linux"))

    def start(timed_out=False, **settings):
        argv = [program, *["--timed-out"] * timed_out, *(f"{k}={v}" for k, v in settings.items())]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=True)
        sides, log = {"ours": {}, "linux": {}}, []
        for line in done.stdout.splitlines():
            side, _, said = line.partition(": ")
            if side == "log":
                log.append(said)
            else:
                what, _, value = said.partition(" = ")
                sides[side][what] = value
        return sides["ours"], sides["linux"], log

    return start


def expected(chip, **more):
    """What is to be found: nothing but these, so no complaint of the chip model either."""
    has_ecr = chip.startswith("ecp")
    fifo = {"fifo_words": 16, "write_threshold": 8, "read_threshold": 8, "word_bytes": 1,
            "irq": 7} if has_ecr else {}
    nothing = dict.fromkeys(("irq", "dma", "fifo_words", "write_threshold", "read_threshold",
                             "word_bytes"), 0)
    facts = {"modes": MODES[chip], "ecr": int(has_ecr), **nothing, **fifo, **more}
    return {what: str(value) for what, value in facts.items()}


@case("P-030 Linux and we find each chip as it is configured, and Linux says so")
@pytest.mark.parametrize("chip", MODES)
def test_chips(look, chip):
    ours, linux, log = look(chip=chip)
    assert linux == expected(chip)
    assert ours == expected(chip)
    found = " (0x778), irq 7, using FIFO" if chip.startswith("ecp") else ""
    assert log == [f"parport0: PC-style at 0x378{found} [{MODES[chip].replace(' ', ',')}]"]


@case("P-023 a time-out bit that is 1 where there is no EPP: Linux announces none, nor do we")
@pytest.mark.parametrize("chip", ["spp", "ps2", "ecp"])
def test_no_epp(look, chip):
    ours, linux, _ = look(chip=chip, bit0="high")
    assert linux == expected(chip)
    assert ours == expected(chip)


@case("a time-out bit that is 0 without EPP: Linux believes in EPP, we do where it could read")
@pytest.mark.parametrize("bit0", ["low", "clearable"])
def test_pretended_epp(look, bit0):
    for chip, seems in (("ps2", "epp"), ("ecp", "ecp-epp")):
        ours, linux, _ = look(chip=chip, bit0=bit0)
        assert linux == expected(chip, modes=MODES[seems])
        assert ours == expected(chip, modes=MODES[seems])
    ours, linux, _ = look(chip="spp", bit0=bit0)
    assert linux == expected("spp", modes="PCSPP EPP")
    assert ours == expected("spp")


@case("P-024 P-026 P-030 a FIFO of any depth and threshold is measured as it is configured")
@pytest.mark.parametrize("words", [1, 2, 4, 16, 64])
def test_fifo(look, words):
    for threshold in range(1, words):
        fifo = {"fifo_words": words, "write_threshold": words - threshold,
                "read_threshold": words - threshold}
        ours, linux, _ = look(chip="ecp", fifo_words=words, fifo_threshold_words=threshold)
        assert linux == expected("ecp", **fifo)
        assert ours == expected("ecp", **fifo)
    half = {"fifo_words": words, "write_threshold": words - words // 2,
            "read_threshold": words - words // 2}
    ours, linux, _ = look(chip="ecp", fifo_words=words)
    assert linux == expected("ecp", **half)
    assert ours == expected("ecp", **half)


@case("P-025 an ECR without a FIFO: Linux offers no ECP, nor do we")
@pytest.mark.parametrize("chip, like", [("ecp", "ps2"), ("ecp-epp", "epp")])
def test_no_fifo(look, chip, like):
    ours, linux, _ = look(chip=chip, fifo_never_fills="true")
    # Linux fills all the same, and an interrupt comes of it.
    assert linux == expected(like, ecr=1, irq=7)
    assert ours == expected(like, ecr=1)


@case("P-027 the width of a FIFO's words is found; we do not offer one that is wider than a byte")
@pytest.mark.parametrize("name", WORD_BYTES)
def test_words(look, name):
    ours, linux, _ = look(chip="ecp", pword_bytes=name)
    width = WORD_BYTES[name]
    assert linux == expected("ecp", word_bytes=width)
    assert ours == expected("ecp" if width == 1 else "ps2", ecr=1, word_bytes=width, **{
        what: linux[what] for what in ("irq", "fifo_words", "write_threshold", "read_threshold")})


@case("P-028 P-030 interrupt and DMA channel are found as cnfgB says; we use no DMA")
def test_config_b(look):
    for field in range(64):
        where = {"irq": IRQ_OF_FIELD[field >> 3], "dma": DMA_OF_FIELD[field & 7]}
        ours, linux, _ = look(chip="ecp", config_b=field)
        dma = " DMA" if where["dma"] else ""
        assert linux == expected("ecp", **where, modes=MODES["ecp"] + dma)
        assert ours == expected("ecp", **where)


@case("P-030 an EPP time-out that is pending is cleared, however the chip wants that")
@pytest.mark.parametrize("how", ["write-1", "write-0", "read", "read-twice"])
def test_timeout(look, how):
    for chip in ("epp", "ecp-epp"):
        ours, linux, _ = look(timed_out=True, chip=chip, timeout_clear=how)
        assert linux == expected(chip)
        assert ours == expected(chip)


@case("an EPP time-out that blocks: we find each chip, Linux only the one without an ECR")
def test_blocking_timeout(look):
    ours, linux, _ = look(timed_out=True, chip="epp", timeout_blocks="true")
    assert linux == expected("epp")
    assert ours == expected("epp")
    ours, linux, log = look(timed_out=True, chip="ecp-epp", timeout_blocks="true")
    # Linux writes the ECR first, and in its mode 000 the time-out does not show.
    assert linux == {} and log == []
    assert ours == expected("ecp-epp")


QUIRKS = {
    "after reset": {"after_reset": "true"},
    "high bits of CONTROL": {"control_high_bits": 0xc0},
    "low bits of STATUS": {"status_low_bits": 6},
    "CONTROL unreadable": {"control_unreadable": "true"},
    "ECR decodes as CONTROL": {"extended_is_control": "true"},
    "transmitter counted": {"full_counts_transmitter": "true"},
    "interrupt line high": {"config_b": 0x40},
    "EPP in PS/2 modes": {"epp_in_ps2_modes": "true"},
}


@case("P-030 no quirk changes what Linux and we find")
@pytest.mark.parametrize("quirk", QUIRKS)
def test_quirks(look, quirk):
    for chip in MODES:
        ours, linux, _ = look(chip=chip, **QUIRKS[quirk])
        assert linux == expected(chip)
        assert ours == expected(chip)


@case("P-123 Linux names the printer in its log, on every chip")
@pytest.mark.parametrize("chip", MODES)
def test_printer(look, chip):
    _, _, log = look(chip=chip, modes="nibble byte ecp ecp_rle epp", id=PRINTER_ID)
    assert log[1:] == ["parport0: Printer, Fourth & Sons Matrix 1284-G"]


@case("P-132 Linux's daisy code finds two adapters and reads all three ids")
@pytest.mark.parametrize("chip", MODES)
def test_chain(look, chip):
    near, middle, end = CHAIN_IDS
    _, _, log = look(chip=chip, modes="nibble byte", id=end,
                     daisy=2, daisy0_id=near, daisy1_id=middle)
    assert log[1:] == ["parport0 (addr 0): Scanner, Near Adapter nought",
                       "parport0 (addr 1): Hard disk, Middle Adapter one",
                       "parport0: Printer, Far End of the line"]


@case("Linux sees no device where none speaks: an empty port, plain printers, plugs")
@pytest.mark.parametrize("what", [{"peripheral": "none"}, {"peripheral": "checkit"},
                                  {"peripheral": "norton"}, {"paper_out": "true"},
                                  {"off_line": "true"}, {"modes": "none"}],
                         ids=lambda what: " ".join(what.values()) + " " + " ".join(what))
def test_no_phantom(look, what):
    _, _, log = look(chip="ps2", **what)
    assert log == ["parport0: PC-style at 0x378 [PCSPP,TRISTATE]"]
