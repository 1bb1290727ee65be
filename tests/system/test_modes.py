# SPDX-License-Identifier: MIT
"""IEEE 1284 through parport0: modes negotiated, bytes both ways, and what Linux's ppdev makes of it."""

import os
import pathlib
import random
import re
import signal
import struct

import pytest

import command
from clients import wait_until, wait_until_free
from lib.ioctls import OWN_STATUS, STATUS, STATUS_BYTES, File
from ppdev import (ADDR, BYTE, CLAIM, COMPAT, DEVICEID, ECP, ECPRLE, ECPSWE, EPP, EPPSL, EPPSWE,
                   EXT_LINK, GETMODE, GETMODES, GETPHASE, NEGOT, NIBBLE, RCONTROL, RELEASE,
                   RSTATUS, SETMODE, SETTIME64, WCONTROL, WDATA, ask, byte, errno_of, integer, put, result)

case = pytest.mark.case

ALL_MODES = "nibble byte ecp ecp_rle epp"
SMART = {"chip": "ecp-epp", "modes": ALL_MODES}
FORWARD_IDLE, REVERSE_IDLE = 1, 5

WIRE = struct.Struct("<IBBBBIIIBBBBQ")
ID_BYTES = 4096


def own(way, number, size):
    return way << 30 | size << 16 | ord("O") << 8 | number


OWN_NEGOTIATE, OWN_CHAIN, OWN_SELECT = (own(3, n, WIRE.size) for n in (9, 10, 11))
OWN_DEVICE_ID = own(2, 12, WIRE.size + ID_BYTES)
OWN_SIM_SET, OWN_SIM_SHOW = own(3, 13, 4 + 32 + 4096 + 320), own(2, 14, 4 + 16000)
OWN_SIM_ACCESSES = own(2, 16, 8)
SUCCESS, PROTOCOL_ERROR, INVALID_PARAMETER, UNSUCCESSFUL = 0, 11, 18, 21
END_OF_CHAIN = 255


def wire(fd, number, request=0, mode=0, slot=0):
    """(error, status, count, event of the fault) of an own ioctl."""
    error, answer = ask(fd, number, WIRE.pack(0, request, mode, 0, slot, 0, 0, 0, 0, 0, 0, 0, 0))
    fields = WIRE.unpack_from(answer)
    return error, fields[0], fields[5], fields[9]


def text(count, seed):
    return random.Random(seed).randbytes(count)


@pytest.fixture
def claim():
    """claim(node, flags) opens and claims; what is opened is closed."""
    opened = []

    def start(node, flags=os.O_RDWR):
        opened.append(os.open(node, flags))
        assert result(opened[-1], CLAIM) == 0
        return opened[-1]

    yield start
    for fd in opened:
        os.close(fd)


@pytest.fixture
def talker(serve, tmp_path):
    """talker(bytes, keys...) serves a printer that has these to say; .printed is what it got."""

    def start(says=b"", **keys):
        (tmp_path / "says").write_bytes(says or b"\0")
        return serve({**SMART, "input": str(tmp_path / "says"), **keys})

    return start


def state(fd):
    return integer(fd, GETMODE), integer(fd, GETPHASE)


# ---- PPNEGOT ---------------------------------------------------------------------------------

PHASES = [(NIBBLE, REVERSE_IDLE), (BYTE, REVERSE_IDLE), (NIBBLE | DEVICEID, REVERSE_IDLE),
          (ECP, FORWARD_IDLE), (ECPRLE, FORWARD_IDLE), (ECPSWE, FORWARD_IDLE), (EPP, FORWARD_IDLE),
          (EPPSL, FORWARD_IDLE), (EPPSWE, FORWARD_IDLE)]


@pytest.mark.parametrize("mode, phase", PHASES, ids=lambda value: hex(value))
@case("PPNEGOT of a mode that the peripheral accepts is 0, stored with its phase, and left again")
def test_accepted(serve, claim, mode, phase):
    fd = claim(serve(SMART).node("parport0"))
    assert put(fd, NEGOT, mode) == 0
    assert state(fd) == (mode, phase)
    assert put(fd, NEGOT, COMPAT) == 0
    assert state(fd) == (COMPAT, FORWARD_IDLE)
    assert byte(fd, RCONTROL) == 0x0C
    assert byte(fd, RSTATUS) & 0xF8 == 0xD8


