# SPDX-License-Identifier: MIT
"""parport doctor: made-up machines, and what it finds wrong with each."""

import json
import os
import re
import signal

import pytest

import command
from lib import paths
from clients import wait_until
from machines import Machine, facts, findings
from test_cli_service import as_somebody  # noqa: F401

case = pytest.mark.case

@pytest.fixture
def machine(tmp_path, open_dir):
    return Machine(tmp_path / "machine")


@case("doctor: the ids of findings, on which scripts rest, are all in the manual page")
def test_ids():
    rules = "".join(source.read_text() for source in
                    (paths.ROOT / "src" / "front" / "cli").glob("doctor*rules.c"))
    page = (paths.ROOT / "man" / "parport.1").read_text()
    (told,) = re.findall(r"^The ids of findings are\n((?:\.Li .*\n)+)", page, re.M)
    assert set(re.findall(r'doctor_add\(\s*findings,\s*"([a-z-]+)"', rules)) == \
        set(re.findall(r"[a-z-]+", told.replace(".Li", "")))


@case("doctor: a sound machine has a port, its files, and nothing wrong with it")
def test_sound(machine):
    machine.board(driver="parport_pc").port().modules("ppdev", "parport_pc").files()
    assert findings(machine) == {}
    page = command.run("doctor", "--root", machine.root).stdout
    assert "parport0  0x378 (ECP 0x778), PCSPP,TRISTATE\n" in page
    assert "/dev/parport0 mode 0660, group" in page and "PROBLEM" not in page


@case("doctor: no port at all is told with where to look for it")
def test_no_port(machine):
    told = findings(machine)
    assert told.keys() == {"no-port"} and told["no-port"]["fix"] == "modprobe parport_pc"
    assert findings(machine.modules("parport_pc"))["no-port"]["fix"] == ""


@case("doctor: a card and a port on the board that have no driver, each with the command")
def test_without_driver(machine):
    machine.pci().board()
    told = findings(machine)
    assert "0000:05:00.0 (14db:2120)" in told["card-without-driver"]["text"]
    assert told["card-without-driver"]["fix"] == \
        'modprobe parport_pc; or in parport.conf: back_end = "pci:0000:05:00.0", ' \
        "then systemctl restart parportd"
    assert "pnp 00:04" in told["board-without-driver"]["text"]
    assert told["board-without-driver"]["fix"] == \
        'modprobe parport_pc; or in parport.conf: back_end = "io:0x378+0x778", ' \
        "then systemctl restart parportd"
    assert all(one["problem"] for one in told.values())


@case("doctor: a port that the kernel drives is not missed although its board names no driver")
def test_driven_otherwise(machine):
    assert findings(machine.board().port().files()) == {}


@case("doctor: a card that is switched off, and a port that the firmware has switched off")
def test_switched_off(machine):
    machine.pci(enable="0").board(resources="state = disabled\n")
    assert findings(machine).keys() == {"switched-off"}
    page = command.run("doctor", "--root", machine.root).stdout
    assert page.count("modprobe") == 1 and \
        "        modprobe parport_pc; or echo 1 >/sys/bus/pci/devices/0000:05:00.0/enable, and in " \
        "parport.conf: back_end = \"pci:0000:05:00.0\", then systemctl restart parportd\n" in page
    assert "0000:05:00.0 does not answer at its addresses: no driver has enabled it" in page
    assert "00:04 does not answer at its addresses: it is disabled, in the firmware" in page


def functions(machine, *ids):
    """What doctor has of PCI functions with these ids and a class that says nothing."""
    for number, (vendor, device, subvendor, subdevice) in enumerate(ids):
        machine.pci(f"0000:06:{number:02x}.0", vendor=f"0x{vendor}", device=f"0x{device}",
                    subsystem_vendor=f"0x{subvendor}", subsystem_device=f"0x{subdevice}",
                    **{"class": "0x070002"})
    return facts(machine)["cards"]


@case("doctor: every card of the driver for Windows is known, and where its registers are")
def test_cards_of_windows(machine):
    inf = (paths.ROOT / "data" / "windows" / "parport.inf").read_text()
    known = set(re.findall(r"PCI\\VEN_(\w{4})&DEV_(\w{4})(?:&SUBSYS_(\w{4})(\w{4}))?", inf))
    assert len(known) > 20
    cards = functions(machine, *[(vendor, device, subvendor or "1234", subdevice or "5678")
                                 for vendor, device, subdevice, subvendor in known])
    assert len(cards) == len(known)
    assert {(card["base"], card["ecp_base"]) for card in cards} == {(0xd010, 0xd018)}


