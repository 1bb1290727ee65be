# SPDX-License-Identifier: MIT
"""The packages on a machine with systemd: installed, used, removed. The cases follow each other.

What an administrator types is what README.md has.
"""
import base64
import re
import textwrap

import pytest

from lib import paths

case = pytest.mark.case
pytestmark = pytest.mark.timeout(600)

MOUNT = "/run/openparport"
CONFIGURATION = "/etc/openparport/parport.conf"
# What a package manager and a journal keep, and a cache that is made anew.
KEPT = re.compile(r"/(var/log|var/cache|var/lib/dpkg|var/lib/apt|etc/ld\.so\.cache)")
EXAMPLE = (paths.ROOT / "data" / "parport.conf").read_text()
README = (paths.ROOT / "README.md").read_text().split("\n## Installing\n")[1].split("\n## ")[0]


def readme(*words):
    """The block of README's on installing that begins with WORDS, without sudo: root needs none."""
    blocks = re.findall(r"(?:^    .*\n)+", README, re.M)
    (found,) = [block for block in map(textwrap.dedent, blocks) if block.startswith(words)]
    return found.replace("sudo ", "").strip()


def listing(machine):
    """{path: kind, rights, owner, target} of every file on the machine's own disk."""
    said = machine.run(r"find / -xdev -printf '%p\t%y %m %u %g %l\n'", 60)
    files = dict(line.split("\t") for line in said.splitlines())
    return {path: about for path, about in files.items() if not KEPT.match(path)}


def accounts(machine):
    """Names of users and groups."""
    said = machine.run("cut -d : -f 1 /etc/passwd; cut -d : -f 1 /etc/group", 20)
    return set(said.splitlines())


def settings(machine):
    """Checksums of the files below /etc, those of users and groups left out."""
    said = machine.run("find /etc -xdev -type f ! -name 'passwd*' ! -name 'group*' "
                       "! -name '*shadow*' ! -name ld.so.cache -exec md5sum {} +", 60)
    return set(said.splitlines())


def as_user(machine, user, command, seconds=60):
    """(exit status, what it says on both outputs) of a shell command that USER runs."""
    said = machine.run(f"su {user} -c '{command}' 2>&1; status=$?; echo; echo $status",
                       seconds).splitlines()
    return int(said[-1]), "\n".join(said[:-1]).strip()


def until(machine, command, seconds=60):
    """Waits until a shell command succeeds."""
    machine.run(f"until {command}; do sleep 0.2; done", seconds)


def hold(machine):
    """A program of root's has lpt1 from now on, until release()."""
    machine.run("parport alloc lpt1 sleep 300 >/dev/null 2>&1 & echo $! >/run/test.holder", 20)
    until(machine, "parport status lpt1 | grep -q 'held by'")


def release(machine):
    machine.run("kill $(cat /run/test.holder) 2>/dev/null || true", 20)


def configure(machine, port, keys):
    """Gives a port of the configuration these keys, in place of those that it has, on lines of
    their own."""
    old = machine.run(f"cat {CONFIGURATION}", 20)
    rest = re.sub(rf"^{port} = {{.*?^}}\n?", "", old + "\n", flags=re.M | re.S)
    text = base64.b64encode(f"{rest}{keys}\n".encode()).decode()
    machine.run(f"echo {text} | base64 -d >{CONFIGURATION}", 20)


@pytest.fixture(scope="module")
def before(machine):
    """What was there before anything was installed."""
    return listing(machine), accounts(machine), settings(machine)


@pytest.fixture(scope="module")
def installed(machine, before):
    words = "apt-get install ../openparport_*.deb ../libopenparport0_*.deb"
    assert words in readme("sudo apt-get install dpkg-dev")
    machine.run(f"mkdir /packages/tree && cd /packages/tree && {words} --yes -q", 300)
    return machine


@case("installed by apt, the service has told systemd that it serves, and is started at every boot")
def test_started(installed):
    assert installed.run("systemctl is-active parportd", 20) == "active"
    assert installed.run("systemctl is-enabled parportd", 20) == "enabled"
    assert installed.run("systemctl show -p Type --value parportd", 20) == "notify"
    assert "1 port" in installed.run("systemctl show -p StatusText --value parportd", 20)
    assert installed.run("systemctl --failed --no-legend", 20) == ""


@case("who serves is the user parportd, without a single capability")
def test_rights(installed):
    said = installed.run("for p in $(pidof parportd); do stat -c %U /proc/$p; "
                         "grep CapEff /proc/$p/status; done", 20)
    assert re.search(r"^parportd\nCapEff:\s+0+$", said, re.M), said


@case("the unit is exposed no more than docs/administration.md says, by systemd-analyze security")
def test_exposure(installed, capsys):
    said = installed.run("systemd-analyze security --no-pager parportd", 60)
    score = float(re.search(r"Overall exposure level for .*?: \D*([\d.]+) ",
                            re.sub(r"\x1b(\[[\d;]*m|\][^\x1b]*\x1b\\)", "", said))[1])
    told = (paths.ROOT / "docs" / "administration.md").read_text()
    bound = float(re.search(r"exposure of ([\d.]+) by `systemd-analyze security`", told)[1])
    with capsys.disabled():
        print(f"exposure of parportd.service: {score}, {bound} documented")
    assert score <= bound


