# SPDX-License-Identifier: MIT
"""parport doctor: what users have told of ports, cards and rights, and what it answers; who is
meant by "may use"; what is asked with --probe."""

import json
import os
import subprocess

import pytest

import command
from lib.service import Service
from machines import Machine, facts, findings, told_by

case = pytest.mark.case

NOBODY = 65534
CHAIN = {"daisy": 2, "modes": "nibble byte", "id": "MFG:End;MDL:Printer;",
         "daisy0_id": "MFG:Acme;MDL:Zip;", "daisy1_id": "none"}
BY_SUDO = {"SUDO_UID": str(NOBODY), "SUDO_GID": str(NOBODY)}


@pytest.fixture
def machine(tmp_path, open_dir):
    return Machine(tmp_path / "machine")


def here(machine, *folders, mount="/nonexistent", **environment):
    """parport doctor where FOLDERS are those of the made-up machine; by sudo of nobody."""
    bound = "".join(f"mount --bind '{machine.root}{folder}' {folder} && " for folder in folders)
    return subprocess.run(["unshare", "-m", "sh", "-c", f"{bound}exec '{command.PARPORT}' doctor --json"],
                          env={**command.environment(mount), **BY_SUDO, **environment},
                          capture_output=True, text=True, timeout=command.WAIT_S)


def dev(machine):
    return told_by(here(machine, "/dev"))


def cards(machine):
    return told_by(here(machine, "/dev", "/sys/bus"))


# ---- what users have told ------------------------------------------------------------------------

# what was told: (the machine, how it is looked at, the finding, some of its words or of its command).
# Not here, for it takes a port of a card: "collisions with loaded port drivers", see driven-twice in
# tests/unit/doctor_rules_test.c.
BUSY = {
    "fails until lp is unloaded":
        (lambda m: m.port().files().modules("lp"), findings, "lp-loaded", "rmmod lp"),
    "cannot grant exclusive access for device ppdev0":
        (lambda m: m.port().files().modules("lp"), findings, "lp-loaded",
         "cannot grant exclusive access"),
    "registers read before PPCLAIM are garbage, with no error":
        (lambda m: m.port(**{"devices/active": "lp"}).files(), findings, "in-use",
         "what it reads before is no answer"),
    "a claim blocks, and so do all others":
        (lambda m: m.port(**{"devices/active": "ppdev0"}).files(), findings, "in-use",
         "it stops everybody's calls meanwhile"),
    "the port cannot be claimed: it was the file of a USB adapter":
        (lambda m: m.node("dev/usb/lp0"), findings, "usb-printer", "not a port"),
    "PPEXCL: ENOTTY":
        (lambda m: m.node("dev/usb/lp0"), findings, "usb-printer", "ENOTTY"),
    "echo 1 >/dev/parport0: EINVAL, and no hint":
        (lambda m: m.port().node("dev/parport0"), findings, "claim-first", "EINVAL"),
}
RIGHTS = {
    "a program ends with a fault: its user is not in group lp":
        (lambda m: m.files(), dev, "not-in-group", "usermod -aG lp nobody"),
    "a backend of CUPS is not in the group":
        (lambda m: m.node("dev/lp0"), dev, "not-in-group", "nobody may not use /dev/lp0"),
    "could not open until chmod":
        (lambda m: m.node("dev/parport0", 0o600), dev, "wrong-owner", "chmod 660 /dev/parport0"),
    "/dev/lp0 has the wrong owner under udev":
        (lambda m: m.node("dev/lp0", 0o660, 0), dev, "wrong-owner", "udev rule"),
    "it is run as root for the port's sake":
        (lambda m: m.files(), dev, "not-in-group", "no program needs to run as root"),
    "registers need root":
        (lambda m: m.pci(), cards, "registers-need-root", "parport run --trap-io"),
}
CARDS = {
    "cards are not found by themselves":
        (lambda m: m.pci(), findings, "card-without-driver", 'back_end = "pci:0000:05:00.0"'),
    "a program fails on a card at 0xd100":
        (lambda m: m.port(**{"base-addr": "53504\t53512"}).files(), findings, "unusual-address",
         "0xd100 (53504)"),
    "another program wants 53264, and not 0xd010":
        (lambda m: m.port(**{"base-addr": "53264\t0"}).files(), findings, "unusual-address",
         "0xd010 (53264)"),
    "a card has no file in /dev":
        (lambda m: m.pci(driver="parport_pc").port(), findings, "no-ppdev", "modprobe ppdev"),
    "modules do not bind to an MCS9912":
        (lambda m: m.pci(vendor="0x9710", device="0x9912", subsystem_vendor="0xa000",
                         subsystem_device="0x2000"), findings, "card-without-driver",
         "modprobe parport_serial"),
    "no module has the card's interrupt, or any":
        (lambda m: m.pci(enable="0"), findings, "switched-off", "modprobe parport_pc"),
    "whoever sets it up runs commands to find the address":
        (lambda m: m.board(), findings, "board-without-driver", 'back_end = "io:0x378+0x778"'),
}
TOLD = {**BUSY, **RIGHTS, **CARDS}


