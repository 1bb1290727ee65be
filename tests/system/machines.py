# SPDX-License-Identifier: MIT
"""Made-up machines for parport doctor, and what it says of them."""

import grp
import json
import os

import command

LP = grp.getgrnam("lp").gr_gid
PORT = {"base-addr": "888\t1912", "irq": "-1", "modes": "PCSPP,TRISTATE", "devices/active": "none"}
CARD = {"class": "0x070103", "vendor": "0x14db", "device": "0x2120", "enable": "1",
        "resource": "0x000000000000d010 0x000000000000d017 0x0000000000040101\n"
                    "0x000000000000d018 0x000000000000d01b 0x0000000000040101\n"
                    "0x00000000fe000000 0x00000000fe000fff 0x0000000000040200\n"}
BOARD = {"id": "PNP0401\nPNP0400", "resources": "state = active\nio 0x378-0x37f\nio 0x778-0x77f\n"}


class Machine:
    """A tree of /proc, /sys and /dev."""

    def __init__(self, root):
        self.root = root
        for folder in ("proc/sys/dev", "sys/module", "sys/bus", "dev"):
            (root / folder).mkdir(parents=True)

    def put(self, folder, files):
        for name, text in files.items():
            path = self.root / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self

    def port(self, name="parport0", **values):
        return self.put(f"proc/sys/dev/parport/{name}", {**PORT, **values})

    def modules(self, *names):
        for name in names:
            (self.root / "sys/module" / name).mkdir()
        return self

    def pci(self, where="0000:05:00.0", driver=None, **values):
        self.put(f"sys/bus/pci/devices/{where}", {**CARD, **values})
        return self.drive(f"sys/bus/pci/devices/{where}", driver)

    def board(self, where="00:04", driver=None, **values):
        self.put(f"sys/bus/pnp/devices/{where}", {**BOARD, **values})
        return self.drive(f"sys/bus/pnp/devices/{where}", driver)

    def drive(self, device, driver):
        if driver:
            (self.root / device / "driver").symlink_to(f"../../drivers/{driver}")
        return self

    def files(self):
        return self.node("dev/parport0").node("dev/lp0")

    def node(self, path, mode=0o660, group=LP):
        node = self.root / path
        node.parent.mkdir(exist_ok=True)
        node.touch()
        os.chown(node, 0, group)
        node.chmod(mode)
        return self


def findings(machine, run=command.run):
    """{id: finding}; what the exit status says of problems is checked."""
    return told_by(run("doctor", "--json", "--root", machine.root))


def told_by(done):
    told = {one["id"]: one for one in json.loads(done.stdout)["findings"]}
    assert done.returncode == int(any(one["problem"] for one in told.values())), done.stderr
    assert all(one["text"] for one in told.values())
    return told


def facts(machine):
    return json.loads(command.run("doctor", "--json", "--root", machine.root).stdout)
