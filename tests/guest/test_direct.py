# SPDX-License-Identifier: MIT
"""Our direct back end in a guest: registers of ports that the guest's kernel leaves alone."""

import json

import pytest

import transcript
from devices import PRINTER_ID
from paper import printed

case = pytest.mark.case

MOUNT = "OPENPARPORT_MOUNT=/tmp/direct"
OURS = f"{MOUNT} parport"


def refused(guest, command):
    """(exit status, message) of a command that must fail."""
    said = guest.run(f"{command} 2>&1; echo $?", 30).splitlines()
    assert said[-1] != "0", said
    return "\n".join(said[:-1])


@case("io: while a driver has the registers nobody else gets them; once it is unloaded they are ours")
def test_unloaded(direct_guest, pages):
    page = direct_guest.paper.stat().st_size
    direct_guest.run("insmod /modules/parport.ko && "
                     "insmod /modules/parport_pc.ko io=0x378 irq=none", 30)
    try:
        for command in ("parportd --config /bin/direct.conf", "library_print io:0x378 /bin/page1k"):
            said = refused(direct_guest, command)
            assert "io:0x378: the kernel's driver parport0 has these registers" in said
    finally:
        direct_guest.run("rmmod parport_pc; rmmod parport", 30)
    assert direct_guest.run("library_print io:0x378 /bin/page64k", 60) == "65536"
    assert direct_guest.paper.read_bytes()[page:] == pages["page64k"].read_bytes()


@case("io: a command that alloc runs has no right to the registers that alloc itself has")
def test_alloc(direct_guest):
    said = direct_guest.run("for n in 1 2 3 4 5 6 7 8; do parport alloc io:0x278 touch_port right "
                            "0x279; done", 60)
    assert said.split() == ["refused"] * 8
    assert refused(direct_guest, "parport alloc io:0x278 /nonexistent") == \
        "parport alloc: cannot run /nonexistent: No such file or directory"


CARD = """mount -t tmpfs cards /sys/bus/pci/devices
cd /sys/bus/pci/devices && mkdir 0000:03:00.0 && cd 0000:03:00.0
echo 0x14db >vendor; echo 0x2120 >device; echo 0x070103 >class; echo 1 >enable
echo 0x0000000000000378 0x000000000000037f 0x0000000000040101 >resource"""


@case("pci: a port is named by its card, whose place the kernel tells")
def test_card(direct_guest):
    direct_guest.run("; ".join(CARD.splitlines()), 10)
    try:
        (facts,) = json.loads(direct_guest.run("parport info --json pci:03:00.0", 30))
        assert facts["back_end"] == "pci:0000:03:00.0"
        direct_guest.run("echo 0 >/sys/bus/pci/devices/0000:03:00.0/enable", 10)
        said = refused(direct_guest, "parport info pci:03:00.0")
        assert "echo 1 >/sys/bus/pci/devices/0000:03:00.0/enable" in said
    finally:
        direct_guest.run("cd / && umount /sys/bus/pci/devices", 10)


CAP_SYS_RAWIO = 1 << 17


@case("io: with --user who serves keeps CAP_SYS_RAWIO alone, and prints by the registers")
def test_user(direct_guest, pages):
    page = direct_guest.paper.stat().st_size
    direct_guest.run("grep -q ^nobody: /etc/passwd || "
                     "echo nobody:x:65534:65534::/:/bin/sh >>/etc/passwd; mkdir -p /tmp/direct && "
                     "parportd --user nobody --config /bin/direct.conf", 30)
    try:
        told = direct_guest.run("for p in $(pidof parportd); do "
                                "grep -E '^(Uid|CapEff)' /proc/$p/status; done", 10).split()
        served_by = told.index("65534")
        assert int(told[told.index("CapEff:", served_by) + 1], 16) == CAP_SYS_RAWIO
        direct_guest.run("cat /bin/page1k >/tmp/direct/lpt1", 60)
        assert direct_guest.paper.read_bytes()[page:] == pages["page1k"].read_bytes()
    finally:
        direct_guest.run("kill $(pidof parportd); while pidof parportd; do sleep 0.1; done", 20)
    assert "fuse" not in direct_guest.run("cat /proc/mounts", 10)


CARD_MOUNT = "OPENPARPORT_MOUNT=/tmp/card"
CARD_CONF = 'mount = "/tmp/card"; parport0 = { back_end = "pci:03:00.0"; };'
UNTIL = "for n in $(seq 300); do {} && exit 0; sleep 0.1; done; exit 1"


@case("pci: the port of a card that is pulled out is gone, for its holder too; and is back with the card")
def test_card_goes(direct_guest):
    folder = "/sys/bus/pci/devices/0000:03:00.0"
    direct_guest.run("; ".join(CARD.splitlines()), 10)
    try:
        direct_guest.run(f"mkdir -p /tmp/card; echo '{CARD_CONF}' >/tmp/card.conf; "
                         "parportd --config /tmp/card.conf", 30)
        direct_guest.run(f"{CARD_MOUNT} parport alloc lpt1 sleep 100 >/tmp/held 2>&1 & "
                         + UNTIL.format(f"{CARD_MOUNT} parport status lpt1 | grep -q held"), 60)
        direct_guest.run(f"mv {folder} /sys/bus/pci/devices/gone; rm -r /sys/bus/pci/devices/gone; "
                         + UNTIL.format(f"{CARD_MOUNT} parport status lpt1 | grep -q removed"), 60)
        direct_guest.run("; ".join(CARD.splitlines()[1:]), 10)
        direct_guest.run(UNTIL.format(f"{CARD_MOUNT} parport status lpt1 | grep -q free"), 60)
    finally:
        direct_guest.run("kill $(pidof parportd) $(pidof sleep); "
                         "while pidof parportd; do sleep 0.1; done; "
                         "umount /sys/bus/pci/devices", 30)


