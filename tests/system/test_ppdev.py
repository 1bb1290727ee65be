# SPDX-License-Identifier: MIT
"""parport0 answers as Linux's ppdev does: every code, row by row of what was measured there."""

import ctypes
import errno
import fcntl
import os
import pathlib
import select
import struct
import subprocess
import threading

import pytest

from clients import wait_until, wait_until_free
from lib.ioctls import File
from ppdev import (BECP, BYTE, CLAIM, CLRIRQ, COMPAT, DATADIR, ECP, EPP, EXCL, FCONTROL, GETFLAGS,
                   GETMODE, GETMODES, GETPHASE, GETTIME32, GETTIME64, NEGOT, NIBBLE, RCONTROL,
                   RDATA, RELEASE, RSTATUS, SETFLAGS, SETMODE, SETPHASE, SETTIME32, SETTIME64,
                   WCONTROL, WCTLONIRQ, WDATA, YIELD, ask, byte, code, errno_of, integer, put,
                   result)

case = pytest.mark.case

NEEDS_CLAIM = {
    "PPYIELD": YIELD, "PPRELEASE": RELEASE, "PPRSTATUS": RSTATUS, "PPRCONTROL": RCONTROL,
    "PPRDATA": RDATA, "PPWCONTROL": WCONTROL, "PPWDATA": WDATA, "PPFCONTROL": FCONTROL,
    "PPDATADIR": DATADIR, "PPNEGOT": NEGOT, "PPWCTLONIRQ": WCTLONIRQ, "PPCLRIRQ": CLRIRQ,
    "PPGETTIME32": GETTIME32, "PPSETTIME32": SETTIME32, "PPGETTIME64": GETTIME64,
    "PPSETTIME64": SETTIME64,
}
NEEDS_NONE = {"PPSETMODE": SETMODE, "PPGETMODE": GETMODE, "PPSETPHASE": SETPHASE,
              "PPGETPHASE": GETPHASE, "PPSETFLAGS": SETFLAGS, "PPGETFLAGS": GETFLAGS,
              "PPGETMODES": GETMODES}


@pytest.fixture
def node(serve):
    return serve().node("parport0")


@pytest.fixture
def port(node):
    """An open file; the fixture closes it."""
    fd = os.open(node, os.O_RDWR)
    yield fd
    os.close(fd)


@pytest.fixture
def claimed(port):
    assert result(port, CLAIM) == 0
    return port


@pytest.mark.parametrize("name", NEEDS_CLAIM)
@case("before the claim and after the release it is EINVAL")
def test_needs_claim(port, name):
    assert result(port, NEEDS_CLAIM[name], struct.pack("<qq", 1, 0)) == "EINVAL"
    assert result(port, CLAIM) == 0
    assert result(port, NEEDS_CLAIM[name], struct.pack("<qq", 1, 0)) == \
        ("EIO" if name == "PPNEGOT" else 0)
    result(port, RELEASE)
    assert result(port, NEEDS_CLAIM[name], struct.pack("<qq", 1, 0)) == "EINVAL"


@pytest.mark.parametrize("name", NEEDS_NONE)
@case("before the claim, with it and after the release it answers")
def test_needs_no_claim(port, name):
    for step in (None, CLAIM, RELEASE):
        assert step is None or result(port, step) == 0
        assert result(port, NEEDS_NONE[name], struct.pack("<i", COMPAT)) == 0


@case("PPCLAIM of what one holds and PPRELEASE of what one does not are EINVAL")
def test_claim_twice(port):
    assert result(port, RELEASE) == "EINVAL"
    assert result(port, CLAIM) == 0
    assert result(port, CLAIM) == "EINVAL"
    assert result(port, RELEASE) == 0
    assert result(port, RELEASE) == "EINVAL"


