# SPDX-License-Identifier: MIT
"""Counters of the ports: `parport status --json`, and for monitoring by HTTP on a unix socket."""

import grp
import os
import resource
import socket
import stat
import struct
import subprocess
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from clients import wait_in_line, wait_until, wait_until_free
from command import facts, run

case = pytest.mark.case

LIMIT_S = 30
LIMIT = struct.pack("ll", LIMIT_S, 0)
PORT = "openparport_port_"


def get(path, *more, target="/metrics"):
    return subprocess.run(["curl", "--silent", "--show-error", "--max-time", str(LIMIT_S),
                           "--unix-socket", str(path), *more, f"http://localhost{target}"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          timeout=2 * LIMIT_S, check=True).stdout


def families(path):
    return {family.name: family for family in text_string_to_metric_families(get(path))}


def values(path, name):
    """{port: value} of one metric; a counter's name ends in _total."""
    return {sample.labels["port"]: sample.value
            for family in families(path).values() for sample in family.samples
            if sample.name == PORT + name}


@pytest.fixture
def metered(serve, tmp_path):
    def start(*arguments, **settings):
        service = serve(*arguments, metrics=str(tmp_path / "metrics"), **settings)
        service.metrics = tmp_path / "metrics"
        return service

    return start


@case("metrics: each has help, a type and a sample of each port, by Prometheus' own parser")
def test_form(metered):
    service = metered(second={"peripheral": "none"})
    headers = get(service.metrics, "--include").split("\r\n\r\n")[0].splitlines()
    assert headers[0].split()[1] == "200"
    assert "Content-Type: text/plain; version=0.0.4; charset=utf-8" in headers
    found = families(service.metrics)
    assert found.pop("openparport_build_info").samples[0].labels["version"]
    assert len(found) == 12
    for name, family in found.items():
        assert name.startswith(PORT) and family.documentation
        assert family.type == ("counter" if f"{name}_total" in get(service.metrics) else "gauge")
        assert [sample.labels for sample in family.samples] == [{"port": "parport0"},
                                                                {"port": "parport1"}]


@case("metrics and status --json count alike: grants, waits, bytes both ways, faults, interrupts")
def test_counts(metered, client, tmp_path):
    reply = tmp_path / "reply"
    reply.write_bytes(b"answer")
    service = metered({"scan": False, "modes": "nibble", "input": str(reply),
                       "fault_timeout": "100 ms"})
    holder, waiter = (client(service.node("parport0")) for _ in range(2))
    assert holder.do("claim") == "ok"
    waiter.send("claim")
    wait_in_line(service.node("parport0"), 1)
    assert values(service.metrics, "holder") == values(service.metrics, "waiters") == {"parport0": 1}
    assert holder.do("release") == waiter.answer() == "ok"
    assert (waiter.do("negotiate 0"), waiter.do("read 6")) == ("ok", "ok 6")
    assert waiter.do("release") == "ok"
    wait_until_free(service.node("parport0"))
    service.node("lpt1").write_bytes(b"page")
    wait_until_free(service.node("parport0"))
    assert run("sim", "set", "parport0", "paper_out=yes", mount=service.mount).returncode == 0
    assert run("print", "-", input="page", mount=service.mount).returncode != 0
    wait_until_free(service.node("parport0"))
    told, = facts("status", "parport0", mount=service.mount)
    for name, key in (("allocates_total", "allocates"), ("frees_total", "frees"),
                      ("waits_total", "waits"), ("faults_total", "faults"),
                      ("interrupts_total", "interrupts"), ("written_bytes_total", "bytes_written"),
                      ("read_bytes_total", "bytes_read")):
        assert values(service.metrics, name) == {"parport0": told[key]}, name
    assert (told["waits"], told["bytes_read"], told["bytes_written"]) == (1, 6, 4)
    assert told["faults"] >= 1 and told["allocates"] == told["frees"] >= 4
    for name in ("wait", "hold"):
        assert values(service.metrics, f"longest_{name}_seconds")["parport0"] == \
            told[f"longest_{name}_us"] / 1e6 > 0


@case("metrics: other paths and methods are refused, garbage and silent clients disturb nobody")
def test_rude(metered, client):
    service = metered()
    assert "404" in get(service.metrics, "--include", target="/other").splitlines()[0]
    assert get(service.metrics, "--request", "POST", "--include", "--data", "x").split()[1] == "405"
    silent = socket.socket(socket.AF_UNIX)
    silent.connect(str(service.metrics))
    with socket.socket(socket.AF_UNIX) as rude:
        rude.connect(str(service.metrics))
        rude.sendall(b"\0\xff GET " * 2000 + b"\r\n\r\n")
    assert values(service.metrics, "waiters") == {"parport0": 0}
    silent.close()
    assert client(service.node("parport0")).do("claim") == "ok"


def descriptors(service):
    return len(os.listdir(f"/proc/{service.process.pid}/fd"))


@case("metrics: who has many connections keeps few of them, and all others are answered")
def test_many(metered):
    service = metered()
    before = descriptors(service)
    silent = []
    for _ in range(60):
        silent.append(socket.socket(socket.AF_UNIX))
        silent[-1].setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, LIMIT)
        silent[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, LIMIT)
        silent[-1].connect(str(service.metrics))
    assert values(service.metrics, "waiters") == {"parport0": 0}
    assert descriptors(service) <= before + 16
    assert silent[0].recv(1) == b""
    for one in silent:
        one.close()


