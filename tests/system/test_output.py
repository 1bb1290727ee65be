# SPDX-License-Identifier: MIT
"""The file below a simulated printer: what users see while it cannot be written."""

import errno
import os

import pytest

from clients import wait_until

case = pytest.mark.case


@case("a page outlasts its reader: fsync fails, the service says why, the next reader gets it")
def test_reader_left(serve, tmp_path):
    paper = tmp_path / "paper"
    os.mkfifo(paper)
    reader = os.open(paper, os.O_RDONLY | os.O_NONBLOCK)
    service = serve({"output": str(paper), "fault_timeout": "100 ms"})
    os.close(reader)
    job = os.open(service.node("lpt1"), os.O_WRONLY)
    assert os.write(job, b"page") == 4
    with pytest.raises(OSError) as failed:
        os.fsync(job)
    assert failed.value.errno == errno.ETIMEDOUT
    wait_until(lambda: f"{paper}: Broken pipe" in service.said(), "the service says why")

    reader = os.open(paper, os.O_RDONLY | os.O_NONBLOCK)

    def written():
        try:
            os.fsync(job)
        except OSError:
            return False
        return True

    wait_until(written, "the page is written")
    assert os.read(reader, 100) == b"page"
    assert os.write(job, b"more") == 4
    os.fsync(job)
    assert os.read(reader, 100) == b"more"
    os.close(job)
    os.close(reader)


@case("nobody waits for the file of another port, and the service ends in time")
def test_stuck_output(serve, tmp_path):
    paper = tmp_path / "paper"
    os.mkfifo(paper)
    reader = os.open(paper, os.O_RDONLY | os.O_NONBLOCK)
    service = serve({"output": str(paper), "fault_timeout": "100 ms"})
    job = os.open(service.node("lpt1"), os.O_WRONLY)
    with pytest.raises(OSError) as failed:
        while True:
            os.write(job, bytes(65536))
    assert failed.value.errno == errno.ETIMEDOUT
    os.close(job)
    assert service.stop() == 0
    assert f"{paper}: " in service.said() and "printed bytes were not written" in service.said()
    os.close(reader)
