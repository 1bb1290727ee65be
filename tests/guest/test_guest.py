# SPDX-License-Identifier: MIT
"""Linux's own parport, parport_pc, lp and ppdev, in a guest whose ports are ours."""

import pathlib
import subprocess

import pytest

import transcript
from paper import printed

case = pytest.mark.case

# The first test of a run may have to download the kernel.
pytestmark = pytest.mark.timeout(300)

HERE = pathlib.Path(__file__).parent
FOUND = "parport0: PC-style at 0x378, irq 7 [PCSPP,TRISTATE,EPP]"


def messages(guest, word):
    """The guest's kernel messages that contain WORD, without their times."""
    lines = guest.run("dmesg", 20).splitlines()
    return [line.partition("] ")[2] for line in lines if word in line]


@case("the guest's parport_pc finds the port and says so in Linux's words")
def test_found(one_port):
    assert [m for m in messages(one_port, "parport0") if "PC-style" in m] == [FOUND]


@case("P-057 P-058 the guest's probing prints nothing, then lp prints 64 KiB byte exact")
def test_lp_ready_printer(polled_port, served, pages):
    page = served.work / "page0"
    assert printed(page, 1, seconds=0) == b""
    # Away again: as long as lp is there, it keeps PPEXCL from others.
    polled_port.run("insmod /modules/lp.ko && cat /bin/page64k >/dev/lp0 && rmmod lp", 100)
    assert printed(page, 65536) == pages["page64k"].read_bytes()


@case("P-058 lp prints 4 KiB byte exact with 1 ms of Busy after every 64th byte")
def test_lp_short_busy(three_ports, served, pages):
    three_ports.run("cat /bin/page4k >/dev/lp0", 60)
    assert printed(served.work / "page1", 4096) == pages["page4k"].read_bytes()


@case("P-058 lp prints 1 KiB byte exact with 100 ms of Busy after every 64th byte")
def test_lp_long_busy(three_ports, served, pages):
    three_ports.run("cat /bin/page1k >/dev/lp1", 60)
    assert printed(served.work / "page2", 1024) == pages["page1k"].read_bytes()


def must_agree(name, guest, port, node, programs):
    """Runs a program on Linux's ppdev and on ours; fails with what must not differ and does."""
    (program,) = (p for p in programs if p.name == name)
    theirs = guest.once(f"{name} /dev/{port}", 110)
    ours = subprocess.run([program, node], capture_output=True, text=True,
                          timeout=110, check=True).stdout
    wrong = transcript.problems(transcript.answers(theirs), transcript.answers(ours),
                                transcript.allowed(HERE / f"{name}.allowed"))
    assert not wrong, "\n".join(wrong)


@case("every ppdev question gets Linux's answer, but for the listed differences")
def test_questions(polled_port, served, programs):
    must_agree("ppdev_questions", polled_port, "parport0", served.node("parport3"), programs)


@case("two and more clients fare as on Linux, but for what Linux gets wrong")
def test_contention(polled_port, served, programs):
    must_agree("ppdev_contention", polled_port, "parport0", served.node("parport3"), programs)


@case("interrupts are counted, polled and answered with PPWCTLONIRQ as on Linux")
def test_interrupts(three_ports, served, programs):
    must_agree("ppdev_interrupts", three_ports, "parport2", served.node("parport3"), programs)


@case("lp's questions get Linux's answer on lpt files, but for what FUSE cannot carry")
def test_lp_questions(three_ports, served, programs):
    must_agree("lp_questions", three_ports, "lp0", served.node("lpt4"), programs)


@case("write() to a printer that takes no bytes ends as on Linux")
@pytest.mark.parametrize("number", range(3), ids=["off-line", "paper out", "switched off"])
def test_faults(faulty_ports, served, programs, number):
    ours = served.node(f"parport{20 + number}")
    must_agree("ppdev_faults", faulty_ports, f"parport{number}", ours, programs)


def probed(guest, port, device=""):
    """What Linux has kept of a device id, as {key: value}."""
    text = guest.run(f"cat /proc/sys/dev/parport/{port}/autoprobe{device}", 20)
    return dict(line.rstrip(";").split(":", 1) for line in text.splitlines())


@case("P-123 the guest's probing tells manufacturer and model of the printer")
def test_autoprobe(ieee1284_ports):
    assert "parport0: Printer, Fourth & Sons Matrix 1284-G" in messages(ieee1284_ports, "parport0")
    assert probed(ieee1284_ports, "parport0") == {
        "CLASS": "PRINTER", "MODEL": "Matrix 1284-G", "MANUFACTURER": "Fourth & Sons",
        "DESCRIPTION": "a wide one", "COMMAND SET": "ASCII,PCL"}


@case("P-132 the guest's daisy code finds two adapters, and the printer behind them tells its id")
def test_chain(ieee1284_ports):
    log = messages(ieee1284_ports, "parport1")
    assert "parport1: Found 2 daisy-chained devices" in log
    assert "parport1: Printer, Far End of the line" in log
    # Linux 6.1 takes an adapter's acknowledgement for a refusal: then it asks for no id.
    near = {"CLASS": "SCANNER", "MODEL": "Adapter nought", "MANUFACTURER": "Near",
            "DESCRIPTION": "first in line"}
    middle = {"CLASS": "HDC", "MODEL": "Adapter one", "MANUFACTURER": "Middle",
              "COMMAND SET": "ATA"}
    found = [probed(ieee1284_ports, "parport1", device) for device in range(4)]
    assert found in ([{}] * 4, [near, middle, {}, {}])


@case("EPP in both directions: bytes, words, double words and addresses, byte exact")
def test_epp(ieee1284_ports, served, pages):
    said = ieee1284_ports.run("epp_ways /dev/parport2 0x260 /bin/page4k /bin/told4k", 100)
    assert transcript.answers(said) == {
        "addresses read back wrongly": "0", "read by bytes": "as it is", "read by fast": "as it is",
        "read by words": "as it is", "read by double words": "as it is"}
    sent = pages["page4k"].read_bytes() + b"printed\n"
    assert printed(served.work / "page6", len(sent)) == sent


@case("a transcript that differs, or an allowed difference that is gone, is told")
def test_transcript_tells():
    rows = [("a*", "1", "2"), ("c", "1", "2")]
    theirs = transcript.answers("ab = 1\nb = 1\nc = 1\nd = 1\n")
    ours = transcript.answers("ab = 2\nb = 2\nc = 1\n")
    assert transcript.problems(theirs, ours, rows) == [
        "b: Linux '1', ours '2'", "d: Linux '1', ours '(not asked)'",
        "listed, but did not occur: c | 1 | 2"]
