# SPDX-License-Identifier: MIT
"""The packages on a machine with systemd: installed, used, removed. The cases follow each other."""
import re

import pytest

case = pytest.mark.case
pytestmark = pytest.mark.timeout(600)

MOUNT = "/run/openparport"
# What a package manager and a journal keep, and a cache that is made anew.
KEPT = re.compile(r"/(var/log|var/cache|var/lib/dpkg|var/lib/apt|root/\.|etc/ld\.so\.cache)")


def listing(machine):
    """{path: kind, rights, owner, target} of every file on the machine's own disk."""
    said = machine.run(r"find / -xdev -printf '%p\t%y %m %u %g %l\n'", 60)
    files = dict(line.split("\t") for line in said.splitlines())
    return {path: about for path, about in files.items() if not KEPT.match(path)}


def accounts(machine):
    """Users and groups."""
    return set(machine.run("cat /etc/passwd /etc/group", 20).splitlines())


def settings(machine):
    """Checksums of the files below /etc, those of users and groups left out."""
    said = machine.run("find /etc -xdev -type f ! -name 'passwd*' ! -name 'group*' "
                       "! -name '*shadow*' ! -name ld.so.cache -exec md5sum {} +", 60)
    return set(said.splitlines())


def as_user(machine, user, command, seconds=60):
    """(exit status, what it says on both outputs) of a shell command that USER runs."""
    said = machine.run(f"su {user} -c '{command}' 2>&1; status=$?; echo; echo $status", seconds).splitlines()
    return int(said[-1]), "\n".join(said[:-1]).strip()


def until(machine, command, seconds=60):
    """Waits until a shell command succeeds."""
    machine.run(f"until {command}; do sleep 0.2; done", seconds)


@pytest.fixture(scope="module")
def before(machine):
    """What was there before anything was installed."""
    return listing(machine), accounts(machine), settings(machine)


@pytest.fixture(scope="module")
def installed(machine, before):
    machine.run("apt-get -q -y install /packages/*.deb", 300)
    return machine


@case("the packages are installed by apt, and the unit has started what it serves")
def test_started(installed):
    assert installed.run("systemctl is-active parportd", 20) == "active"
    assert installed.run("systemctl is-enabled parportd", 20) == "enabled"
    assert installed.run("systemctl --failed --no-legend", 20) == ""
    assert {"lpt1", "parport0"} <= set(installed.run(f"ls {MOUNT}", 20).split())


@case("a user in group lp lists, prints, takes turns and uses ppdev on the simulated port")
def test_group(installed):
    status, said = as_user(installed, "printing", "parport list")
    assert status == 0 and re.search(r"^lpt1 +parport0 +sim ", said, re.M)
    assert as_user(installed, "printing", f"echo hello >{MOUNT}/lpt1") == (0, "")
    assert as_user(installed, "printing", "parport alloc lpt1 echo mine") == (0, "mine")
    _, said = as_user(installed, "printing", f"ppdev_questions {MOUNT}/parport0", 200)
    assert "open O_RDWR, PPCLAIM = 0" in said


@case("a user outside that group is refused, and told which group it takes")
def test_outside(installed):
    status, said = as_user(installed, "other", "parport status lpt1")
    assert status != 0 and "Permission denied" in said and "group" in said and "lp" in said
    status, said = as_user(installed, "other", f"echo hello >{MOUNT}/lpt1")
    assert status != 0 and "Permission denied" in said


@case("as installed, the service has not touched the machine's own port")
def test_untouched(installed):
    assert not installed.paper.exists() or installed.paper.stat().st_size == 0


@case("a restart while a program waits: it is told, and the next request is served")
def test_restart(installed):
    installed.run("parport alloc lpt1 sleep 100 >/dev/null 2>&1 & echo $! >/run/test.holder", 20)
    until(installed, "parport status lpt1 | grep -q 'held by'")
    installed.run("(parport alloc lpt1 true >/run/test.waiter 2>&1; echo $? >>/run/test.waiter) & ", 20)
    until(installed, "grep -q waiting /run/test.waiter")
    installed.run("systemctl restart parportd", 60)
    until(installed, "grep -qx '[0-9]*' /run/test.waiter")
    said = installed.run("cat /run/test.waiter", 20).splitlines()
    assert said[-1] != "0"
    installed.run("kill $(cat /run/test.holder) 2>/dev/null; true", 20)
    assert as_user(installed, "printing", "parport alloc lpt1 echo mine") == (0, "mine")


@case("the package is purged, and nothing of it remains")
def test_purged(installed, before):
    files, users, checksums = before
    installed.run("apt-get -q -y purge openparport libopenparport0 libopenparport-dev", 300)
    assert listing(installed) == files
    assert settings(installed) == checksums
    assert accounts(installed) == users
    assert installed.run(f"ls -d {MOUNT} /run/*parport* 2>/dev/null || true", 20) == ""
    assert installed.run("pidof parportd || true", 20) == ""
    assert installed.run("systemctl --failed --no-legend", 20) == ""