@case("doctor: a function of such a card that is a serial port by its subsystem is no parallel one")
def test_serial_functions(machine):
    assert functions(machine, ("9710", "9865", "a000", "1000"), ("9710", "9912", "a000", "1000"),
                     ("9710", "9835", "1000", "0002"), ("1fd4", "1999", "1fd4", "0001"),
                     ("8086", "1234", "0000", "0000")) == []


def ranges(count):
    """The text of a card's resources: COUNT ranges of I/O from 0xd000 on, 16 addresses apart."""
    return "".join(f"{0xd000 + 16 * n:#018x} {0xd007 + 16 * n:#018x} 0x0000000000040101\n"
                   for n in range(count))


@case("doctor: cards that have a port among others want their own driver, each port its line")
def test_cards(machine):
    machine.pci("0000:06:00.0", vendor="0x9710", device="0x9835", subsystem_device="0x0012",
                resource=ranges(6))
    machine.pci("0000:06:01.0", vendor="0x14db", device="0x2140", resource=ranges(6))
    cards = [(card["back_end"], card["base"], card["ecp_base"]) for card in facts(machine)["cards"]]
    assert cards == [("pci:0000:06:00.0", 0xd020, 0), ("pci:0000:06:01.0", 0xd010, 0xd020),
                     ("pci:0000:06:01.0/1", 0xd030, 0xd040)]
    page = command.run("doctor", "--root", machine.root).stdout
    for back_end, _, _ in cards:
        assert f'        modprobe parport_serial; or in parport.conf: back_end = "{back_end}", ' \
               "then systemctl restart parportd\n" in page


@case("doctor: a port that is at memory addresses has none to use")
def test_memory(machine):
    machine.pci(resource="0x00000000fe000000 0x00000000fe000fff 0x0000000000040200\n")
    assert findings(machine)["card-without-driver"]["fix"] == "modprobe parport_pc; parport doctor"


@case("doctor: a switched-off card with serial ports beside its own wants the driver of both")
def test_switched_off_multi(machine):
    machine.pci(vendor="0x9710", device="0x9835", subsystem_device="0x0012", enable="0")
    assert findings(machine)["switched-off"]["fix"] == "modprobe parport_serial; parport doctor"


@case("doctor: an address that programs do not expect is told in both notations")
def test_unusual_address(machine):
    told = findings(machine.port(**{"base-addr": "53264\t53272"}).node("dev/parport0"))
    assert "0xd010 (53264)" in told["unusual-address"]["text"]
    assert told["unusual-address"]["fix"] == "parport run --trap-io PROGRAM"


@case("doctor: an interrupt on Linux's ppdev is a hazard")
def test_interrupt(machine):
    told = findings(machine.port(irq="7").node("dev/parport0"))
    assert "interrupt 7" in told["interrupt-hazard"]["text"]
    assert told["interrupt-hazard"]["fix"] == \
        "rmmod parport_pc; modprobe parport_pc io=0x378 irq=none"


@case("doctor: to take away an interrupt names every port, and brings back what was loaded")
def test_interrupts(machine):
    machine.port().port("parport1", irq="5", **{"base-addr": "632\t0"}).modules("lp", "ppdev")
    assert findings(machine)["interrupt-hazard"]["fix"] == \
        "rmmod lp ppdev parport_pc; modprobe parport_pc io=0x378,0x278 irq=none,none; " \
        "modprobe ppdev; modprobe lp"


@case("doctor: a port on a card would be lost by that, so nothing of the kind is advised")
def test_interrupt_of_card(machine):
    machine.port(irq="7").port("parport1", irq="17", **{"base-addr": "53504\t53512"})
    assert findings(machine)["interrupt-hazard"]["fix"] == ""


@case("doctor: ppdev that is not loaded, so that there is no /dev/parport0")
def test_no_ppdev(machine):
    assert findings(machine.port())["no-ppdev"]["fix"] == \
        "modprobe ppdev; echo ppdev >/etc/modules-load.d/ppdev.conf"


@case("doctor: ppdev that is loaded without making the file; one built in, which shows no module")
def test_no_file(machine):
    machine.port().modules("ppdev")
    told = findings(machine)
    assert told.keys() == {"no-file"} and "/dev/parport0" in told["no-file"]["text"]
    assert findings(machine.files()) == {}
    (machine.root / "sys/module/ppdev").rmdir()
    assert findings(machine) == {}


