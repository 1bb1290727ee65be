# SPDX-License-Identifier: MIT
"""parportd's device nodes, made with CUSE in a guest whose kernel has it.

Linux's answers come from the guests of test_guest.py, once those have printed what they are to print.
"""

import pathlib
import re

import pytest

import transcript

case = pytest.mark.case

# The first test of a run may have to download the kernel.
pytestmark = pytest.mark.timeout(300)

HERE = pathlib.Path(__file__).parent
PORTS = range(6)
FAULTS = ("off-line", "paper out", "switched off")


def nodes(guest, where="/dev"):
    """The names of the nodes that parportd may have made."""
    return set(guest.run(f"cd {where} && ls | grep -E '^(lp|parport)[0-9]' || true", 20).split())


def wait_until_written(guest, path, size):
    """What has been sent is written behind the port, soon."""
    guest.run(f"until [ $(wc -c <{path}) -ge {size} ]; do sleep 0.1; done", 20)


ALL_NODES = {f"{kind}{number}" for kind in ("lp", "parport") for number in PORTS}


def expect_agreement(linux, ours, name):
    wrong = transcript.problems(transcript.answers(linux), transcript.answers(ours),
                                transcript.allowed(HERE / f"{name}.allowed"))
    assert not wrong, "\n".join(wrong)


@case("no CUSE in the kernel: parportd says what is missing, and leaves nothing behind")
def test_no_cuse(plain_guest):
    said = plain_guest.run("parportd --config /bin/parport.conf --cuse 2>&1; echo $?", 20)
    assert re.fullmatch(r"parportd: /dev/cuse: .*module cuse loaded\?\n1", said), said
    assert plain_guest.run("ls -d /tmp/mount || true; pidof parportd || true", 20) == \
        "ls: /tmp/mount: No such file or directory"


@case("each port has two character devices, as udev would make them, and its files in the mount")
def test_nodes(nodes_guest):
    assert nodes(nodes_guest) == ALL_NODES
    listed = nodes_guest.run("ls -l /dev/lp* /dev/parport*", 20).splitlines()
    assert {line.split()[0] for line in listed} == {"crw-rw----"}
    assert {tuple(line.split()[2:4]) for line in listed} == {("0", "lp")}
    assert nodes_guest.run("cd /tmp/mount && ls -d parport* | wc -l", 20) == str(len(PORTS))


@case("every ppdev question gets Linux's answer on a device node, but for the listed differences")
def test_ppdev(nodes_guest, polled_port):
    linux = polled_port.once("ppdev_questions /dev/parport0", 110)
    expect_agreement(linux, nodes_guest.run("ppdev_questions /dev/parport0", 110),
                     "ppdev_questions_cuse")


@case("lp's questions get Linux's answer on a device node, but for the listed differences")
def test_lp(nodes_guest, three_ports):
    linux = three_ports.once("lp_questions /dev/lp0", 110)
    expect_agreement(linux, nodes_guest.run("lp_questions /dev/lp0", 110), "lp_questions_cuse")


@case("so do they with a printer that cannot print")
@pytest.mark.parametrize("number", range(3), ids=FAULTS)
def test_lp_faults(nodes_guest, faulty_printers, number):
    linux = faulty_printers.run(f"lp_questions /dev/lp{number}", 110)
    ours = nodes_guest.run(f"lp_questions /dev/lp{2 + number}", 110)
    expect_agreement(linux, ours, "lp_questions_cuse")


def wired(said):
    """What tunelp says of a status, without the node's name and the bits that are not wired."""
    found = re.fullmatch(r"/dev/lp\d+ status is (\d+)(.*)", said)
    assert found, said
    return int(found[1]) & 0xf8, found[2]


@case("tunelp tells the status of a printer as it does with Linux's lp")
def test_tunelp_status(nodes_guest, three_ports, faulty_printers):
    def asked(guest, number):
        return wired(guest.run(f"tunelp -s /dev/lp{number}", 20))

    assert asked(nodes_guest, 1) == asked(three_ports, 1)
    for number in range(len(FAULTS)):
        assert asked(nodes_guest, 2 + number) == asked(faulty_printers, number)


@case("tunelp tells how an interrupt is used, and cannot change it")
def test_tunelp_interrupt(nodes_guest):
    assert nodes_guest.run("tunelp /dev/lp1", 20) == "/dev/lp1 using polling"
    assert nodes_guest.run("tunelp -q off -i 7 /dev/lp1 2>&1", 20) == \
        "tunelp: ioctl failed: Invalid argument"


@case("tunelp resets the printer: one pulse of 50 us on nInit")
def test_tunelp_reset(nodes_guest):
    nodes_guest.run("tunelp -q off -r /dev/lp5", 20)
    nodes_guest.run("until grep -q ' 7$' /tmp/lines; do sleep 0.1; done", 20)
    fall, rise = (line.split() for line in nodes_guest.run("cat /tmp/lines", 20).splitlines())
    # Levels of the control lines, nInit is 4.
    assert (fall[2], rise[2]) == ("3", "7")
    assert int(rise[0]) - int(fall[0]) == 50000


