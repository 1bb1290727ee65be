# SPDX-License-Identifier: MIT
"""Guests and the service they stand on, shared by the tests of this folder."""

import contextlib
import pathlib
import random

import pytest

import image
import tunelp
import vm
from devices import CHAIN_IDS, PRINTER_ID
from lib import paths
from lib.service import Service, config_text

PAGE_BYTES = {"page64k": 65536, "page4k": 4096, "page1k": 1024, "told4k": 4096,
              "low16k": 16384, "high16k": 16384}
# Two whose bytes can be told apart wherever they come together: what is cleared, what is set.
TOLD_APART = {"low16k": (0x80, 0), "high16k": (0, 0x80)}
FAULTS = ("off_line", "paper_out", "powered_off")
PROGRAMS = ("epp_ways", "library_print", "lp_questions", "port_steps", "ppdev_contention",
            "ppdev_faults", "ppdev_interrupts", "ppdev_questions", "registers", "touch_port")


def printer(work, name, **more):
    return {"chip": "ps2", "peripheral": "printer", "output": str(work / name), **more}


@pytest.fixture(scope="session")
def programs():
    """Paths of the static programs, as the build made them."""
    return [paths.BUILD / "tests" / "guest" / name for name in PROGRAMS]


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """{name: file} of bytes to print: every value, in no order a printer could guess."""
    work = tmp_path_factory.mktemp("pages")
    source = random.Random(1284)
    made = {}
    for name, size in PAGE_BYTES.items():
        made[name] = work / name
        cleared, set_ = TOLD_APART.get(name, (0, 0))
        made[name].write_bytes(bytes(b & ~cleared | set_ for b in source.randbytes(size)))
    return made


@pytest.fixture(scope="session")
def guests_config(tmp_path_factory):
    """parport.conf of the service that runs in a guest.

    parport0 belongs to questions; parport1 is printed on; parport2 to parport4 have the
    printers of FAULTS; parport5 records its lines.
    """
    ports = {f"parport{2 + n}": {"chip": "ps2", fault: True} for n, fault in enumerate(FAULTS)}
    ports["parport0"] = {"chip": "ps2", "output": "/tmp/page0"}
    ports["parport1"] = {"chip": "ps2", "output": "/tmp/page1"}
    ports["parport5"] = {"peripheral": "recorder", "output": "/tmp/lines", "scan": False}
    made = tmp_path_factory.mktemp("config") / "parport.conf"
    made.write_text(config_text(ports, {"mount": "/tmp/mount"}))
    return made


@pytest.fixture(scope="session")
def direct_config(tmp_path_factory):
    """direct.conf of the service that has registers of a guest."""
    ports = {"parport0": {"back_end": "io:0x378"}, "parport1": {"back_end": "io:0x278"}}
    made = tmp_path_factory.mktemp("config") / "direct.conf"
    made.write_text(config_text(ports, {"mount": "/tmp/direct", "mode": "0666"}))
    return made


@pytest.fixture(scope="session")
def lent_config(tmp_path_factory):
    """lent.conf of the service that uses a port of a guest's ppdev, and makes up another one."""
    ports = {"parport0": {"back_end": "ppdev:/dev/parport0"}, "parport1": {"output": "/tmp/page"}}
    made = tmp_path_factory.mktemp("config") / "lent.conf"
    made.write_text(config_text(ports, {"mount": "/tmp/lent"}))
    return made


@pytest.fixture(scope="session")
def kernel_and_archive(programs, pages, guests_config, direct_config, lent_config,
                       tmp_path_factory):
    tree = image.kernel()
    work = tmp_path_factory.mktemp("image")
    files = [*programs, *pages.values(), guests_config, direct_config, lent_config,
             tunelp.program(work)]
    ours = [paths.BUILD / "src" / "front" / name for name in ("fuse/parportd", "cli/parport")]
    return tree, image.initramfs(tree, files, ours, work)


def chain(work):
    """A port with two adapters in front of a printer, each with a device of its own."""
    *adapters, end = CHAIN_IDS
    ids = {f"daisy{n}_id": text for n, text in enumerate(adapters)}
    return printer(work, "chained", modes="nibble byte", daisy=len(adapters), id=end, **ids)


@pytest.fixture(scope="session")
def served(tmp_path_factory, pages):
    """The service with a printer on each port.

    parport0 belongs to the guest with one port; parport1 and parport2, whose printers are
    busy now and then, to the guest with three; parport3 to programs on this machine;
    parport4 to parport6, which know IEEE 1284, to the guest that asks for that;
    parport7, which does, too, to the guest whose programs use registers. Of the
    printers that do not print, parport10.. belong to a guest, parport20.. to us.
    """
    work = tmp_path_factory.mktemp("service")
    ports = {
        "parport0": printer(work, "page0"),
        "parport1": printer(work, "page1", busy_every_bytes=64, busy_extra_us=1000),
        "parport2": printer(work, "page2", busy_every_bytes=64, busy_extra_us=100000),
        "parport3": printer(work, "page3"),
        "parport4": printer(work, "page4", modes="nibble byte", id=PRINTER_ID),
        "parport5": chain(work),
        "parport7": printer(work, "page7", modes="nibble byte", id=PRINTER_ID),
        "parport6": printer(work, "page6", chip="epp", modes="nibble epp",
                            input=str(pages["told4k"])),
    }
    for number, fault in enumerate(FAULTS):
        ports[f"parport{10 + number}"] = printer(work, "none", **{fault: True})
        ports[f"parport{20 + number}"] = printer(work, "none", **{fault: True})
    with Service(work, ports) as service:
        yield service


