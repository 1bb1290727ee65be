# SPDX-License-Identifier: MIT
"""A guest whose parport_pc, ppdev and lp share a port with a parportd in it."""

import contextlib

OURS = "/tmp/lent/parport0"
LINUX = "/dev/parport0"
PARPORT = "OPENPARPORT_MOUNT=/tmp/lent parport"
ACTIVE = "cat /proc/sys/dev/parport/parport0/devices/active"
START = "mkdir -p /tmp/lent && parportd --config /bin/lent.conf"

# Marks by which programs wait for each other.
HELD, GO, GOT, DONE = (f"/tmp/{name}" for name in ("held", "go", "got", "done"))
NEW = f"rm -f {HELD} {GO} {GOT} {DONE}; "


def until(condition):
    return f"until {condition}; do sleep 0.1; done; "


IN_LINE = f"{PARPORT} status --json lpt1 | grep -q '\"waiters\":1,'"
WAITING = until(IN_LINE)


@contextlib.contextmanager
def serving(guest, options):
    """The guest while its parport_pc, loaded with OPTIONS, has the port, and parportd serves it."""
    guest.run("insmod /modules/parport.ko && insmod /modules/ppdev.ko && "
              f"insmod /modules/parport_pc.ko {options} && {START}", 30)
    try:
        yield guest
    finally:
        guest.run("kill $(pidof parportd); while pidof parportd; do sleep 0.1; done", 30)


def printed_by(guest, command):
    """What QEMU's port has printed once COMMAND has ended, and what that said."""
    before = guest.paper.stat().st_size
    said = guest.run(command, 100)
    return guest.paper.read_bytes()[before:], said