@case("PPNEGOT by extensibility link")
def test_link(serve, claim):
    fd = claim(serve(SMART).node("parport0"))
    # What the peripheral makes of the link decides; either way the port is at rest behind it.
    assert put(fd, NEGOT, EXT_LINK | BYTE) in (0, "ENXIO")
    assert put(fd, NEGOT, COMPAT) == 0
    assert byte(fd, RCONTROL) == 0x0C


@case("PPNEGOT that the peripheral refuses, the chip lacks or nobody knows is ENXIO: compatibility")
def test_refused(serve, claim):
    service = serve({"modes": "nibble"}, second={"chip": "spp", "modes": "nibble byte"})
    for name, modes in (("parport0", (BYTE, ECP, EPP, 0x12345678, 0x7E)), ("parport1", (BYTE, ECP))):
        fd = claim(service.node(name))
        for mode in modes:
            assert put(fd, NEGOT, mode) == "ENXIO", hex(mode)
            assert state(fd) == (COMPAT, FORWARD_IDLE)
            assert byte(fd, RCONTROL) == 0x0C
        assert put(fd, NEGOT, NIBBLE) == 0


@case("PPNEGOT with a peripheral that falls silent is ENXIO, the event is kept, the port works")
def test_silent(serve, claim):
    service = serve({"modes": "nibble byte", "rude": "5:never", "scan": False})
    node = service.node("parport0")
    fd = claim(node)
    assert put(fd, NEGOT, BYTE) == "ENXIO"
    assert state(fd) == (COMPAT, FORWARD_IDLE)
    fault = command.facts("status", "lpt1", mount=service.mount)[0]["fault"]
    assert fault["phase"] == "negotiation" and fault["event"] in (5, 6)
    assert put(fd, NEGOT, BYTE) == 0


@case("PPNEGOT of the mode that is stored, or one that differs in the address bit, acts on nothing")
def test_nothing_to_do(serve, claim):
    node = serve({"modes": "none"}).node("parport0")
    fd = claim(node)
    put(fd, SETMODE, ECP)
    put(fd, WDATA, 0x5A)
    with File(node) as looker:
        before = looker.pins()
        assert put(fd, NEGOT, ECP) == 0
        assert put(fd, NEGOT, ECP | ADDR) == 0
        assert integer(fd, GETMODE) == ECP | ADDR
        assert looker.pins() == before


# ---- reading ---------------------------------------------------------------------------------

def read_all(fd, count):
    """COUNT bytes in the pieces that read() makes of them."""
    whole = b""
    while len(whole) < count:
        piece = os.read(fd, count - len(whole))
        assert 0 < len(piece) <= 1024
        whole += piece
    return whole


@pytest.mark.parametrize("mode", [NIBBLE, BYTE, ECP, ECPRLE, ECPSWE], ids=hex)
@case("read() in a reverse mode brings what the peripheral says, byte for byte, and then EAGAIN")
def test_read(talker, claim, mode):
    says = text(3000, mode)
    node = talker(says).node("parport0")
    fd = claim(node)
    assert put(fd, NEGOT, mode) == 0
    assert read_all(fd, len(says)) == says
    assert integer(fd, GETMODE) == mode
    os.set_blocking(fd, False)
    assert errno_of(os.read, fd, 10) == "EAGAIN"


@case("read() in EPP is data cycles; from a peripheral that has not agreed, EIO")
def test_read_epp(talker, claim):
    says = text(64, 1)
    fd = claim(talker(says).node("parport0"))
    put(fd, SETMODE, EPP)
    assert errno_of(os.read, fd, 1) == "EIO"
    assert put(fd, NEGOT, COMPAT) == 0
    assert put(fd, NEGOT, EPP) == 0
    assert os.read(fd, 4) + os.read(fd, 1) + os.read(fd, 59) == says