@case("any other number, direction or size is EINVAL, whoever holds the port")
def test_unknown_codes(port):
    known = {*NEEDS_CLAIM.values(), *NEEDS_NONE.values(), CLAIM, EXCL}
    for step in (None, CLAIM):
        assert step is None or result(port, step) == 0
        for number in range(0x7F, 0xA9):
            for way in range(4):
                for size in (0, 1, 2, 4, 8, 16, 1000):
                    if (unknown := code(way, number, size)) in known:
                        continue
                    if size and way == 0:
                        continue  # no code: Linux's own macros cannot make it
                    assert result(port, unknown) == "EINVAL", hex(unknown)
        for other in (0x5401, 0x5413, 0x060B, 0x0604, 0x1260, 0, 0x3FFF7081):
            assert errno_of(fcntl.ioctl, port, other, bytearray(64)) == "EINVAL", hex(other)


@case("PPEXCL is for files that have not claimed yet")
def test_exclusive(port):
    assert result(port, CLAIM) == 0
    assert result(port, EXCL) == "EINVAL"
    assert result(port, RELEASE) == 0
    assert result(port, EXCL) == "EINVAL"
    assert result(port, CLAIM) == 0


@case("PPEXCL twice before the claim is fine")
def test_exclusive_twice(port):
    assert [result(port, step) for step in (EXCL, EXCL, CLAIM)] == [0, 0, 0]


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_RDWR | os.O_EXCL,
                                   os.O_RDWR | os.O_TRUNC, os.O_RDWR | os.O_APPEND,
                                   os.O_RDWR | os.O_CREAT, os.O_RDWR | os.O_NONBLOCK])
@case("however it is opened, it may claim, write and read registers")
def test_open_flags(node, flags):
    fd = os.open(node, flags, 0o600)
    assert result(fd, CLAIM) == 0
    assert put(fd, WDATA, 0x5A) == 0
    assert byte(fd, RDATA) == 0x5A
    os.close(fd)


@case("PPGETMODES of a PS/2 port: PCSPP, TRISTATE and SAFEININT; of an SPP port no TRISTATE")
def test_modes(serve):
    service = serve(second={"chip": "spp"})
    for name, modes in (("parport0", 0x43), ("parport1", 0x41)):
        fd = os.open(service.node(name), os.O_RDWR)
        assert integer(fd, GETMODES) == modes
        os.close(fd)


@case("PPSETMODE takes anything, acts on nothing, and resets the phase: 5 for NIBBLE and BYTE")
def test_set_mode(port):
    reverse = {0, 1, 4, 5, 0x2000, 0x2001}
    for step in (None, CLAIM, RELEASE):
        assert step is None or result(port, step) == 0
        for mode in (0xFFFFFFFF, 0, 1, 2, 3, 4, 5, 8, 0x10, 0x1C, 0x30, 0x40, 0x100, 0x104, 0x200,
                     0x400, 0x800, 0x1000, 0x2000, 0x2001, 0x2040, 0x4000, 0x12345678, 1 << 31):
            assert put(port, SETMODE, mode) == 0
            assert integer(port, GETMODE) & 0xFFFFFFFF == mode
            assert integer(port, GETPHASE) == (5 if mode in reverse else 1), hex(mode)


@case("PPSETPHASE takes any number; PPSETFLAGS keeps 0x1c of it")
def test_phase_and_flags(port):
    for value in (0, 1, 5, 0x1C, 0x30, 0x12345678, 0x7FFFFFFF, -1):
        assert put(port, SETPHASE, value) == 0
        assert integer(port, GETPHASE) == value
        assert put(port, SETFLAGS, value) == 0
        assert integer(port, GETFLAGS) == value & 0x1C


