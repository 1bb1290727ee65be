# SPDX-License-Identifier: MIT
"""libopenparport on a port that parportd serves: the cases of a handle, and what only a service does."""

import os
import subprocess

import pytest

from lib import paths

case = pytest.mark.case

PROGRAM = paths.BUILD / "tests" / "engine" / "host" / "served_library"
LIMIT_S = 60

DIES = "a service that dies ends every call"
DIES_TOO = "a service that dies ends what was submitted"
CASES = [
    "a time-out of 0 asks once",
    "an allocate ends at its deadline",
    "a free hands the port to the handle that waits",
    "a close frees what the handle holds",
    "an allocate that waits is cancelled",
    "P-055 a cancelled write tells what was sent",
    "P-055 a write that times out tells what was sent",
    "a kick ends the holder's write",
    "a register access waits for the handle's own write",
    "registers and pins",
    "facts",
    "a batch does one after the other and tells when",
    "a batch writes some bits of the control register",
    "a batch waits for a line",
    "a batch that waits too long leaves out the rest",
    "a batch allocates the port when it is asked to",
    "a batch stands in line for the port",
    "a batch is cancelled in a delay",
    "a kick ends a batch in a delay",
    "a batch in a delay blocks nobody",
    "a batch that is none is refused",
    "a pulse is as long as it was asked for",
    "a signal ends an allocate that waits",
    "a service that stops ends an allocate that waits",
    DIES,
    DIES_TOO,
]
CONTROLS = [
    "C-019 C-025 C-027 a code allocates the port, a code frees it",
    "C-020 C-023 a code that allocates waits, a code that frees hands over",
    "C-028 C-029 a second ALLOCATE of the handle waits for its own FREE",
    "C-043 an ALLOCATE that waits is cancelled",
    "what who was kicked asks for is refused, also what needs no port",
    "C-015 a close frees what a code has allocated",
    "C-179 C-181 C-182 codes nobody knows, and of other majors",
    "C-089 C-100 C-183 buffers that are too short",
    "C-090 C-184 longer buffers, and those that are too long",
    "C-098 interrupts cannot be connected",
    "C-050 C-051 C-052 the port's routines are the handle's",
    "C-077 C-080 C-083 the chip's mode by a handle's routines",
    "C-071 C-072 C-075 devices are selected by a handle's routines",
    "C-059 C-066 C-067 a SELECT waits its turn",
]
DEVICES = [
    "C-111 a device is for one handle alone",
    "C-124 C-126 C-130 a LOCK keeps the port until its UNLOCK",
    "C-129 a LOCK in line is cancelled",
    "C-156 a WRITE at work is cancelled, with an exact count",
    "who is put out of the port has no device either",
    "C-153 C-161 bytes of a device have their limit",
    "C-163 C-167 a device says its id and place",
    "C-181 C-182 a device knows its own codes",
    "a device's handle holds no port",
]


def run(service, name):
    """What served_library said of the case NAME."""
    done = subprocess.run(
        [PROGRAM, name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=LIMIT_S, env={**os.environ, "OPENPARPORT_MOUNT": str(service.mount),
                              "OPP_TEST_SERVICE": str(service.process.pid),
                              "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    assert done.returncode == 0, done.stdout
    return done.stdout


SUBMITTED = [
    "what is submitted is granted later",
    "what is submitted is granted at once",
    "what is submitted ends at its deadline",
    "a batch that is submitted allocates the port",
    "what is submitted is done in order",
    "what is submitted without the port is refused",
    "a register access waits for what was submitted",
    "a documented request is submitted",
    "what is submitted is cancelled",
    "a kick ends what was submitted",
    "a close ends what was submitted",
    "what cannot be submitted",
    "no more is submitted than may be",
    "each is reaped once",
]

MODES = [
    "a handle goes to a mode and back",
    "a mode is left with the hold",
    "modes are the holder's",
    "a handle reads all there is",
    "a handle writes in a mode",
    "a read is submitted",
    "a read that waits is cancelled",
    "a kick ends the holder's read",
    "a device id is a text",
    "a handle selects a device of a daisy chain",
]


@pytest.mark.parametrize("name", MODES)
@case("modes by a handle on a served port")
def test_modes(serve, tmp_path, name):
    heard = tmp_path / "input"
    heard.write_bytes(bytes(at * 7 % 251 for at in range(20000)))
    service = serve({"chip": "ecp", "modes": "nibble byte ecp", "daisy": 2,
                     "daisy1_id": "MFG:Second;MDL:Device;", "input": str(heard)})
    assert f"ok 1 - {name}" in run(service, name)


EVENTS = [
    "events are told in order",
    "each who listens reads all events",
    "who does not read loses events, and is told",
]


@pytest.mark.parametrize("name", EVENTS)
@case("events by a handle on a served port")
def test_events(serve, name):
    assert f"ok 1 - {name}" in run(serve(), name)


@pytest.mark.parametrize("name", CASES + SUBMITTED)
@case("a handle on a served port")
def test_handle(serve, name):
    service = serve({"busy_every_bytes": 10, "busy_extra_us": 60000000})
    assert f"ok 1 - {name}" in run(service, name)
    if name in (DIES, DIES_TOO):
        service.kill()


@pytest.mark.parametrize("name", CONTROLS)
@case("a documented request to a served port")
def test_control(serve, name):
    service = serve({"chip": "ecp", "daisy": 2})
    assert f"ok 1 - {name}" in run(service, name)


@pytest.mark.parametrize("name", DEVICES)
@case("a device of a served port")
def test_device(serve, name):
    service = serve({"modes": "nibble", "daisy": 2, "daisy0_id": "MFG:First;MDL:Zero;",
                     "busy_every_bytes": 10, "busy_extra_us": 60000000})
    assert f"ok 1 - {name}" in run(service, name)
