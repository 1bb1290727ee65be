# SPDX-License-Identifier: MIT
"""The first fault of a write is kept: in the status, in the command's words and in the event log."""

import errno
import os

import pytest

import command
from clients import events

case = pytest.mark.case

PERROR, NFAULT = 0x20, 0x08


@case("P-054 the first fault of a write is shown by parport status and told in the event log")
def test_fault_is_shown(serve):
    service = serve({"paper_out": True, "fault_timeout": "100 ms", "scan": False})
    assert command.facts("status", "lpt1", mount=service.mount)[0]["fault"] is None
    job = os.open(service.node("lpt1"), os.O_WRONLY)
    with pytest.raises(OSError) as failed:
        os.write(job, b"page")
    os.close(job)
    assert failed.value.errno == errno.ENOSPC

    fault = command.facts("status", "lpt1", mount=service.mount)[0]["fault"]
    assert fault["what"] == "the device is out of paper"
    assert fault["status_lines"] & PERROR and not fault["status_lines"] & NFAULT
    text = command.run("status", "lpt1", mount=service.mount).stdout
    assert "last fault: the device is out of paper, in compatibility mode" in text

    def told():
        return [event for event in events(service.events) if event["event"] == "transferred"]

    command.wait_until(told, "the log has the transfer")
    assert told()[0]["fault"] == "the device is out of paper"
    assert told()[0]["status_lines"] == fault["status_lines"]