@case("read() in compatibility mode goes to byte mode, or nibble mode on a port that cannot turn")
def test_read_compat(tmp_path, serve, claim):
    (tmp_path / "says").write_bytes(b"hello")
    keys = {"modes": "nibble byte", "input": str(tmp_path / "says")}
    service = serve({**keys, "chip": "ps2"}, second={**keys, "chip": "spp"})
    for name, mode in (("parport0", BYTE), ("parport1", NIBBLE)):
        fd = claim(service.node(name))
        assert os.read(fd, 100) == b"hello"
        assert integer(fd, GETMODE) == mode


@case("read() that waits is ended by a signal, and the port works on")
def test_read_interrupted(serve, client):
    reader = client(serve(SMART).node("parport0"))
    assert reader.do("handle plain") == "ok"
    assert reader.do("claim") == "ok"
    assert reader.do("negotiate 0") == "ok"
    reader.send("read 5")
    # Asleep in read(), number 0, and not of its standard input, descriptor 0.
    wait_until(lambda: re.match(r"0 0x[1-9a-f]", pathlib.Path(f"/proc/{reader.pid}/syscall")
                                .read_text()), "the read waits")
    reader.signal(signal.SIGUSR1)
    assert reader.answer() == "EINTR"
    assert reader.do("negotiate 1") == "ok"


# ---- writing ---------------------------------------------------------------------------------

@pytest.mark.parametrize("mode", [ECP, ECPRLE, ECPSWE, EPP, EPPSWE], ids=hex)
@case("write() in a forward mode reaches the printer, byte for byte")
def test_write(talker, claim, mode):
    page = text(5000, mode) + bytes(300)
    service = talker()
    fd = claim(service.node("parport0"))
    assert put(fd, NEGOT, mode) == 0
    sent = 0
    while sent < len(page):
        sent += os.write(fd, page[sent:])
    assert integer(fd, GETMODE) == mode
    os.close(os.dup(fd))
    assert put(fd, NEGOT, COMPAT) == 0
    wait_until(lambda: service.printed.read_bytes() == page, "the page printed")


@pytest.mark.parametrize("mode", [NIBBLE, BYTE], ids=hex)
@case("write() in a reverse mode that is negotiated goes back to compatibility mode and prints")
def test_write_falls_back(talker, claim, mode):
    service = talker()
    fd = claim(service.node("parport0"))
    assert put(fd, NEGOT, mode) == 0
    assert os.write(fd, b"abc") == 3
    assert state(fd) == (COMPAT, FORWARD_IDLE)
    wait_until(lambda: service.printed.read_bytes() == b"abc", "printed")


def negotiate_by_registers(fd, request):
    """Events 0 to 6, as a guest's own driver does them."""
    put(fd, WDATA, request)
    for control, n_ack in ((0x06, 0), (0x07, 0), (0x04, 0x40)):
        put(fd, WCONTROL, control)
        wait_until(lambda: byte(fd, RSTATUS) & 0x40 == n_ack, "nAck")


@case("EPP that is only set: what QEMU makes of a guest that has negotiated by the registers")
def test_epp_unasked(serve, claim):
    service = serve({"chip": "epp", "modes": "epp"})
    node = service.node("parport0")
    fd = claim(node)
    negotiate_by_registers(fd, EPP)
    put(fd, SETMODE, EPP | ADDR)
    assert os.write(fd, b"\x2a") == 1
    assert os.read(fd, 1) == b"\x2a"
    put(fd, SETMODE, EPP)
    for piece in (b"a", b"bc", b"defg"):
        assert os.write(fd, piece) == len(piece)
    assert result(fd, RELEASE) == 0
    wait_until_free(node)
    wait_until(lambda: service.printed.read_bytes() == b"abcdefg", "printed")


@case("a mode in which ppdev moves nothing is EINVAL; one that nobody agrees to EIO")
def test_no_such_mode(serve, claim):
    fd = claim(serve({"modes": "none"}).node("parport0"))
    for mode in (EPPSL, 0x200, EXT_LINK, 0x12345678):
        put(fd, SETMODE, mode)
        assert errno_of(os.write, fd, b"x") == "EINVAL"
        assert errno_of(os.read, fd, 1) == "EINVAL"
    put(fd, SETMODE, ECP)
    assert errno_of(os.write, fd, b"x") == "EIO"