@case("P-058 shell redirection prints 64 KiB byte exact on a device node")
def test_print(nodes_guest):
    nodes_guest.run("cat /bin/page64k >/dev/lp1", 60)
    wait_until_written(nodes_guest, "/tmp/page1", 65536)
    nodes_guest.run("cmp /bin/page64k /tmp/page1", 20)


@case("tunelp -a on: out of paper ends a job at once, which otherwise waits")
def test_abort(nodes_guest):
    waits = "cat /bin/page4k >/dev/lp3 & sleep 1; kill $!; wait $!; echo $?"
    assert nodes_guest.run(waits, 20).splitlines()[-1] == "143"
    nodes_guest.run("tunelp -q off -a on /dev/lp3", 20)
    assert nodes_guest.run("cat /bin/page4k 2>&1 >/dev/lp3 || true", 20) == \
        "cat: write error: No space left on device"
    nodes_guest.run("tunelp -q off -a off /dev/lp3", 20)
    assert nodes_guest.run(waits, 20).splitlines()[-1] == "143"


@case("a job on the node and one on the mount's file of the same port do not mix")
def test_one_service(nodes_guest):
    nodes_guest.run("(echo; echo node; sleep 1; echo done) >/dev/lp0 & sleep 0.3;"
                    "echo file >/tmp/mount/lpt1; wait", 20)
    nodes_guest.run("until grep -q file /tmp/page0; do sleep 0.1; done", 20)
    assert nodes_guest.run("tail -n 3 /tmp/page0", 20) == "node\ndone\nfile"


@case("where a node would be, there is a file: parportd leaves all as it was and says so")
def test_taken(nodes_guest):
    nodes_guest.run("mkdir /dev/taken && echo mine >/dev/taken/lp1", 20)
    said = nodes_guest.run("parportd --config /bin/parport.conf --mount /tmp/other "
                           "--cuse=/dev/taken 2>&1; echo $?", 20)
    assert said == "parportd: /dev/taken/lp1: there is such a file already, " \
        "another driver's perhaps\n1"
    assert nodes_guest.run("ls /dev/taken && cat /dev/taken/lp1", 20) == "lp1\nmine"
    assert nodes(nodes_guest) == ALL_NODES


@case("--cuse=/dev/NAME makes the nodes there, and they are gone when the service has ended")
def test_folder(nodes_guest):
    nodes_guest.run("parportd --foreground --config /bin/parport.conf --mount /tmp/third "
                    "--cuse=/dev/third & echo $! >/tmp/pid;"
                    "until [ -e /dev/third/lp5 ]; do sleep 0.1; done", 20)
    assert nodes(nodes_guest, "/dev/third") == ALL_NODES
    nodes_guest.run("echo hello >/dev/third/lp1 && kill $(cat /tmp/pid);"
                    "while [ -e /dev/third ]; do sleep 0.1; done", 20)
    assert nodes(nodes_guest) == ALL_NODES


@case("a reload makes nodes for a new port, and takes away those of one that goes, also while open")
def test_reload(nodes_guest):
    two = "parport0 = { }; parport7 = { };"
    nodes_guest.run("echo 'parport0 = { };' >/tmp/conf;"
                    "parportd --foreground --config /tmp/conf --mount /tmp/fourth "
                    "--cuse=/dev/fourth 2>/tmp/said & echo $! >/tmp/pid;"
                    "until [ -e /dev/fourth/lp0 ]; do sleep 0.1; done", 20)
    for _ in range(2):
        nodes_guest.run(f"echo '{two}' >/tmp/conf; kill -HUP $(cat /tmp/pid);"
                        "until [ -e /dev/fourth/lp7 ]; do sleep 0.1; done", 20)
        assert nodes(nodes_guest, "/dev/fourth") == {"lp0", "lp7", "parport0", "parport7"}
        said = nodes_guest.run(
            "echo page >/dev/fourth/lp7; exec 3<>/dev/fourth/lp7 4<>/dev/fourth/parport7;"
            "echo 'parport0 = { };' >/tmp/conf; kill -HUP $(cat /tmp/pid);"
            "while [ -e /dev/fourth/lp7 ] || [ -e /dev/fourth/parport7 ]; do sleep 0.1; done;"
            "(echo late >&3) 2>&1; exec 3>&- 4>&-; echo page >/dev/fourth/lp0", 20)
        assert said.startswith("sh: write error: "), said
    assert nodes(nodes_guest, "/dev/fourth") == {"lp0", "parport0"}
    nodes_guest.run("kill $(cat /tmp/pid); while [ -e /dev/fourth ]; do sleep 0.1; done", 20)


@case("parportd is killed: its nodes vanish, who waits and who comes back hears an error")
def test_killed(nodes_guest):
    said = nodes_guest.run(
        "exec 3<>/dev/parport1; (cat /bin/page4k 2>&1 >/dev/lp3; echo $?) & sleep 0.5;"
        "kill -9 $(pidof parportd); wait; echo late 2>&1 >&3 || true", 20)
    *waited, late = said.splitlines()
    assert waited == ["cat: write error: Software caused connection abort", "1"]
    # The nodes of a dead process go one after the other.
    assert late in ("sh: write error: Transport endpoint is not connected",
                    "sh: write error: Software caused connection abort")
    assert nodes(nodes_guest) == set()