@case("mode, phase, flags, control register and time-out are the file's, data is the port's")
def test_state_of_a_file(node, claimed):
    put(claimed, SETMODE, EPP)
    put(claimed, SETPHASE, 3)
    put(claimed, SETFLAGS, 8)
    put(claimed, WCONTROL, 0x06)
    put(claimed, WDATA, 0x77)
    result(claimed, SETTIME64, struct.pack("<qq", 2, 0))
    assert result(claimed, RELEASE) == 0

    other = os.open(node, os.O_RDWR)
    assert (integer(other, GETMODE), integer(other, GETPHASE), integer(other, GETFLAGS)) == \
        (COMPAT, 1, 0)
    assert result(other, CLAIM) == 0
    assert byte(other, RCONTROL) == 0x0C
    assert byte(other, RDATA) == 0x77
    assert ask(other, GETTIME64)[1] == struct.pack("<qq", 5, 0)
    os.close(other)

    wait_until_free(node)
    assert result(claimed, CLAIM) == 0
    assert (integer(claimed, GETMODE), integer(claimed, GETPHASE), integer(claimed, GETFLAGS)) == \
        (EPP, 3, 8)
    assert byte(claimed, RCONTROL) == 0x06
    assert ask(claimed, GETTIME64)[1] == struct.pack("<qq", 2, 0)


@case("the control register keeps and shows its low four bits; PPFCONTROL clears, then flips")
def test_control(claimed):
    for value in range(256):
        assert put(claimed, WCONTROL, value) == 0
        assert byte(claimed, RCONTROL) == value & 0x0F
    for mask, flips, then in ((0, 0, 0x0C), (1, 1, 0x0D), (2, 0, 0x0C), (0x0F, 0, 0),
                              (0x0F, 0x0C, 0x0C), (0, 0x0F, 0x03), (4, 8, 0), (0xFF, 0x2C, 0x0C),
                              (0xF0, 0xF0, 0x0C), (0x10, 0x10, 0x0C)):
        put(claimed, WCONTROL, 0x0C)
        assert result(claimed, FCONTROL, bytes([mask, flips])) == 0
        assert byte(claimed, RCONTROL) == then, (hex(mask), hex(flips))


@case("a write turns the data lines to outputs; they are outputs at the next claim too")
def test_direction_after_write(node, claimed):
    with File(node) as other:
        put(claimed, DATADIR, 1)
        assert other.pins()[3] == 1
        assert os.write(claimed, b"a") == 1
        assert other.pins()[3] == 0
        assert result(claimed, RELEASE) == result(claimed, CLAIM) == 0
        assert other.pins()[3] == 0


@case("PPDATADIR: any number but 0 turns the data lines, and the lines float high")
def test_direction(claimed):
    put(claimed, WDATA, 0x3C)
    for value, data in ((0, 0x3C), (1, 0xFF), (2, 0xFF), (-1, 0xFF), (256, 0xFF), (0, 0x3C)):
        assert put(claimed, DATADIR, value) == 0
        assert byte(claimed, RDATA) == data
    assert byte(claimed, RCONTROL) == 0x0C


@case("who releases with the data lines turned leaves outputs behind, and finds them turned again")
def test_direction_of_a_file(node, claimed):
    put(claimed, DATADIR, 1)
    assert result(claimed, RELEASE) == 0
    with File(node) as other:
        assert other.pins()[3] == 0
        other.call(CLAIM)
        assert put(other.fd, WDATA, 0x3C) == 0
        assert byte(other.fd, RDATA) == 0x3C
    wait_until_free(node)
    assert result(claimed, CLAIM) == 0
    assert byte(claimed, RDATA) == 0xFF


@case("PPRSTATUS of an idle printer: selected, paper, no error, not busy")
def test_status(claimed):
    assert byte(claimed, RSTATUS) & 0xF8 == 0xD8


TIMES = [(0, 0, None), (0, 1, (0, 4000)), (0, 3999, (0, 4000)), (0, 4000, (0, 4000)),
         (0, 4001, (0, 8000)), (0, 10000, (0, 12000)), (0, 999999, (1, 0)), (0, 1000000, None),
         (0, -1, None), (-1, 0, None), (-1, 999999, None), (5, 0, (5, 0)), (10, 1, (10, 4000)),
         (3600, 0, (3600, 0)), (2147483647, 0, (2147483647, 0)), (-2147483648, 0, None)]


@pytest.mark.parametrize("width, setter", [("<ii", SETTIME32), ("<qq", SETTIME64)],
                         ids=["32 bit", "64 bit"])
