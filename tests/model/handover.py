#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the model of the hand-over: handover.py [SOURCE_DIR]"""
import pathlib
import re
import sys

from search import enumerators, names_differ, report

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent.parent
MODEL = HERE / "handover.pml"

WHOLE = [
    ("three files and two interrupts", "INTERRUPTS=2"),
    ("deferred routines and interrupts, none is forgotten", "FILES=2 INTERRUPTS=2 DEFERRED"),
    ("cancel and interrupts", "INTERRUPTS=1 CANCELS"),
    ("deadlines and interrupts", "INTERRUPTS=1 EXPIRES"),
    ("cancel and deadline of the same request", "CANCELS EXPIRES"),
    ("wire work and interrupts", "INTERRUPTS=1 WIRE"),
    ("clients that die, one while its wire work runs", "WIRE DEATHS"),
    ("a kick and wire work", "WIRE KICK"),
    ("removal and interrupts", "INTERRUPTS=1 REMOVE"),
    ("removal and cancel", "CANCELS REMOVE"),
    ("removal and wire work", "WIRE REMOVE"),
    ("holders on the wire and interrupts", "FILES=2 INTERRUPTS=1 WORKS"),
    ("a holder is kicked while on the wire", "FILES=2 WORKS KICK"),
    ("holders on the wire, wire work and removal", "WIRE WORKS REMOVE"),
    ("a loss of power and interrupts", "FILES=2 INTERRUPTS=1 POWER"),
    ("a loss of power, holders on the wire", "FILES=2 WORKS POWER"),
    ("a loss of power and removal", "FILES=2 WIRE POWER REMOVE"),
    ("a system lends the port, to another user, too", "LENDS"),
    ("a system lends the port, and interrupts", "FILES=2 INTERRUPTS=1 LENDS"),
    ("who waits for the system gives up", "FILES=2 LENDS CANCELS"),
    ("patience with the system ends", "FILES=2 LENDS EXPIRES"),
    ("a system lends the port, wire work and clients that die", "FILES=2 LENDS WIRE DEATHS"),
    ("a system lends the port to holders on the wire", "FILES=2 LENDS WORKS"),
    ("a port that is lent is removed, or gone when it is asked for", "FILES=2 LENDS LOSES REMOVE"),
    ("a port that is lent loses its power", "FILES=2 LENDS WIRE POWER"),
    ("a port that is lent is removed without power", "FILES=2 LENDS POWER REMOVE"),
]

BROKEN = [
    ("hand-over in two steps", "BROKEN_TWO_STEPS"),
    ("FREE is left by a plain store", "INTERRUPTS=1 BROKEN_PLAIN_TAKE"),
    ("the interrupt's hold is settled by a plain store", "INTERRUPTS=1 BROKEN_PLAIN_SETTLE"),
    ("a release at interrupt level is not settled", "INTERRUPTS=1 BROKEN_FREE_NOT_SETTLED"),
    ("a try in vain at interrupt level leaves nothing",
     "INTERRUPTS=2 DEFERRED BROKEN_NOTHING_LEFT_IN_VAIN"),
    ("a request is finished without asking take", "CANCELS BROKEN_NO_TAKE"),
    ("a teller says that it leaves after the lock is free", "BROKEN_TELLER_LEAVES_LATE"),
    ("a client dropped while its wire work runs is forgotten",
     "WIRE DEATHS BROKEN_DROP_FORGETS_GRANTING"),
    ("what a selection left is not undone", "WIRE BROKEN_SELECTION_NOT_LEFT"),
    ("a free port without power is free all the same", "FILES=2 POWER BROKEN_SLEEP_LEAVES_FREE"),
    ("a port is put to sleep by a plain store", "FILES=2 INTERRUPTS=1 POWER BROKEN_PLAIN_SLEEP"),
    ("the worker works without power", "FILES=2 WIRE POWER BROKEN_WORKER_HEEDS_NO_SLEEP"),
    ("the power goes before the wire is quiet", "FILES=2 WIRE POWER BROKEN_SLEEP_BEFORE_QUIET"),
    ("what was done before the power went counts", "FILES=2 WIRE POWER BROKEN_WORK_OUTLIVES_POWER"),
    ("the worker waits for no caller on the wire", "WORKS KICK BROKEN_WORKER_HEEDS_NOBODY"),
    ("a claim is handed on from holder to holder", "FILES=2 LENDS BROKEN_CLAIM_HANDED_ON"),
    ("a claim for somebody who has gone is kept",
     "FILES=2 LENDS EXPIRES BROKEN_CLAIMED_FOR_NOBODY"),
    ("who arrives at a port at rest does not ask for it", "FILES=2 LENDS BROKEN_NOT_ASKED_FOR"),
    ("the system is asked for nobody", "FILES=2 LENDS EXPIRES BROKEN_ASKS_FOR_NOBODY"),
]


def differences():
    include = SOURCE / "include" / "openparport"
    port, status = (include / "port.h").read_text(), (include / "status.h").read_text()
    flags = re.findall(r"^#define (\w+)\s+(0x\w+)u", (SOURCE / "src/core/port.c").read_text(), re.M)
    whole = {**enumerators(port, "opp_port_state"), **enumerators(port, "opp_req_state"),
             **{name: int(value, 16) for name, value in flags}}
    return names_differ(MODEL, whole, enumerators(status, "opp_status"))


if __name__ == "__main__":
    sys.exit(report(MODEL, WHOLE, BROKEN, differences(), "-O1"))