@case("what was agreed on is the file's: after PPRELEASE and PPCLAIM its mode is found again")
def test_kept(talker, claim):
    says = b"what it says"
    service = talker(says)
    node = service.node("parport0")
    fd = claim(node)
    for mode in (ECP, EPP):
        assert put(fd, NEGOT, mode) == 0
        assert os.write(fd, b"before ") == 7
        assert result(fd, RELEASE) == 0
        other = os.open(node, os.O_RDWR)
        assert result(other, CLAIM) == 0
        # Nobody finds another one's mode on the wire.
        assert state(other) == (COMPAT, FORWARD_IDLE)
        assert byte(other, RSTATUS) & 0xF8 == 0xD8
        assert os.write(other, b"between ") == 8
        os.close(other)
        wait_until_free(node)
        assert result(fd, CLAIM) == 0
        assert integer(fd, GETMODE) == mode
        assert os.write(fd, b"after ") == 6
    assert put(fd, NEGOT, COMPAT) == 0
    wait_until(lambda: service.printed.read_bytes() == b"before between after " * 2, "printed")


@case("the time-out of PPSETTIME ends a write in ECP with the bytes that went")
def test_write_time_out(serve, claim):
    service = serve({**SMART, "chip": "ps2", "rude": "35+:never"})
    fd = claim(service.node("parport0"))
    assert put(fd, NEGOT, ECP) == 0
    assert result(fd, SETTIME64, struct.pack("<qq", 0, 20000)) == 0
    assert os.write(fd, b"abc") in (0, 1)
    assert put(fd, NEGOT, COMPAT) == 0


@pytest.mark.parametrize("chip, modes", [("spp", 0x41), ("ps2", 0x43), ("epp", 0x47),
                                         ("ecp", 0x5B), ("ecp-epp", 0x5F)])
@case("PPGETMODES says what the chip can: TRISTATE, EPP, ECP and COMPAT")
def test_get_modes(serve, chip, modes):
    with File(serve({"chip": chip}).node("parport0")) as file:
        assert integer(file.fd, GETMODES) == modes


# ---- clients that leave ----------------------------------------------------------------------

@pytest.mark.parametrize("mode", [BYTE, ECP, EPP], ids=hex)
@case("who is killed in the middle of a negotiation leaves the port to the next, at rest")
def test_killed(serve, client, claim, mode):
    service = serve({**SMART, "response_us": 30000})
    node = service.node("parport0")
    for _ in range(3):
        holder = client(node)
        assert holder.do("claim") == "ok"
        holder.send(f"negotiate {mode:x}")
        with File(node) as looker:
            wait_until(lambda: looker.pins()[2] != 0x0B, "the negotiation has begun")
        holder.end()
        wait_until_free(node)
    fd = claim(node)
    assert state(fd) == (COMPAT, FORWARD_IDLE)
    assert put(fd, NEGOT, mode) == 0
    assert put(fd, NEGOT, COMPAT) == 0


# ---- the service's own ioctls ----------------------------------------------------------------