@pytest.fixture(scope="module")
def service(direct_guest):
    """The guest while parportd serves its two ports."""
    direct_guest.run("mkdir -p /tmp/direct && parportd --config /bin/direct.conf", 30)
    yield direct_guest
    direct_guest.run("kill $(pidof parportd); while pidof parportd; do sleep 0.1; done", 20)


@case("io: what two programs print at once by registers arrives as two whole pages, elsewhere")
def test_print(service, pages):
    before = service.paper.stat().st_size
    service.run("cat /bin/page1k >/tmp/direct/lpt1 & cat /bin/page1k >/tmp/direct/lpt1; wait", 60)
    assert service.paper.read_bytes()[before:] == pages["page1k"].read_bytes() * 2


WAYS = {
    "lpt1": "cat /bin/page64k >/tmp/direct/lpt1",
    "parport0": "port_steps /tmp/direct/parport0 claim print /bin/page64k release",
    "library": f"{MOUNT} library_print lpt1 /bin/page64k",
}


@case("io: 64 KiB are printed byte exact")
@pytest.mark.parametrize("way", WAYS)
def test_page(service, pages, way):
    before = service.paper.stat().st_size
    service.run(WAYS[way], 60)
    assert service.paper.read_bytes()[before:] == pages["page64k"].read_bytes()


@case("io: 1 KiB reaches our printer, whose wires are behind QEMU's port, byte exact")
def test_wires(service, served, pages):
    before = len(printed(served.work / "page7", 0))
    service.run("cat /bin/page1k >/tmp/direct/lpt2", 60)
    assert printed(served.work / "page7", before + 1024)[before:] == pages["page1k"].read_bytes()


@case("io: a port that interrupts counts no interrupt and wakes nobody, and says so")
def test_no_interrupts(service):
    before = service.paper.stat().st_size
    said = transcript.answers(service.run("ppdev_interrupts /tmp/direct/parport0", 60))
    assert service.paper.stat().st_size > before
    assert {value for what, value in said.items() if what.endswith("PPCLRIRQ")} == \
        {"0, counted none", "EINVAL, counted none"}
    assert said["one byte: poll"] == said["poll that waits for a byte"] == "0 0"
    (facts,) = json.loads(service.run(f"{OURS} info --json lpt1", 30))
    assert facts["interrupt"] is False


@case("io: what kind of port it is is found gently, and told; nobody pretends to know the device")
def test_info(service):
    (facts,) = json.loads(service.run(f"{OURS} info --json lpt1", 30))
    assert (facts["back_end"], facts["chip"], facts["peripheral"]) == ("io:0x378", "spp", "unknown")
    assert facts["capabilities"] == ["compatibility"]


@case("io: a device id is read by negotiation from our printer, through QEMU and back")
def test_id(service):
    assert PRINTER_ID in service.run(f"{OURS} id lpt2", 30)


@case("io: at the start nobody is asked who he is: that moves lines which may drive a machine")
def test_no_scan(service):
    assert service.run("ls /tmp/direct", 10).split() == \
        ["by-id", "events", "lpt1", "lpt2", "parport0", "parport1"]


@case("io: nothing of such a port is simulated, and who wants to change that is told so")
def test_not_simulated(service):
    assert "lpt1 is not simulated" in refused(service, f"{OURS} sim set lpt1 paper_out=yes")


@case("io: registers that the service has are nobody else's, and who asks is told whose they are")
def test_in_use(service):
    holder = service.run("pidof parportd", 10).strip()
    for name in ("io:0x378", "io:888+none", "io:0x37c"):
        said = refused(service, f"parport info {name}")
        assert f"process {holder} uses these registers" in said


@case("io: where no port answers, and where a driver has the registers, the message says so")
def test_refused(direct_guest):
    said = refused(direct_guest, "parport info io:0x3bc")
    assert "io:0x3bc: no parallel port answers there" in said and "MOUNT" not in said
    direct_guest.run("insmod /modules/parport.ko && "
                     "insmod /modules/parport_pc.ko io=0x378 irq=none", 30)
    try:
        said = refused(direct_guest, "parport info io:0x378")
        assert "io:0x378: the kernel's driver parport0 has these registers" in said
    finally:
        direct_guest.run("rmmod parport_pc; rmmod parport", 30)


@pytest.fixture(scope="module")
def somebody(direct_guest):
    """How a command is run by who has no capability."""
    direct_guest.run("echo somebody:x:1000:1000::/:/bin/sh >>/etc/passwd", 10)
    return "su somebody -c"


@case("registers: a client of the service drives them itself while it holds the port")
def test_registers(service):
    assert service.run(f"{MOUNT} registers lpt2 1000", 60) == "0x278: 1000 pulses, STATUS 0xd8"
    assert PRINTER_ID in service.run(f"{OURS} id lpt2", 30)


@case("registers: who has no right to port instructions is told where none are, and gets none")
def test_registers_of_nobody(service, somebody):
    assert service.run("touch_port told /tmp/direct/parport0", 10) == "0x378 8"
    assert service.run(f"{somebody} 'touch_port told /tmp/direct/parport0'", 10) == "0 0"
    said = refused(service, f"{somebody} '{MOUNT} registers lpt1'")
    assert said == "registers: not permitted"


@case("io: who has no right to port instructions is told so")
def test_no_right(direct_guest, somebody):
    assert "CAP_SYS_RAWIO" in refused(direct_guest, f"{somebody} 'parport info io:0x378'")
