#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the model of negotiation and termination: negotiate.py [SOURCE_DIR]"""
import pathlib
import re
import sys

from search import enumerators, names_differ, report

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent.parent
MODEL = HERE / "negotiate.pml"

WHOLE = [
    ("a peripheral that accepts all", ""),
    ("one that may refuse", "REFUSALS"),
    ("cancelled at any event", "REFUSALS CANCELS"),
    ("it stops in its tracks at any event", "REFUSALS STALLS"),
    ("it is late at any event", "REFUSALS STALLS LATE"),
    ("it is unplugged at any event", "REFUSALS VANISHES"),
    ("all of that", "REFUSALS CANCELS STALLS LATE VANISHES"),
]

BROKEN = [
    ("no answer to event 1 leaves the lines", "STALLS BROKEN_NO_ABORT"),
    ("the answer's XFlag is not looked at", "REFUSALS BROKEN_XFLAG_NOT_READ"),
    ("a refusal is not terminated by 22 to 28", "REFUSALS BROKEN_REFUSAL_NOT_TERMINATED"),
    ("a cancel is heeded while an answer is owed", "CANCELS BROKEN_CANCEL_HEEDED_AT_6"),
    ("ECP without waiting for event 31", "STALLS BROKEN_31_NOT_AWAITED"),
    ("DATA is driven before event 49", "BROKEN_DRIVES_BEFORE_49"),
    ("event 22 out of ECP reverse", "BROKEN_22_FROM_REVERSE"),
    ("event 22 in EPP", "BROKEN_22_IN_EPP"),
    ("EPP's reset is too short", "BROKEN_68_TOO_SHORT"),
    ("event 22 in two writes", "BROKEN_22_IN_TWO_WRITES"),
    ("the nAck of event 18 is taken for 24", "BROKEN_18_TAKEN_FOR_24"),
    ("an abort in two writes", "BROKEN_ABORT_IN_TWO_WRITES"),
    ("event 28 is forgotten", "BROKEN_28_FORGOTTEN"),
    ("a wait without an end", "STALLS BROKEN_WAITS_FOR_EVER"),
]


def differences():
    include = SOURCE / "include" / "openparport"
    modes, status = (include / "modes.h").read_text(), (include / "status.h").read_text()
    requests = re.findall(r"^#define (OPP_REQUEST_\w+)\s+(0x\w+)u", modes, re.M)
    return names_differ(MODEL, {**enumerators(modes, "opp_mode"), **enumerators(modes, "opp_position")},
                        {**enumerators(status, "opp_status"),
                         **{name: int(value, 16) for name, value in requests}})


if __name__ == "__main__":
    sys.exit(report(MODEL, WHOLE, BROKEN, differences(), "-O0"))