@case("PPSETTIME counts ticks of 4 ms, rounds up, refuses nonsense; both widths read it back")
def test_time(claimed, width, setter):
    assert ask(claimed, GETTIME32)[1] == struct.pack("<ii", 5, 0)
    for seconds, us, reads in TIMES:
        assert result(claimed, SETTIME64, struct.pack("<qq", 5, 0)) == 0
        assert result(claimed, setter, struct.pack(width, seconds, us)) == \
            (0 if reads else "EINVAL"), (seconds, us)
        reads = reads or (5, 0)
        assert ask(claimed, GETTIME32)[1] == struct.pack("<ii", *reads)
        assert ask(claimed, GETTIME64)[1] == struct.pack("<qq", *reads)


@case("a 64-bit time is not cut to 32 bits: 2 to the 32 microseconds are refused")
def test_time_wide(claimed):
    assert result(claimed, SETTIME64, struct.pack("<qq", 7, 1 << 32)) == "EINVAL"
    assert result(claimed, SETTIME64, struct.pack("<qq", (1 << 63) - 1, 0)) == "EINVAL"
    assert result(claimed, SETTIME64, struct.pack("<qq", 1 << 32, 0)) == 0
    assert ask(claimed, GETTIME64)[1] == struct.pack("<qq", 1 << 32, 0)


PROGRAM_32_BIT = r"""
#include <fcntl.h>
#include <linux/ppdev.h>
#include <stdio.h>
#include <sys/ioctl.h>
int main(int argc, char **argv)
{
	struct { int seconds, us; } narrow = { 2, 1 };
	struct { long long seconds, us; } wide = { 3, 4000 };
	int fd = open(argv[argc - 1], O_RDWR), modes = 0, failed;

	failed = ioctl(fd, PPGETMODES, &modes) || ioctl(fd, PPCLAIM);
	failed |= ioctl(fd, _IOW('p', 0x96, narrow), &narrow) || ioctl(fd, _IOR('p', 0x95, narrow), &narrow);
	printf("%d %d:%d %d ", (int)sizeof(long), narrow.seconds, narrow.us, modes);
	failed |= ioctl(fd, _IOW('p', 0x96, wide), &wide) || ioctl(fd, _IOR('p', 0x95, wide), &wide);
	printf("%d:%d\n", (int)wide.seconds, (int)wide.us);
	return failed;
}
"""


@case("a 32-bit program sets and reads both widths of time")
def test_32_bit_program(node, tmp_path):
    (tmp_path / "program.c").write_text(PROGRAM_32_BIT)
    subprocess.run(["gcc", "-m32", "-o", str(tmp_path / "program"), str(tmp_path / "program.c")],
                   check=True, timeout=60)
    done = subprocess.run([str(tmp_path / "program"), str(node)], stdout=subprocess.PIPE,
                          text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "4 2:4000 67 3:4000\n")


@case("a write resets the time-out to its value at the claim")
def test_time_after_write(claimed):
    assert result(claimed, SETTIME64, struct.pack("<qq", 2, 0)) == 0
    assert os.write(claimed, b"x") == 1
    assert ask(claimed, GETTIME64)[1] == struct.pack("<qq", 5, 0)


@case("PPNEGOT with a printer that knows compatibility mode only: EIO, mode and lines at rest")
def test_negotiate(claimed):
    for mode in (NIBBLE, 4, BYTE, ECP, 0x30, 0x400, EPP, 0x800, 0x1000, 0x4000, 0x12345678, -1):
        assert put(claimed, NEGOT, mode) == "EIO", hex(mode)
        assert (integer(claimed, GETMODE), integer(claimed, GETPHASE)) == (COMPAT, 1)
        assert byte(claimed, RCONTROL) == 0x0C
    assert put(claimed, NEGOT, COMPAT) == 0
    # Linux says ENOSYS here; FUSE turns that into ENOTTY.
    assert put(claimed, NEGOT, BECP) == "ENOTTY"