@case("the own ioctls on the wire need the claim, and refuse modes that are none")
def test_own_refusals(serve, claim):
    node = serve(SMART).node("parport0")
    with File(node) as file:
        for number in (OWN_NEGOTIATE, OWN_CHAIN, OWN_SELECT, OWN_DEVICE_ID):
            assert result(file.fd, number) == "EINVAL"
    fd = claim(node)
    assert result(fd, OWN_SELECT, WIRE.pack(0, 0, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) == "EINVAL"
    assert wire(fd, OWN_SELECT, slot=4)[:2] == (0, INVALID_PARAMETER)
    assert wire(fd, OWN_NEGOTIATE, request=0x7E)[:2] == (0, INVALID_PARAMETER)
    assert wire(fd, OWN_SELECT, slot=0)[:2] == (0, UNSUCCESSFUL)
    for wrong in (own(3, 9, 4), own(1, 9, WIRE.size), own(2, 12, 8), own(0, 10, 0)):
        assert result(fd, wrong) == "EINVAL", hex(wrong)


@case("OPP_IOC_NEGOTIATE: read() and write() go on in the mode; a silent peripheral, the event")
def test_own_negotiate(talker, claim):
    service = talker(b"abc")
    fd = claim(service.node("parport0"))
    assert wire(fd, OWN_NEGOTIATE, request=ECP)[:2] == (0, SUCCESS)
    assert integer(fd, GETMODE) == ECP
    assert os.read(fd, 3) == b"abc"
    assert sim_set(fd, "rude", "5:never")[0] == SUCCESS
    error, status, _, event = wire(fd, OWN_NEGOTIATE, request=BYTE)
    assert (error, status) == (0, PROTOCOL_ERROR) and event in (5, 6)
    assert integer(fd, GETMODE) == COMPAT


@case("OPP_IOC_CHAIN and SELECT: every device of the chain tells its own id, the last one too")
def test_own_chain(serve, claim):
    fd = claim(serve({"daisy": 2, "modes": "nibble", "daisy0_id": "MFG:A;MDL:0;",
                      "daisy1_id": "MFG:B;MDL:1;", "id": "MFG:C;MDL:2;"}).node("parport0"))
    assert wire(fd, OWN_CHAIN)[:3] == (0, SUCCESS, 2)
    for slot, told in ((0, b"MFG:A;MDL:0;"), (1, b"MFG:B;MDL:1;"), (END_OF_CHAIN, b"MFG:C;MDL:2;")):
        assert wire(fd, OWN_SELECT, slot=slot)[:2] == (0, SUCCESS)
        error, answer = ask(fd, OWN_DEVICE_ID)
        count = WIRE.unpack_from(answer)[5]
        assert (error, count) == (0, 2 + len(told))
        assert answer[WIRE.size:WIRE.size + count] == count.to_bytes(2, "big") + told
        assert not any(answer[WIRE.size + count:])


# ---- the simulation while it runs ------------------------------------------------------------

def sim_set(fd, key, value):
    """(status, why)."""
    given = struct.pack("<I32s4096s320s", 0, key.encode(), value.encode(), b"")
    error, answer = ask(fd, OWN_SIM_SET, given)
    assert error == 0
    fields = struct.unpack("<I32s4096s320s", answer)
    return fields[0], fields[3].rstrip(b"\0").decode()


@case("OPP_IOC_SIM_SET and SHOW: what is set is shown; a wrong value is explained, no text refused")
def test_sim(serve):
    with File(serve().node("parport0")) as file:
        assert sim_set(file.fd, "paper_out", "yes") == (SUCCESS, "")
        length, shown = struct.unpack("<I16000s", ask(file.fd, OWN_SIM_SHOW)[1])
        assert "paper_out = yes" in shown[:length].decode().splitlines()
        assert not any(shown[length:])
        status, why = sim_set(file.fd, "peripheral", "toaster")
        assert status == INVALID_PARAMETER and "toaster" in why and "printer" in why
        assert result(file.fd, OWN_SIM_SET, b"x" * (4 + 32 + 4096 + 320)) == "EINVAL"


@case("OPP_IOC_SIM_ACCESSES counts each access of a client to the chip's registers once")
def test_sim_accesses(serve, claim):
    def accesses():
        return struct.unpack("<Q", ask(fd, OWN_SIM_ACCESSES)[1])[0]

    fd = claim(serve().node("parport0"))
    before = accesses()
    assert accesses() == before
    for number in range(10):
        assert result(fd, WDATA, bytes([number])) == 0
        byte(fd, RSTATUS)
    assert accesses() == before + 20


@case("a key of the chip is refused while somebody holds the port, and acts when it is free")
def test_sim_chip(serve, claim):
    node = serve().node("parport0")
    fd = claim(node)
    assert sim_set(fd, "chip", "epp")[0] != SUCCESS
    assert integer(fd, GETMODES) == 0x43
    assert result(fd, RELEASE) == 0
    wait_until_free(node)
    assert sim_set(fd, "chip", "epp") == (SUCCESS, "")
    assert integer(fd, GETMODES) == 0x47


@case("the first fault's phase and event are in OPP_IOC_STATUS")
def test_fault_in_status(serve, claim):
    fd = claim(serve({"modes": "none"}).node("parport0"))
    assert put(fd, NEGOT, NIBBLE) == "EIO"
    whole = ask(fd, OWN_STATUS, bytes(STATUS_BYTES))[1]
    phase, event = STATUS.unpack_from(whole)[14:16]
    assert (phase, event) == (1, 2)