@case("doctor: lp keeps programs from exclusive access, but who prints by it wants it: no problem")
def test_lp(machine):
    told = findings(machine.port().node("dev/parport0").modules("lp"))
    assert told.keys() == {"lp-loaded"} and not told["lp-loaded"]["problem"]
    assert "cannot grant exclusive access" in told["lp-loaded"]["text"]
    assert told["lp-loaded"]["fix"] == "rmmod lp; echo blacklist lp >/etc/modprobe.d/no-lp.conf"


@case("doctor: who has claimed a port now")
def test_in_use(machine):
    told = findings(machine.port(**{"devices/active": "ppdev0\n"}).node("dev/parport0"))
    assert "parport0 is claimed by ppdev0" in told["in-use"]["text"]
    assert told["in-use"]["fix"] == "fuser -v /dev/parport0"
    told = findings(machine.port(**{"devices/active": "lp\n"}))
    assert told["in-use"]["fix"] == "fuser -v /dev/lp*"


@case("doctor: what answered the kernel's probing is shown")
def test_device(machine):
    machine.port(autoprobe="CLASS:PRINTER;\nMODEL:LaserThing;\nMANUFACTURER:Acme;\n").node("dev/parport0")
    assert facts(machine)["ports"][0]["device"] == "Acme LaserThing"


@case("doctor: of another machine's files it is not said that somebody of this one may use them")
def test_users_of_elsewhere(machine, as_somebody):  # noqa: F811
    machine.port().files().node("dev/parport0", 0o600, 0)

    def run(*arguments):
        return as_somebody(type("Nowhere", (), {"mount": "/nonexistent"}), *map(str, arguments))

    assert findings(machine, run) == {}
    page = run("doctor", "--root", machine.root).stdout
    assert "  /dev/parport0 mode 0600, group 0\n" in page
    assert "may_use" not in facts(machine)["files"][0]


@case("doctor: of more than it looks at it says that there is more")
def test_more(machine):
    for number in range(33):
        machine.pci(f"0000:05:{number:02x}.0", driver="parport_pc")
    assert findings(machine).keys() == {"more"} and len(facts(machine)["cards"]) == 32


@case("doctor: a printer behind USB is not taken for a port")
def test_usb(machine):
    told = findings(machine.node("dev/usb/lp0"))
    assert "/dev/usb/lp0 is a printer behind USB" in told["usb-printer"]["text"]


@case("doctor: a kernel that is locked down gives nobody its registers; one that is not, does")
@pytest.mark.parametrize("text, locked", [("[none] integrity confidentiality", False),
                                          ("none [integrity] confidentiality", True)])
def test_locked_down(machine, text, locked):
    machine.put("sys/kernel/security", {"lockdown": text + "\n"})
    assert ("locked-down" in findings(machine)) == locked


@case("doctor: what a tree says in bytes of its own does not reach the terminal")
def test_hostile_tree(machine):
    machine.port(modes="\033[2JPCSPP\x07", autoprobe="MODEL:" + "A" * 9000 + ";").node("dev/parport0")
    page = command.run("doctor", "--root", machine.root).stdout
    assert "\033" not in page and "\x07" not in page and "?[2JPCSPP?" in page


@case("doctor: links and names of a tree are outside text, too, and JSON of them is JSON")
def test_hostile_names(machine):
    machine.pci("\033[31m").board(driver="\033]0;x\x07")
    link = os.fsencode(machine.root / "sys/bus/pci/devices/\033[31m/driver")
    os.symlink(b"../\xff\n\tdriver", link)
    page = command.run("doctor", "--root", machine.root).stdout
    assert not set(page) & set("\033\x07\t") and "  ?[31m " in page
    assert sorted(card["driver"] for card in facts(machine)["cards"]) == ["???driver", "?]0;x?"]


@case("doctor: one line is one line, and a port's name in a command is digits and letters")
def test_hostile_lines(machine):
    machine.port("parport0; reboot").port(modes="PCSPP\nPROBLEM", irq="7").node("dev/parport0")
    (port,) = facts(machine)["ports"]
    assert (port["port"], port["modes"]) == ("parport0", "PCSPP?PROBLEM")


@case("doctor: links do not lead out of the tree, and what never ends is not read")
def test_hostile_files(machine, tmp_path):
    (tmp_path / "secret").write_text("secret\n")
    machine.port().node("dev/parport0")
    folder = machine.root / "proc/sys/dev/parport/parport0"
    (folder / "modes").unlink()
    (folder / "modes").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "autoprobe")
    (folder / "irq").unlink()
    (folder / "irq").symlink_to("/irq")
    (machine.root / "irq").write_text("5\n")
    (port,) = facts(machine)["ports"]
    assert (port["modes"], port["device"], port["irq"]) == ("", "", 5)


