# SPDX-License-Identifier: MIT
"""CUPS' backend for parallel printers, without a scheduler."""

import re
import subprocess

import pytest

from afterwards import at_rest, wait_for
from commands import simulate

case = pytest.mark.case

BACKEND = "/usr/lib/cups/backend/parallel"
CONNECTED = ["+connecting-to-device", "-connecting-to-device"]
READY = ["-media-empty-warning", "-offline-report"]	# told with the first bytes that are taken


class Job:
    """The backend at work, with its argv as CUPS has it."""

    def __init__(self, start, service, log, *copies_and_file):
        self.log = log
        copies, *file = copies_and_file or ["1"]
        argv = ["env", f"DEVICE_URI=parallel:{service.node('lpt1')}", BACKEND, "7", "somebody",
                "title", copies, "", *file]
        with log.open("wb") as stderr:
            self.program = start(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 stderr=stderr, text=False)

    def feed(self, data):
        self.program.stdin.write(data)
        self.program.stdin.flush()

    def said(self, kind):
        """What it has said so far in lines of this kind: STATE, PAGE, ERROR, DEBUG."""
        return re.findall(f"^{kind}: (.*)$", self.log.read_text(), re.MULTILINE)

    def leave(self):
        """Nothing more is to be printed; its exit status."""
        self.program.stdin.close()
        return self.program.wait(60)


@pytest.fixture
def backend(start, tmp_path):
    """backend(service, [copies, file]) starts a job; without a file it prints what it is fed."""
    jobs = []

    def begin(service, *copies_and_file):
        jobs.append(Job(start, service, tmp_path / f"said{len(jobs)}", *copies_and_file))
        return jobs[-1]

    return begin


@pytest.fixture
def page(tmp_path):
    return tmp_path / "page"


@pytest.fixture
def document(chance, tmp_path):
    path = tmp_path / "document"
    path.write_bytes(chance.randbytes(20000))
    return path


def printed(page):
    return page.read_bytes() if page.exists() else b""


@case("CUPS' parallel backend prints two copies of a random file byte exact")
def test_file(serve, backend, page, document):
    service = serve(parport0={})
    job = backend(service, "2", document)
    assert job.leave() == 0
    wait_for(lambda: printed(page) == document.read_bytes() * 2)
    assert job.said("STATE") == CONNECTED + READY + READY
    assert job.said("PAGE") == ["1 1"] * 2
    assert job.said("ERROR") == []
    assert at_rest(service)


@case("CUPS' parallel backend tells when a fault in mid-page begins and ends; no byte is lost")
@pytest.mark.parametrize("fault, reason", [("paper_out", "media-empty-warning"),
                                           ("off_line", "offline-report")],
                         ids=["paper out", "off-line"])
def test_fault(serve, backend, page, document, fault, reason):
    service = serve(parport0={"characters_per_second": 1000, "fault_timeout": "1 s"})
    job = backend(service, "1", document)
    wait_for(lambda: len(printed(page)) > 500)
    simulate(service, f"{fault}=yes")
    wait_for(lambda: f"+{reason}" in job.said("STATE"))
    assert len(printed(page)) < document.stat().st_size
    simulate(service, f"{fault}=no", "characters_per_second=0")
    assert job.leave() == 0
    wait_for(lambda: printed(page) == document.read_bytes())
    assert job.said("STATE") == CONNECTED + READY + [f"+{reason}", f"-{reason}"]
    assert at_rest(service)


@case("CUPS' parallel backend gives a job up when the printer reports another error, and says so")
def test_error(serve, backend, page, document):
    service = serve(parport0={"error": True, "fault_timeout": "100 ms"})
    job = backend(service, "1", document)
    assert job.leave() == 0
    assert job.said("ERROR") == ["Unable to write print data: Input/output error"]
    assert printed(page) == b""
    assert at_rest(service)


@case("CUPS' parallel backend waits while another job is printed, then prints its own")
def test_two_jobs(serve, backend, page):
    service = serve(parport0={})
    first, second = backend(service), backend(service)
    first.feed(b"first ")
    wait_for(lambda: printed(page) == b"first ")
    second.feed(b"second")
    wait_for(lambda: second.said("DEBUG") == ["Read 6 bytes of print data."])
    first.feed(b"and last ")
    wait_for(lambda: printed(page) == b"first and last ")
    assert first.leave() == 0
    assert second.leave() == 0
    wait_for(lambda: printed(page) == b"first and last second")
    assert at_rest(service)


@case("CUPS' parallel backend finds the printer, its make and its model")
def test_list_id(serve, said_on_parport0, chance):
    model = f"Matrix {chance.randint(1, 99999)}"
    device_id = f"MFG:Fourth;MDL:{model};CLS:PRINTER;"
    service = serve(parport0={"modes": "nibble", "id": device_id})
    assert said_on_parport0(service, [BACKEND]) == (
        f'direct parallel:/dev/lp0 "Fourth {model}" "Fourth {model} LPT #1" "{device_id}" ""\n')
    assert at_rest(service)


@case("CUPS' parallel backend lists a printer that has no device id, too")
def test_list_unknown(serve, said_on_parport0):
    service = serve(parport0={})
    assert said_on_parport0(service, [BACKEND]) == (
        'direct parallel:/dev/lp0 "unknown" "LPT #1" "" ""\n')
    assert at_rest(service)
