# SPDX-License-Identifier: MIT
"""Our ppdev back end in a guest: a port shared with its kernel's parport_pc, ppdev and lp."""

import json

import pytest

from lent import ACTIVE, DONE, GO, GOT, HELD, IN_LINE, LINUX, NEW, OURS, PARPORT, START, WAITING
from lent import printed_by, serving, until
from transcript import answers

case = pytest.mark.case

# The first test of a run may have to download the kernel.
pytestmark = pytest.mark.timeout(300)

@pytest.fixture(scope="module")
def polled(direct_guest):
    """The port without an interrupt."""
    with serving(direct_guest, "io=0x378 irq=none") as guest:
        yield guest
    direct_guest.run("rmmod parport_pc; rmmod ppdev; rmmod parport", 30)


def apart(paper):
    """Bytes below 0x80, and the others."""
    return bytes(b for b in paper if b < 0x80), bytes(b for b in paper if b >= 0x80)


@case("ppdev: what kind of port it is comes from its system, and that it counts no interrupts")
def test_info(polled):
    (facts,) = json.loads(polled.run(f"{PARPORT} info --json lpt1", 30))
    assert facts["back_end"].startswith("ppdev")
    assert "compatibility" in facts["capabilities"] and facts["interrupt"] is False


WAYS = {
    "Linux's own file": f"port_steps {LINUX} claim print /bin/page64k release",
    "lpt1": "cat /bin/page64k >/tmp/lent/lpt1",
    "parport0": f"port_steps {OURS} claim print /bin/page64k release",
    "library": "OPENPARPORT_MOUNT=/tmp/lent library_print lpt1 /bin/page64k",
    "library alone": "library_print ppdev:/dev/parport0 /bin/page64k",
}


@case("ppdev: 64 KiB are printed byte exact, and the port is not kept")
@pytest.mark.parametrize("way", WAYS)
def test_page(polled, pages, way):
    paper, _ = printed_by(polled, WAYS[way])
    assert paper == pages["page64k"].read_bytes()
    polled.run(until(f"[ $({ACTIVE}) = none ]"), 20)


@case("ppdev: the system's port is claimed exactly while a program of ours holds its own")
def test_claimed(polled):
    said = polled.run(f"{NEW} {ACTIVE};"
                      f"port_steps {OURS} claim make {HELD} await {GO} release >/dev/null &"
                      f"{until(f'[ -e {HELD} ]')} {ACTIVE}; touch {GO}; wait;"
                      f"{until(f'[ $({ACTIVE}) = none ]')}", 30)
    first, while_held = said.splitlines()
    assert first == "none" and while_held.startswith("ppdev")


@case("ppdev: another program's 1,000 PPWDATA all succeed while one of ours waits for its port")
def test_foreign_holder(polled):
    polled.run(f"{NEW} cd /tmp; port_steps {LINUX} claim make {HELD} await {GO} data 1000 "
               f"find {GOT} release >foreign & {until(f'[ -e {HELD} ]')}"
               f"port_steps {OURS} claim make {GOT} data 10 release >ours &"
               f"{WAITING} touch {GO}; wait", 60)
    foreign = answers(polled.run("cat /tmp/foreign", 10))
    assert (foreign["data"], foreign["find"], foreign["release"]) == ("1000", "ENOENT", "0")
    ours = answers(polled.run("cat /tmp/ours", 10))
    assert (ours["claim"], ours["data"], ours["release"]) == ("0", "10", "0")


@case("ppdev: who waits for another program gives up in time or is killed, and disturbs nobody")
def test_given_up(polled):
    said = polled.run(
        f"{NEW} cd /tmp;"
        f"port_steps {LINUX} claim make {HELD} await {GO} data 100 release >foreign &"
        f"{until(f'[ -e {HELD} ]')}"
        f"{PARPORT} alloc --timeout 300ms lpt1 true 2>/dev/null; echo $?;"
        f"port_steps {OURS} claim make {GOT} >/dev/null & waiter=$!; {WAITING} kill $waiter;"
        f"{until(f'! {IN_LINE}')} touch {GO}; wait; cat foreign; ls {GOT} 2>/dev/null;"
        f"port_steps {OURS} claim release", 60).splitlines()
    assert said[0] == "124"
    assert said[1:] == ["claim = 0", "make = 0", "await = 0", "data = 100", "release = 0",
                        "claim = 0", "release = 0"]


@pytest.fixture
def with_lp(polled):
    polled.run("insmod /modules/lp.ko", 20)
    yield polled
    polled.run("rmmod lp", 20)