@case("write and read need the claim")
def test_transfers_need_claim(port):
    for step in (None, CLAIM, RELEASE):
        assert step is None or result(port, step) == 0
        held = step == CLAIM
        assert errno_of(os.write, port, b"x") == (0 if held else "EINVAL")
        assert errno_of(os.write, port, b"x" * 10000) == (0 if held else "EINVAL")
        assert errno_of(os.read, port, 1) == ("EIO" if held else "EINVAL")


@case("write moves the bytes to the printer, in order, and says how many")
def test_write(serve):
    service = serve()
    page = bytes(range(256)) * 300
    fd = os.open(service.node("parport0"), os.O_RDWR)
    assert result(fd, CLAIM) == 0
    assert os.write(fd, page) == len(page)
    assert os.writev(fd, [b"a", b"bc"]) == 3
    os.close(fd)
    wait_until(lambda: service.printed.read_bytes() == page + b"abc", "the page printed")


@pytest.mark.parametrize("fault", ["off_line", "paper_out", "error", "powered_off"])
@case("write to a printer that takes nothing is 0 when the time-out has passed, as on Linux")
def test_write_fault(serve, fault):
    node = serve({fault: True}).node("parport0")
    for flags in (os.O_RDWR, os.O_RDWR | os.O_NONBLOCK):
        fd = os.open(node, flags)
        assert result(fd, CLAIM) == 0
        assert result(fd, SETTIME64, struct.pack("<qq", 0, 20000)) == 0
        assert os.write(fd, b"abc") == 0
        assert (integer(fd, GETMODE), byte(fd, RCONTROL)) == (COMPAT, 0x0C)
        os.close(fd)
        wait_until_free(node)


@pytest.mark.parametrize("mode", [NIBBLE, BYTE])
@case("a write in NIBBLE or BYTE falls back to compatibility; a read waits, or EAGAIN")
def test_reverse_modes(node, mode):
    fd = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    assert result(fd, CLAIM) == 0
    put(fd, SETMODE, mode)
    assert os.write(fd, b"abc") == 3
    assert (integer(fd, GETMODE), integer(fd, GETPHASE)) == (COMPAT, 1)
    put(fd, SETMODE, mode)
    assert errno_of(os.read, fd, 1) == "EAGAIN"
    assert (integer(fd, GETMODE), integer(fd, GETPHASE)) == (mode, 5)
    os.close(fd)


@case("a read that waits keeps no write of the same file from going on")
def test_write_beside_read(node):
    fd = os.open(node, os.O_RDWR)
    assert result(fd, CLAIM) == 0
    put(fd, SETMODE, NIBBLE)
    ended = []

    def read():
        ended.append(errno_of(os.read, fd, 1))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    in_read = f"0 {fd:#x} "
    wait_until(lambda: pathlib.Path(f"/proc/self/task/{reader.native_id}/syscall").read_text()
               .startswith(in_read), "the read waits")
    assert os.write(fd, b"abc") == 3
    reader.join(20)
    # Made anew after the write, it finds compatibility mode, in which nothing can be read.
    assert ended == ["EIO"]
    os.close(fd)


@case("a register call made during the file's own write waits for it and then answers")
def test_registers_behind_write(serve):
    service = serve({"characters_per_second": 2000})
    fd = os.open(service.node("parport0"), os.O_RDWR)
    assert result(fd, CLAIM) == 0
    done = []

    def write():
        done.append(os.write(fd, b"w" * 1000))

    writer = threading.Thread(target=write)
    writer.start()
    wait_until(lambda: service.printed.exists() and service.printed.stat().st_size > 10, "bytes")
    assert put(fd, WDATA, 0x42) == 0
    writer.join(20)
    assert done == [1000]
    # had it not waited, the latch would hold the last byte of the page
    assert byte(fd, RDATA) == 0x42
    assert result(fd, RELEASE) == 0
    os.close(fd)