@case("doctor: has a finding for each failure that users of ports have told")
@pytest.mark.parametrize("told", TOLD)
def test_told(machine, told):
    make, look, finding, words = TOLD[told]
    answer = look(make(machine))[finding]
    assert words in answer["text"] + answer["fix"]


@case("doctor: pins that do not move, without an error: the chip works, and cable and power do not")
def test_nobody_answers(serve):
    service = serve({"peripheral": "none"})
    assert "nobody-answers" not in on(service)[1]
    answer = on(service, "--probe")[1]["nobody-answers"]
    assert "lpt1" in answer["text"] and "ribbon cable" in answer["text"]


# ---- who may ---------------------------------------------------------------------------------------


@case("doctor: below sudo it tells who called, and not root, what he may use, and his groups count")
def test_sudo(machine):
    machine.node("dev/parport0").node("dev/parport1", 0o660, NOBODY)
    done = here(machine, "/dev")
    may = {one["path"]: one["may_use"] for one in json.loads(done.stdout)["files"]}
    assert may == {"/dev/parport0": False, "/dev/parport1": True}
    assert told_by(done).keys() >= {"not-in-group"} and "wrong-owner" not in told_by(done)
    assert json.loads(done.stdout)["caller"] == {"name": "nobody", "in_group_lp": False}


@case("doctor: what sudo left that is no number, or root's own, means root")
@pytest.mark.parametrize("environment", [{"SUDO_UID": "x"}, {"SUDO_UID": "0"}, {"SUDO_GID": "-1"}])
def test_sudo_of_root(machine, environment):
    done = here(machine.files(), "/dev", **environment)
    assert all(one["may_use"] for one in json.loads(done.stdout)["files"])


@case("doctor: below sudo a mount that root may look into is closed to who called")
def test_sudo_of_closed_mount(serve, open_dir, machine):
    service = serve(mode="0666")
    service.work.chmod(0o700)
    assert "nobody may not look into" in told_by(here(machine, mount=service.mount))["service-closed"]["text"]


@case("doctor: below sudo a port of the service is asked, and who called may not use it")
def test_sudo_of_service(serve, open_dir, machine):
    done = here(machine, mount=serve(mode="0600").mount)
    assert "nobody may not use lpt1 of parportd" in told_by(done)["not-allowed-by-service"]["text"]
    (port,) = json.loads(done.stdout)["served"]
    assert (port["back_end"], port["may_use"]) == ("sim", False)


# ---- the kernel's ports -------------------------------------------------------------------------------


@case("doctor: what the kernel's probing found at each place of a daisy chain is shown, and not asked")
def test_kernel_probing(machine):
    machine.port(autoprobe="CLASS:PRINTER;\nMODEL:Laser;\nMANUFACTURER:Acme;\n",
                 autoprobe1="MODEL:Zip;\nMANUFACTURER:Acme;\n", autoprobe0="").files()
    (port,) = facts(machine)["ports"]
    assert port["ids"] == [{"slot": 1, "id": "MODEL:Zip;MANUFACTURER:Acme;"},
                           {"slot": None, "id": "CLASS:PRINTER;MODEL:Laser;MANUFACTURER:Acme;"}]
    page = command.run("doctor", "--root", machine.root).stdout
    assert "  device 1 of the daisy chain: MODEL:Zip;MANUFACTURER:Acme;\n" in page
    assert "  device: CLASS:PRINTER;MODEL:Laser;MANUFACTURER:Acme;\n" in page


@case("doctor: an interrupt is a problem where several drivers and programs are on the port")
@pytest.mark.parametrize("users, problem", [(["lp"], False), (["lp", "ppdev0"], True)])
def test_interrupt_and_users(machine, users, problem):
    machine.port(irq="7", **{f"devices/{user}/timeslice": "200" for user in users}).files()
    told = findings(machine)["interrupt-hazard"]
    assert told["problem"] == problem and f"has {len(users)} drivers and programs" in told["text"]
    assert "irq=none" in told["fix"]


@case("doctor: each port is told with the line for parport.conf by which the service would have it")
def test_back_ends(machine):
    machine.port().files().pci().board(**{"resources": "state = active\nio 0x278-0x27f\n"})
    page = command.run("doctor", "--root", machine.root).stdout
    lines = [line.strip() for line in page.splitlines() if line.startswith(" " * 12)]
    assert lines == ['in parport.conf: back_end = "ppdev:/dev/parport0"',
                     'in parport.conf: back_end = "io:0x278+none"',
                     'in parport.conf: back_end = "pci:0000:05:00.0"']
    told = facts(machine)
    assert [one["back_end"] for one in told["ports"] + told["cards"]] == \
        ["ppdev:/dev/parport0", "io:0x278+none", "pci:0000:05:00.0"]