@contextlib.contextmanager
def booted(kernel_and_archive, ports, options, work):
    """A guest with these (address, node) ports, whose parport_pc was loaded with OPTIONS.

    Its parport logs what it says to developers, too.
    """
    guest = vm.Guest(*kernel_and_archive, ports, work)
    try:
        guest.run("insmod /modules/parport.ko dyndbg=+p && "
                  f"insmod /modules/parport_pc.ko {options}", 20)
        yield guest
    finally:
        guest.close()


@pytest.fixture(scope="session")
def one_port(kernel_and_archive, served, tmp_path_factory):
    """A guest that found its one port as a PC does, interrupt 7 included."""
    ports = [(0x378, served.node("parport0"))]
    with booted(kernel_and_archive, ports, "", tmp_path_factory.mktemp("one")) as guest:
        yield guest


@pytest.fixture(scope="session")
def polled_port(one_port):
    """The same guest, its port without an interrupt, with ppdev."""
    one_port.run("rmmod parport_pc && insmod /modules/parport_pc.ko io=0x378 irq=none", 20)
    one_port.run("insmod /modules/ppdev.ko", 20)
    return one_port


@pytest.fixture(scope="session")
def three_ports(kernel_and_archive, served, tmp_path_factory):
    """A guest with two ports of ours, polled, whose printers are busy now and then (lp0, lp1),
    and one that QEMU makes up, with an interrupt (parport2)."""
    ports = [(0x378, served.node("parport1")), (0x278, served.node("parport2")), (0x260, None)]
    options = "io=0x378,0x278,0x260 irq=none,none,7"
    with booted(kernel_and_archive, ports, options, tmp_path_factory.mktemp("three")) as guest:
        guest.run("insmod /modules/lp.ko && insmod /modules/ppdev.ko", 20)
        yield guest


@pytest.fixture(scope="session")
def faulty_ports(kernel_and_archive, served, tmp_path_factory):
    """A guest whose ports 0, 1, 2 have the printers of FAULTS."""
    addresses = (0x378, 0x278, 0x260)
    ports = [(address, served.node(f"parport{10 + n}")) for n, address in enumerate(addresses)]
    options = "io=0x378,0x278,0x260 irq=none,none,none"
    with booted(kernel_and_archive, ports, options, tmp_path_factory.mktemp("faulty")) as guest:
        guest.run("insmod /modules/ppdev.ko", 20)
        yield guest


@pytest.fixture
def faulty_printers(faulty_ports):
    """The same guest, with lp, and with lp0 to lp2 for them."""
    faulty_ports.run("insmod /modules/lp.ko", 20)
    yield faulty_ports
    # As long as lp is there, it keeps PPEXCL from others.
    faulty_ports.run("rmmod lp", 20)


@pytest.fixture(scope="session")
def ieee1284_ports(kernel_and_archive, served, tmp_path_factory):
    """A guest with a printer, a chain of two adapters and a printer, and a printer in EPP."""
    addresses = (0x378, 0x278, 0x260)
    ports = [(address, served.node(f"parport{4 + n}")) for n, address in enumerate(addresses)]
    options = "io=0x378,0x278,0x260 irq=none,none,none"
    with booted(kernel_and_archive, ports, options, tmp_path_factory.mktemp("1284")) as guest:
        guest.run("insmod /modules/ppdev.ko", 20)
        yield guest


@pytest.fixture(scope="session")
def direct_guest(kernel_and_archive, served, tmp_path_factory):
    """A guest whose kernel has no driver for its two ports, but when a test loads one.

    What is printed at 0x378 is written by QEMU to .paper; 0x278 is our printer. The kernel finds
    the last one first.
    """
    work = tmp_path_factory.mktemp("direct")
    paper = vm.Paper(work / "paper")
    guest = vm.Guest(*kernel_and_archive, [(0x278, served.node("parport7")), (0x378, paper)], work)
    guest.paper = pathlib.Path(paper)
    try:
        guest.run("insmod /modules/fuse.ko", 20)
        yield guest
    finally:
        guest.close()


@pytest.fixture(scope="session")
def plain_guest(kernel_and_archive, tmp_path_factory):
    """A guest without a port, which has FUSE but not CUSE yet."""
    guest = vm.Guest(*kernel_and_archive, [], tmp_path_factory.mktemp("plain"))
    try:
        guest.run("insmod /modules/fuse.ko", 20)
        yield guest
    finally:
        guest.close()


@pytest.fixture(scope="session")
def nodes_guest(plain_guest):
    """The same, in which parportd has made device nodes in /dev, see guests_config."""
    plain_guest.run("insmod /modules/cuse.ko", 20)
    plain_guest.run("parportd --config /bin/parport.conf --cuse", 20)
    return plain_guest