@case("lseek is ESPIPE; fsync, fdatasync and ftruncate are EINVAL; mmap is ENODEV")
def test_file_operations(claimed):
    assert errno_of(os.lseek, claimed, 0, os.SEEK_SET) == "ESPIPE"
    assert errno_of(os.fsync, claimed) == "EINVAL"
    assert errno_of(os.fdatasync, claimed) == "EINVAL"
    assert errno_of(os.ftruncate, claimed, 0) == "EINVAL"
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    assert libc.mmap(None, 4096, 3, 1, claimed, 0) == ctypes.c_void_p(-1).value
    assert ctypes.get_errno() == errno.ENODEV


@case("a bad pointer is EFAULT and changes nothing")
def test_bad_pointers(claimed):
    libc = ctypes.CDLL(None, use_errno=True)
    for number in (WDATA, RDATA, SETMODE, GETMODE, SETTIME64, GETTIME64, FCONTROL):
        for pointer in (1, -4096):
            assert libc.ioctl(claimed, ctypes.c_ulong(number), ctypes.c_void_p(pointer)) == -1
            assert ctypes.get_errno() == errno.EFAULT
    assert integer(claimed, GETMODE) == COMPAT
    assert byte(claimed, RCONTROL) == 0x0C


@case("a dup keeps the claim when the first descriptor is closed")
def test_dup(node):
    first = os.open(node, os.O_RDWR)
    assert result(first, CLAIM) == 0
    second = os.dup(first)
    os.close(first)
    assert byte(second, RCONTROL) == 0x0C
    assert result(second, RELEASE) == 0
    os.close(second)


# ---- interrupts ----------------------------------------------------------------------------


def strobe(fd):
    """One byte by hand; the printer answers with a pulse of nAck."""
    put(fd, WDATA, 0x20)
    put(fd, WCONTROL, 0x0D)
    put(fd, WCONTROL, 0x0C)


def settle(fd):
    """Until the printer is no longer busy."""
    wait_until(lambda: byte(fd, RSTATUS) & 0x80, "the printer ready")


@case("every nAck is counted; PPCLRIRQ tells the count and clears it")
def test_interrupts_counted(claimed):
    assert integer(claimed, CLRIRQ) == 0
    for _ in range(3):
        strobe(claimed)
        settle(claimed)
    wait_until(lambda: select.select([claimed], [], [], 0)[0], "an interrupt")
    assert integer(claimed, CLRIRQ) == 3
    assert integer(claimed, CLRIRQ) == 0
    assert select.select([claimed], [claimed], [], 0) == ([], [], [])


@case("poll sleeps until an interrupt comes")
def test_poll(serve):
    node = serve({"characters_per_second": 10}).node("parport0")
    fd = os.open(node, os.O_RDWR)
    assert result(fd, CLAIM) == 0
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLOUT)
    assert poll.poll(0) == []
    strobe(fd)
    assert poll.poll(20000) == [(fd, select.POLLIN)]
    assert integer(fd, CLRIRQ) == 1
    os.close(fd)


@case("PPWCTLONIRQ writes the control register once, at the next interrupt")
def test_control_on_interrupt(claimed):
    assert put(claimed, WCTLONIRQ, 0x0E) == 0
    assert byte(claimed, RCONTROL) == 0x0C
    strobe(claimed)
    wait_until(lambda: byte(claimed, RCONTROL) == 0x0E, "the control register written")
    assert integer(claimed, CLRIRQ) == 1
    settle(claimed)
    put(claimed, WCONTROL, 0x0C)
    strobe(claimed)
    assert select.select([claimed], [], [], 20) == ([claimed], [], [])
    assert integer(claimed, CLRIRQ) == 1
    assert byte(claimed, RCONTROL) == 0x0C


@case("interrupts count for the holder only")
def test_interrupts_of_the_holder(node, claimed):
    other = os.open(node, os.O_RDWR)
    strobe(claimed)
    settle(claimed)
    assert result(claimed, RELEASE) == 0
    assert result(other, CLAIM) == 0
    assert integer(other, CLRIRQ) == 0
    os.close(other)