@case("doctor: the chips of this machine are not asked by another machine's addresses")
def test_probe_elsewhere(machine):
    done = command.run("doctor", "--probe", "--root", machine.pci().root)
    assert (done.returncode, done.stdout) == (command.USAGE, "")
    assert "--probe asks this machine's chips" in done.stderr


@case("doctor: a tree that is not there, and words it does not know")
def test_misused(tmp_path):
    done = command.run("doctor", "--root", tmp_path / "none")
    assert done.returncode == command.USAGE and "is no directory to look at" in done.stderr
    assert command.run("doctor", "lpt1").returncode == command.USAGE


def on_this_machine(service):
    done = command.run("doctor", "--json", mount=service.mount)
    return json.loads(done.stdout)


@case("doctor: the service's ports with their holders and devices; no service, and a dead one")
def test_service(serve, client):
    service = serve({"modes": "nibble byte", "id": "MFG:Acme;MDL:End;"})
    wait_until(lambda: service.node("lpt1.4").exists(), "the device has been found")
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    (port,) = on_this_machine(service)["served"]
    assert (port["port"], port["back_end"], port["may_use"]) == ("lpt1", "sim", True)
    assert f"(pid {holder.pid})" in port["holder"] and "lpt1.4 Acme_End" in port["devices"]
    assert not {"no-service", "dead-service"} & {one["id"] for one in
                                                 on_this_machine(service)["findings"]}
    service.kill()
    (dead,) = [one for one in on_this_machine(service)["findings"] if one["id"] == "dead-service"]
    assert f"fusermount3 -u {service.mount}" in dead["fix"]
    service.unmount()
    assert "no-service" in {one["id"] for one in on_this_machine(service)["findings"]}


@case("doctor: a service that does not answer is told, and not waited for")
def test_silent_service(serve):
    service = serve()
    service.process.send_signal(signal.SIGSTOP)
    try:
        done = command.run("doctor", "--json", mount=service.mount)
    finally:
        service.process.send_signal(signal.SIGCONT)
    (told,) = [one for one in json.loads(done.stdout)["findings"] if one["id"] == "service-hangs"]
    assert f"serves {service.mount} does not answer" in told["text"] and done.returncode == 1
    assert told["fix"] == "systemctl restart parportd"


@case("doctor: a mount that the caller may not look into, and one whose name is no path")
def test_closed_mount(tmp_path, open_dir, as_somebody):  # noqa: F811
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    done = as_somebody(type("Closed", (), {"mount": closed / "mount"}), "doctor", "--json")
    told = {one["id"]: one["fix"] for one in json.loads(done.stdout)["findings"]}
    assert told["service-closed"] == f"namei -l {closed}/mount" and "no-service" not in told
    done = command.run("doctor", mount="/" + "x" * 5000)
    assert done.returncode == command.USAGE and "OPENPARPORT_MOUNT is too long" in done.stderr


@case("doctor: who may not use the service's files is told so")
def test_service_permissions(serve, open_dir, as_somebody):  # noqa: F811
    done = as_somebody(serve(mode="0600"), "doctor", "--json")
    (told,) = [one for one in json.loads(done.stdout)["findings"]
               if one["id"] == "not-allowed-by-service"]
    assert "may not use parport0 of parportd" in told["text"] and done.returncode == 1
    assert told["fix"].startswith('in parport.conf: group = "lp"')


@case("doctor: a port that may not be used, or whose hardware is not there, is not said to be free")
def test_ports_without_state(serve, open_dir, as_somebody):  # noqa: F811
    service = serve(second={}, mode="0600")
    page = as_somebody(service, "doctor").stdout
    assert "  parport0  may not be used\n  parport1  may not be used\n" in page
    assert page.count("in parport.conf: ") == 1 < page.count("not-allowed-by-service")
    assert command.run("sim", "set", "lpt2", "gone=yes", mount=service.mount).returncode == 0
    page = command.run("doctor", mount=service.mount).stdout
    assert "  lpt1      sim, ps2 chip, free\n  lpt2      sim, ps2 chip, removed\n" in page
    assert "PROBLEM port-gone: parportd has lpt2 (sim)" in page
    assert "        parport sim set lpt2 gone=no\n" in page
    assert [one["removed"] for one in on_this_machine(service)["served"]] == [False, True]