@case("ppdev: lp prints while a job of ours is open, between two of its writes; no byte is lost")
def test_lp_between(with_lp, pages):
    low, high = pages["low16k"].read_bytes(), pages["high16k"].read_bytes()
    paper, _ = printed_by(
        with_lp, f"{NEW} (cat /bin/high16k; {until(f'[ -e {DONE} ]')} cat /bin/high16k)"
                 f" >/tmp/lent/lpt1 & cat /bin/low16k >/dev/lp0; touch {DONE}; wait")
    assert apart(paper) == (low, high * 2)


@case("ppdev: lp waits for whoever holds our port, then prints; no byte is lost")
def test_lp_waits(with_lp, pages):
    low, high = pages["low16k"].read_bytes(), pages["high16k"].read_bytes()
    paper, said = printed_by(
        with_lp, f"{NEW} port_steps {OURS} claim make {HELD} print /bin/high16k find {DONE} "
                 f"release & {until(f'[ -e {HELD} ]')} cat /bin/low16k >/dev/lp0;"
                 f"touch {DONE}; wait")
    assert answers(said)["find"] == "ENOENT"
    assert paper == high + low


@case("ppdev: ours prints while lp does; no byte is lost")
def test_lp_at_once(with_lp, pages):
    low, high = pages["low16k"].read_bytes(), pages["high16k"].read_bytes()
    paper, _ = printed_by(
        with_lp, "cat /bin/low16k >/dev/lp0 & cat /bin/high16k >/tmp/lent/lpt1; wait")
    assert apart(paper) == (low, high)


@case("ppdev: parportd is killed while it has the system's port, which is free then")
def test_killed(polled, pages):
    polled.run(f"{NEW} port_steps {OURS} claim make {HELD} await {GO} >/dev/null &"
               f"{until(f'[ -e {HELD} ]')} kill -9 $(pidof parportd); touch {GO}; wait", 30)
    try:
        paper, _ = printed_by(polled, f"port_steps {LINUX} claim print /bin/page4k release")
        assert paper == pages["page4k"].read_bytes()
    finally:
        polled.run(f"umount -l /tmp/lent; {START}", 30)


# As many as have asked Linux's ppdev for the port: asleep in PPCLAIM, or its holder.
ASKED = "ls -d /sys/bus/parport/devices/parport0/ppdev0.* | wc -l"
SOON = "timeout 10"


@case("ppdev: another program sleeps in its PPCLAIM while one of ours uses its port: only that port "
      "waits, and goes on when the sleep ends")
def test_foreign_asleep(polled):
    said = polled.run(
        f"{NEW} cd /tmp; rm -f {DONE}; : >page;"
        f"port_steps {OURS} claim make {HELD} await {GO} data 10 make {GOT} await {DONE} release "
        f">ours & {until(f'[ -e {HELD} ]')}"
        f"port_steps {LINUX} claim >/dev/null & foreign=$!; {until(f'[ $({ASKED}) = 2 ]')}"
        f"sleep 0.5; touch {GO}; sleep 0.5; ls {GOT} 2>/dev/null;"
        f"{SOON} env {PARPORT} status lpt1 >/dev/null; echo status $?;"
        f"echo page | {SOON} env {PARPORT} write lpt2; echo write $?;"
        f"{SOON} port_steps /tmp/lent/parport1 claim data 10 release | tail -n 2;"
        f"ls {GOT} 2>/dev/null; kill $foreign; touch {DONE}; wait; cat ours page", 60).splitlines()
    assert said == ["status 0", "write 0", "data = 10", "release = 0",
                    "claim = 0", "make = 0", "await = 0", "data = 10", "make = 0", "await = 0",
                    "release = 0", "page"]


@case("ppdev: another program that sleeps in its PPCLAIM has the port when ours lets go of it")
def test_handed_to_sleeper(polled):
    said = polled.run(
        f"{NEW} cd /tmp;"
        f"port_steps {OURS} claim make {HELD} await {GO} release >ours & {until(f'[ -e {HELD} ]')}"
        f"port_steps {LINUX} claim data 10 release >foreign & {until(f'[ $({ASKED}) = 2 ]')}"
        f"sleep 0.5; touch {GO}; wait; cat ours foreign;"
        f"port_steps {OURS} claim data 10 release", 60).splitlines()
    assert said == ["claim = 0", "make = 0", "await = 0", "release = 0",
                    *["claim = 0", "data = 10", "release = 0"] * 2]
