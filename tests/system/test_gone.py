# SPDX-License-Identifier: MIT
"""A port whose hardware goes while it is used, and comes back."""

import json
import os

import pytest

import command
from clients import Client, events, status, wait_in_line, wait_until
from lib import ioctls

case = pytest.mark.case

REMOVED = 4


def sim_set(service, *words):
    return command.run("sim", "set", *words, mount=service.mount)


def pull_out(service, port="lpt1"):
    done = sim_set(service, port, "gone=yes")
    assert (done.returncode, done.stderr) == (0, "")


@case("C-175 a port's hardware goes: holder, waiter, printer and poller hear ENODEV, each once")
def test_goes(serve, client):
    service = serve({"characters_per_second": 100}, second={})
    other = client(service.node("parport1"))
    assert other.do("claim") == "ok"
    job = client(service.node("lpt1"), os.O_WRONLY)
    job.send("write x 1000")
    wait_until(lambda: service.printed.exists() and service.printed.stat().st_size, "some bytes")
    holder, waiter, poller = (client(service.node("parport0")) for _ in range(3))
    holder.send("claim")
    waiter.send("claim")
    wait_in_line(service.node("parport0"), 2)
    poller.send("poll 60000")
    pull_out(service)
    kind, count = job.answer().split()
    assert kind == "ok" and 0 < int(count) < 1000
    assert holder.answer() == waiter.answer() == "ENODEV" and poller.answer() == "ok 24"
    for one in (holder, waiter, poller):
        assert one.do("claim") == one.do("release") == "ENODEV"
    assert job.do("write x 1") == "ENODEV"
    assert other.do("release") == "ok"
    wait_until(lambda: "parportd: parport0: its hardware is gone" in service.said(), "told")


@case("C-178 the holder of a port that has gone hears ENODEV from every call, its release too")
def test_holder(serve, client):
    service = serve()
    holder = client(service.node("parport0"))
    assert holder.do("claim") == "ok" and holder.do("data 5a") == "ok"
    pull_out(service)
    wait_until(lambda: holder.do("data a5") == "ENODEV", "the holder's register access fails")
    assert holder.do("status") == holder.do("release") == holder.do("write x 1") == "ENODEV"
    wait_until(lambda: [event["event"] for event in events(service.events)][-1:] == ["dropped"],
               "the log tells that the hold is over")


@case("a port that has gone is listed as removed; its files can be opened, and say ENODEV")
def test_shown(serve, client):
    service = serve(second={})
    pull_out(service)
    listed = command.facts("list", mount=service.mount)
    assert [(port["port"], port["state"]) for port in listed] == \
        [("parport0", "removed"), ("parport1", "free")]
    assert command.facts("status", "lpt1", mount=service.mount)[0]["state"] == "removed"
    assert status(service.node("parport0"))["state"] == REMOVED
    late = client(service.node("parport0"))
    assert late.do("claim") == late.do("status") == "ENODEV" and late.do("poll 60000") == "ok 24"
    job = client(service.node("lpt1"), os.O_WRONLY)
    assert job.do("write x 1") == job.do("fsync") == "ENODEV"
    printed = command.run("print", "-", mount=service.mount, input="page")
    assert printed.returncode == command.REMOVED, printed.stderr
    assert sim_set(service, "lpt1", "paper_out=yes").returncode == command.REMOVED


@case("it comes back when that is told: new files work, old ones stay dead, what was set is forgotten")
def test_comes_back(serve, client):
    service = serve()
    old = client(service.node("parport0"))
    assert old.do("claim") == "ok"
    assert sim_set(service, "lpt1", "off_line=yes").returncode == 0
    for _ in range(5):
        pull_out(service)
        done = sim_set(service, "lpt1", "gone=no")
        assert (done.returncode, done.stderr) == (0, "")
        wait_until(lambda: status(service.node("parport0"))["state"] != REMOVED, "the port again")
        assert old.do("claim") == old.do("release") == "ENODEV"
        service.node("lpt1").write_bytes(b"page")
    wait_until(lambda: service.printed.read_bytes() == 5 * b"page", "five pages")
    assert client(service.node("parport0")).do("claim") == "ok"


@case("it comes back by a reload, too; one that is not named any more vanishes")
def test_reload(serve):
    service = serve(second={})
    pull_out(service, "lpt1")
    pull_out(service, "lpt2")
    service.reload()
    wait_until(lambda: status(service.node("parport0"))["state"] != REMOVED, "the port again")
    pull_out(service, "lpt2")
    service.reload({"parport0": service.ports["parport0"]})
    assert not service.node("parport1").exists() and not service.node("lpt2").exists()


@case("gone and back are events; devices depart with their port")
def test_events(serve):
    service = serve({"modes": "nibble"})
    wait_until(lambda: service.node("lpt1.4").exists(), "the printer is known")
    with open(service.node("events"), encoding="utf-8") as watch:
        pull_out(service)
        assert not service.node("lpt1.4").exists()
        told = []
        while "departed" not in told:
            told.append(json.loads(watch.readline())["event"])
        assert "gone" in told and told.index("gone") < told.index("departed")
        sim_set(service, "lpt1", "gone=no")
        while "back" not in told:
            told.append(json.loads(watch.readline())["event"])


@case("a port that is not there when the service starts is shown so")
def test_never_there(serve):
    service = serve({"gone": True})
    assert status(service.node("parport0"))["state"] == REMOVED
    assert sim_set(service, "lpt1", "gone=no").returncode == 0


@case("who may not change a simulation cannot bring a port back")
def test_not_everybody(serve, open_dir):
    service = serve()
    pull_out(service)
    user = ["setpriv", "--reuid=65534", "--regid=7", "--clear-groups"]
    one = Client(service.node("parport0"), prefix=user)
    try:
        assert one.do("simulate gone=no") == "EPERM"
        assert status(service.node("parport0"))["state"] == REMOVED
    finally:
        one.end()


@case("pulled out and plugged in again under load: every call ends, and the port is free at last")
def test_load(serve, client):
    service = serve({"characters_per_second": 50000})
    node = service.node("parport0")
    for n in range(12):
        job = client(service.node("lpt1"), os.O_WRONLY)
        holder, waiter = client(node), client(node)
        job.send("write x 4000")
        holder.send("claim")
        waiter.send("allocate 30000000")
        if n % 3 == 0:
            wait_until(lambda: status(node)["waiters"], "somebody in line")
        pull_out(service)
        answers = {holder.answer(), waiter.answer()}
        assert answers <= {"ok", "ENODEV"} and job.answer().split()[0] in ("ok", "ENODEV")
        assert sim_set(service, "lpt1", "gone=no").returncode == 0
        wait_until(lambda: status(node)["state"] != REMOVED, "the port again")
        for one in (job, holder, waiter):
            one.end()
    with ioctls.File(node) as file:
        file.call(ioctls.PPCLAIM)