def beside(service, *arguments):
    """The facts where parport0 of the service is one that the kernel drives."""
    return command.run("run", "--port", service.node("parport0"), "--", "env",
                       "OPENPARPORT_MOUNT=/nonexistent", command.PARPORT, "doctor", *arguments)


@case("doctor --probe: a port of the kernel that nobody has is asked, by ppdev, and one that is held is not")
def test_probe_kernel(serve, client):
    service = serve(CHAIN)
    (port,) = json.loads(beside(service, "--json").stdout)["ports"]
    assert port["ids"] == [] and "probe" not in port
    page = beside(service, "--probe").stdout
    assert "PCSPP,TRISTATE; ps2 chip\n            it can: compatibility reverse" in page
    assert "            device 0 of the daisy chain: MFG:Acme;MDL:Zip;\n" \
        "            device: MFG:End;MDL:Printer;\n" in page
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    (port,) = json.loads(beside(service, "--json", "--probe").stdout)["ports"]
    assert (port["ids"], port["probe"]) == ([], "the port is in use")


@case("doctor --probe: a port on the board that nothing drives is asked by its registers")
def test_probe_registers(serve, machine, monkeypatch):
    machine.board(resources="state = active\nio 0x378-0x37f\n")
    monkeypatch.setenv("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")
    alone = f"mount -t tmpfs none /run && mount -t tmpfs none /proc/sys/dev && " \
        f"mount --bind '{machine.root}/sys/bus' /sys/bus && export OPENPARPORT_MOUNT=/nonexistent"
    done = command.run("run", "--trap-io", "--port", serve(CHAIN).node("parport0"), "unshare", "-m",
                       "sh", "-c", f"{alone} && exec '{command.PARPORT}' doctor --json --probe")
    (card,) = json.loads(done.stdout)["cards"]
    assert (card["probe"], card["ids"]) == ("spp chip", [{"slot": 0, "id": "MFG:Acme;MDL:Zip;"},
                                                         {"slot": None, "id": "MFG:End;MDL:Printer;"}])


# ---- what the service needs -----------------------------------------------------------------------------

UNITS = "usr/lib/systemd/system"


@case("doctor: a unit that is installed is to be enabled, and wants the file system fuse and its file")
def test_unit(machine):
    machine.port().files().put(UNITS, {"parportd.service": ""})
    told = findings(machine)
    assert told.keys() == {"not-enabled", "no-fuse"}
    assert told["not-enabled"]["fix"] == "systemctl enable --now parportd"
    assert told["no-fuse"]["fix"].startswith("modprobe fuse; ")
    machine.put("proc", {"filesystems": "nodev\tfusectl\n\tfuseblk\n"})
    assert "no-fuse" in findings(machine)
    machine.put("proc", {"filesystems": "nodev\tproc\nnodev\tfuse\n\text4\n"})
    assert findings(machine).keys() == {"not-enabled", "no-fuse-file"}
    machine.node("dev/fuse", group=0)
    assert findings(machine).keys() == {"not-enabled"}
    wants = machine.root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True)
    (wants / "parportd.service").symlink_to("/" + UNITS + "/parportd.service")
    assert findings(machine) == {}


# ---- the service's ports --------------------------------------------------------------------------------


def on(service, *arguments):
    """The facts, and {id: finding}."""
    done = command.run("doctor", "--json", *arguments, mount=service.mount)
    return json.loads(done.stdout), told_by(done)


@case("doctor: looks at all ports of a service that has more than a few")
def test_many(tmp_path):
    with Service(tmp_path, {f"parport{n}": {"peripheral": "none"} for n in range(40)}) as service:
        told, found = on(service)
    assert [port["port"] for port in told["served"]] == [f"lpt{n + 1}" for n in range(40)]
    assert "more" not in found


@case("doctor --probe: who is at each place of a daisy chain; a port that is held is left alone")
def test_probe_served(serve, client):
    service = serve(CHAIN)
    (port,) = on(service)[0]["served"]
    assert port["ids"] == [] and "probe" not in port
    (port,) = on(service, "--probe")[0]["served"]
    assert port["ids"] == [{"slot": 0, "id": "MFG:Acme;MDL:Zip;"},
                           {"slot": None, "id": "MFG:End;MDL:Printer;"}]
    assert port["probe"] == "ps2 chip" and "reverse" in port["capabilities"]
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok"
    (port,) = on(service, "--probe")[0]["served"]
    assert port["ids"] == [] and "probe" not in port
