# SPDX-License-Identifier: MIT
"""PC-BASIC prints by the lines of a port that others print on by jobs."""

import pytest

from afterwards import at_rest, wait_for
from commands import parport, simulate, status

case = pytest.mark.case

# To PC-BASIC, LPT1 is eight data lines: LPRINT sets them, the strobe is the program's business.
# Of the control register's bits it makes levels: with 7, nStrobe, nAutoFd and nInit are high.
PROGRAM = """\
10 WIDTH "LPT1:",255:OUT &H37A,7
20 FOR I=1 TO {count}
30 READ B:LPRINT CHR$(B);:OUT &H37A,6:OUT &H37A,7
40 NEXT
50 SYSTEM
{data}
"""


def program(text):
    data = "\n".join(f"{100 + place} DATA {byte}" for place, byte in enumerate(text))
    return PROGRAM.format(count=len(text), data=data)


@pytest.fixture
def basic(start, tmp_path):
    """basic(service, name, bytes): PC-BASIC prints them with a program of its own."""

    def run(service, name, text):
        source = tmp_path / f"{name}.bas"
        source.write_text(program(text))
        return start(["env", f"HOME={tmp_path}", "pcbasic", source, "--interface=none",
                      f"--lpt1=PARPORT:{service.node('parport0')}"])

    return run


@pytest.fixture
def job(start, tmp_path):
    """job(service, name, bytes): a job that prints them."""

    def run(service, name, text):
        (tmp_path / name).write_bytes(text)
        return start(parport(service, "print", tmp_path / name))

    return run


def in_line(service):
    """Whose turn at the port will come, and how many jobs are behind the one that is printed."""
    told = status(service)
    return [who["pid"] for who in told["waiting"]], told["jobs_behind"]


@case("PC-BASIC prints through LPT1:=PARPORT in turn with jobs, each page byte exact")
def test_in_turn(serve, basic, job, chance, tmp_path):
    service = serve(parport0={"exclusive": "wait", "off_line": True})
    sizes = [(100000, 200000), (200, 400), (200, 400), (1, 5000), (1, 5000)]
    texts = [chance.randbytes(chance.randint(*size)) for size in sizes]
    jobs = [job(service, "job0", texts[0])]
    wait_for(lambda: (status(service)["holder"] or {}).get("pid") == jobs[0].pid)
    jobs += [job(service, "job1", texts[3])]
    wait_for(lambda: in_line(service) == ([], 1))
    basics = [basic(service, "one", texts[1])]
    wait_for(lambda: in_line(service) == ([basics[0].pid], 1))
    basics += [basic(service, "two", texts[2])]
    wait_for(lambda: in_line(service) == ([program.pid for program in basics], 1))
    jobs += [job(service, "job2", texts[4])]
    wait_for(lambda: in_line(service) == ([program.pid for program in basics], 2))
    simulate(service, "off_line=no")
    page = tmp_path / "page"
    wait_for(lambda: page.exists() and page.stat().st_size >= sum(map(len, texts)))
    for program in jobs + basics:
        said, _ = program.communicate(timeout=60)
        assert program.returncode == 0, said
    assert page.read_bytes() == b"".join(texts)
    assert at_rest(service)