@case("a user in group lp lists, prints, takes turns and uses ppdev on the simulated port")
def test_group(installed):
    listed, printed = readme("parport list\necho").splitlines()
    status, said = as_user(installed, "printing", listed)
    assert status == 0 and re.search(r"^lpt1 +parport0 +sim ", said, re.M)
    assert as_user(installed, "printing", printed) == (0, "")
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
    hold(installed)
    installed.run("(parport alloc lpt1 true >/run/test.waiter 2>&1; echo $? >>/run/test.waiter) &",
                  20)
    until(installed, "grep -q waiting /run/test.waiter")
    installed.run("systemctl restart parportd", 60)
    until(installed, "grep -qx '[0-9]*' /run/test.waiter")
    *_, message, status = installed.run("cat /run/test.waiter", 20).splitlines()
    assert status != "0" and message.startswith("parport alloc: ")
    release(installed)
    assert as_user(installed, "printing", "parport alloc lpt1 echo mine") == (0, "mine")


@case("a reload brings a new port, and who has another one keeps it")
def test_reload(installed):
    hold(installed)
    configure(installed, "parport1", 'parport1 = {\n\tperipheral = "none"\n}')
    installed.run("systemctl reload parportd", 60)
    until(installed, f"[ -e {MOUNT}/lpt2 ]")
    assert "held by" in installed.run("parport status lpt1", 20)
    release(installed)


@case("log and output where the example has them are parportd's, at a reload, a restart, a rotation")
def test_files(installed):
    log, output = (re.search(rf'# {key} = "(/var/\S+)"', EXAMPLE)[1] for key in ("log", "output"))
    configure(installed, "parport1",
              f'log = "{log}"\nparport1 = {{\n\toutput = "{output}"\n}}')
    for way in ("reload", "restart", "reload"):
        installed.run(f"rm -f {log} && systemctl {way} parportd", 60)
        until(installed, f"[ -e {log} -a -e {MOUNT}/lpt2 ]")
        assert as_user(installed, "printing", f"echo {way} >{MOUNT}/lpt2") == (0, "")
        until(installed, f"grep -q {way} {output}")
        assert installed.run(f"stat -c %U {log} {output}", 20).split() == ["parportd"] * 2
    configure(installed, "parport1", 'parport1 = {\n\tperipheral = "none"\n}')
    installed.run(f"systemctl reload parportd; rm {output}", 60)


@case("a driver that is loaded while the service runs is one that it may use")
def test_driver_later(installed):
    installed.run("rmmod ppdev 2>/dev/null || true; systemctl restart parportd; modprobe ppdev", 60)
    configure(installed, "parport0", 'parport0 = {\n\tback_end = "ppdev:/dev/parport0"\n}')
    installed.run("systemctl reload parportd", 60)
    until(installed, "parport list | grep -q '^lpt1 .*ppdev.* free'")


@case("by README alone: doctor knows the line of the machine's port, and after a reload it prints")
def test_real_port(installed):
    line = 'back_end = "ppdev:/dev/parport0"'
    assert line in installed.run(readme("sudo parport doctor"), 60)
    block = readme("parport0 = {")
    assert line in block
    configure(installed, "parport0", block)
    check, listed = readme("sudo parportd --check-config").splitlines()
    installed.run(check, 60)
    until(installed, f"{listed} | grep -q '^lpt1 .*ppdev'")
    _, printed = readme("parport list\necho").splitlines()
    assert as_user(installed, "printing", printed) == (0, "")
    assert installed.paper.read_bytes() == b"first page\n"


@case("the registers of a port that Linux leaves alone are used, too, under the unit's bounds")
def test_registers(installed):
    configure(installed, "parport0", "")
    installed.run("systemctl reload parportd", 60)
    until(installed, f"[ ! -e {MOUNT}/lpt1 ]")
    installed.run("rmmod ppdev parport_pc", 30)
    told = installed.run("parport doctor || true", 60)
    line = re.search(r'in parport.conf: (back_end = "io:.*")', told)[1]
    configure(installed, "parport0", f"parport0 = {{ {line} }}")
    restart = "systemctl restart parportd"
    assert f"A line `io:` or `pci:` needs `sudo {restart}`" in README and restart in told
    installed.run(restart, 60)
    assert as_user(installed, "printing", f"echo by registers >{MOUNT}/lpt1") == (0, "")
    assert installed.paper.read_bytes() == b"first page\nby registers\n"


@case("stopped, the service leaves an empty directory and no process")
def test_stopped(installed):
    installed.run("systemctl stop parportd", 60)
    assert installed.run(f"ls -A {MOUNT}; pidof parportd || true", 20) == ""
    assert installed.run("systemctl is-failed parportd || true", 20) == "inactive"


@case("purged, nothing remains but a user and empty folders in /run, which end with the boot")
def test_purged(installed, before):
    files, users, checksums = before
    installed.run("systemctl start parportd", 60)
    installed.run("apt-get -q --yes purge openparport libopenparport0; rm -r /packages/tree", 300)
    assert listing(installed) == files
    assert settings(installed) == checksums
    assert accounts(installed) == users | {"parportd"}
    assert installed.run("ls -A /run/openparport /run/parportd", 20).split() == \
        ["/run/openparport:", "/run/parportd:"]
    assert installed.run("pidof parportd || true", 20) == ""
    assert installed.run("systemctl --failed --no-legend", 20) == ""
