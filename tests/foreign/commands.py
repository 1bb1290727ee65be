# SPDX-License-Identifier: MIT
"""The command parport beside a program of somebody else."""

import json
import subprocess

from lib import paths

PARPORT = paths.BUILD / "src" / "front" / "cli" / "parport"


def parport(service, *words):
    """The argv of the command on this service."""
    return ["env", f"OPENPARPORT_MOUNT={service.mount}", PARPORT, *words]


def simulate(service, *settings):
    """Changes what is plugged in, or its faults."""
    subprocess.run(parport(service, "sim", "set", "lpt1", *settings), check=True, timeout=20)


def status(service):
    """What the command tells of the port, as JSON."""
    said = subprocess.run(parport(service, "status", "--json", "lpt1"), check=True, timeout=20,
                          stdout=subprocess.PIPE).stdout
    return json.loads(said)[0]
