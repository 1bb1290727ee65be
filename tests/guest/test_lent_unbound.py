# SPDX-License-Identifier: MIT
"""The same with a port that has an interrupt, found by Plug and Play: its driver can be unbound."""

import json

import pytest

from lent import ACTIVE, GO, GOT, HELD, IN_LINE, LINUX, NEW, OURS, PARPORT, WAITING
from lent import printed_by, serving, until
from transcript import answers

case = pytest.mark.case

# The first test of a run may have to download the kernel.
pytestmark = pytest.mark.timeout(300)

BUS = "/sys/bus/pnp/drivers/parport_pc"
CARD = "$(basename $(readlink /sys/class/ppdev/parport0/device))"
AGAIN = f"kill -HUP $(pidof parportd); {until(f'{PARPORT} list lpt1 | grep -q free')}"
STATUS = f"{PARPORT} status --json lpt1"
LP_HAS_IT = f"{STATUS} | grep -q '\"program\":\"lp\"'"


@pytest.fixture(scope="module")
def interrupting(direct_guest):
    """The port with its interrupt, its card's name in /tmp/plugged.

    The modules stay: once its port was unbound under a user, Linux never lets parport_pc go.
    """
    with serving(direct_guest, "") as guest:
        guest.run(f"echo {CARD} >/tmp/plugged", 10)
        yield guest


def state(guest):
    (facts,) = json.loads(guest.run(STATUS, 30))
    return facts["state"]


def prints(guest, pages):
    paper, _ = printed_by(guest, "cat /bin/page4k >/tmp/lent/lpt1")
    return paper == pages["page4k"].read_bytes()


# What does not depend on how soon an interrupt is heard of.
SETTLED = ("three bytes: poll", "three bytes: PPCLRIRQ", "one byte, then released: PPCLRIRQ",
           "response armed: control", "response after a byte: control",
           "poll that waits for a byte")


@case("ppdev: interrupts are counted, polled and answered as by Linux's own file")
def test_interrupts(interrupting):
    theirs = answers(interrupting.run(f"ppdev_interrupts {LINUX}", 60))
    assert theirs["three bytes: PPCLRIRQ"] == "0, counted some"
    ours = answers(interrupting.run(f"ppdev_interrupts {OURS}", 60))
    assert [ours[question] for question in SETTLED] == [theirs[question] for question in SETTLED]


@case("ppdev: a program that has a port with an interrupt hands it to ours, and Linux lives on")
def test_interrupting_holder(interrupting, pages):
    interrupting.run(f"{NEW} cd /tmp; port_steps {LINUX} claim make {HELD} await {GO} data 1000 "
                     f"find {GOT} release >foreign & {until(f'[ -e {HELD} ]')}"
                     f"port_steps {OURS} claim make {GOT} release >ours &"
                     f"{WAITING} touch {GO}; wait", 60)
    foreign = answers(interrupting.run("cat /tmp/foreign", 10))
    assert (foreign["data"], foreign["find"], foreign["release"]) == ("1000", "ENOENT", "0")
    assert answers(interrupting.run("cat /tmp/ours", 10))["claim"] == "0"
    assert prints(interrupting, pages)


@case("ppdev: who comes while ours has a port with an interrupt is refused, for Linux would lock up")
def test_interrupting_comer(interrupting, pages):
    said = interrupting.run(
        f"{NEW} cd /tmp; port_steps {OURS} claim make {HELD} await {GO} release >ours &"
        f"{until(f'[ -e {HELD} ]')} port_steps {LINUX} claim; touch {GO}; wait;"
        f"{until(f'[ $({ACTIVE}) = none ]')} port_steps {LINUX} claim release", 60)
    assert said.splitlines() == ["claim = ENXIO", "claim = 0", "release = 0"]
    assert answers(interrupting.run("cat /tmp/ours", 10)) == {
        "claim": "0", "make": "0", "await": "0", "release": "0"}
    assert prints(interrupting, pages)


@case("ppdev: as long as lp is loaded a port with an interrupt is lp's, and who waits is told so")
def test_interrupting_driver(interrupting, pages):
    interrupting.run("insmod /modules/lp.ko", 20)
    try:
        interrupting.run(f"echo one >/tmp/lent/lpt1 & {until(LP_HAS_IT)} {IN_LINE}", 30)
    finally:
        paper, _ = printed_by(interrupting, f"rmmod lp; {until(f'! {IN_LINE}')}")
    assert paper == b"one\n"
    assert prints(interrupting, pages)


@case("ppdev: the driver is unbound while nobody has the port: it is gone, and back after a reload")
def test_unbound_idle(interrupting, pages):
    interrupting.run(f"cat /tmp/plugged >{BUS}/unbind", 10)
    try:
        said = interrupting.run(f"port_steps {OURS} claim 2>&1; echo hello 2>&1 >/tmp/lent/lpt1; "
                                "echo other >/tmp/lent/lpt2", 30)
        assert "claim = 0" not in said
        assert state(interrupting) == "removed"
    finally:
        interrupting.run(f"cat /tmp/plugged >{BUS}/bind; {AGAIN}", 30)
    assert prints(interrupting, pages)


@case("ppdev: the driver is unbound while ours hold and wait: all hear it, the service lives")
def test_unbound_held(interrupting, pages):
    interrupting.run(
        f"{NEW} cd /tmp; port_steps {OURS} claim make {HELD} await {GO} data 10 "
        "print /bin/page4k release >holder 2>&1 &"
        f"{until(f'[ -e {HELD} ]')} port_steps {OURS} claim >waiter 2>&1 & {WAITING}"
        f"cat /tmp/plugged >{BUS}/unbind; {until(f'{STATUS} | grep -q removed')} touch {GO}; wait", 60)
    try:
        holder = answers(interrupting.run("cat /tmp/holder", 10))
        assert (holder["data"], holder["print"], holder["release"]) == ("0", "ENODEV", "ENODEV")
        assert answers(interrupting.run("cat /tmp/waiter", 10))["claim"] == "ENODEV"
        interrupting.run("echo other >/tmp/lent/lpt2", 10)
    finally:
        interrupting.run(f"cat /tmp/plugged >{BUS}/bind; {AGAIN}", 30)
    assert prints(interrupting, pages)