@case("metrics: a request that takes for ever is ended, though it moves on")
def test_slow(metered):
    service = metered()
    ended = time.monotonic() + LIMIT_S
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(service.metrics))
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while time.monotonic() < ended:
                slow.sendall(b"G")
                time.sleep(0.1)


@case("metrics: a service out of descriptors says nothing about it, serves, and answers later")
def test_no_descriptors(metered, client):
    service = metered()
    one = client(service.node("parport0"))
    _, most = resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (3, most))
    with socket.socket(socket.AF_UNIX) as waiting:
        waiting.settimeout(LIMIT_S)
        waiting.connect(str(service.metrics))
        waiting.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        for _ in range(100):
            assert one.do("claim") == one.do("release") == "ok"
        assert service.said() == ""
        resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (1024, most))
        assert waiting.recv(12) == b"HTTP/1.1 200"


@case("metrics: HEAD has the headers alone, with the length that GET has; a query changes nothing")
def test_head(metered):
    service = metered()
    told = get(service.metrics, target="/metrics?name=x")
    head = get(service.metrics, "--head")
    assert f"Content-Length: {len(told)}" in head.splitlines()
    assert head.endswith("\n\n") and head.count("\n\n") == 1


@case("metrics: a reload gives the socket the new group and mode")
def test_reload(metered):
    service = metered()
    service.settings.update(group="adm", mode="0600")
    assert "metrics" not in service.reload()
    about = os.stat(service.metrics)
    assert (about.st_gid, stat.S_IMODE(about.st_mode)) == (grp.getgrnam("adm").gr_gid, 0o600)


@case("metrics: the socket has the ports' group and mode, goes with the service, and is taken over")
def test_socket(metered):
    service = metered()
    about = os.stat(service.metrics)
    assert stat.S_ISSOCK(about.st_mode) and stat.S_IMODE(about.st_mode) == 0o660
    assert about.st_gid == grp.getgrnam("lp").gr_gid
    service.kill()
    assert service.metrics.exists()
    service.start()
    wait_until(lambda: values(service.metrics, "waiters"), "an answer")
    assert service.stop() == 0
    assert not service.metrics.exists()


@case("metrics: what is no socket, or is listened to, stays, and the service does not start")
def test_place_taken(serve, tmp_path):
    place = tmp_path / "metrics"
    for taken in (lambda: place.write_text("mine"), lambda: listen(place)):
        kept = taken()
        service = serve(start=False, metrics=str(place))
        with pytest.raises(Exception, match="Address already in use"):
            service.start()
        assert place.exists()
        if isinstance(kept, socket.socket):
            kept.close()
        place.unlink()


def listen(place):
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(place))
    server.listen()
    return server
