# SPDX-License-Identifier: MIT
"""The codes of <linux/ppdev.h>, and what a file answers to them."""

import errno
import fcntl
import struct

READ, WRITE = 2, 1


def code(way, number, size):
    return way << 30 | size << 16 | ord("p") << 8 | number


CLAIM, RELEASE, YIELD, EXCL = (code(0, n, 0) for n in (0x8B, 0x8C, 0x8D, 0x8F))
SETMODE, GETMODE = code(WRITE, 0x80, 4), code(READ, 0x98, 4)
RSTATUS, RCONTROL, RDATA = (code(READ, n, 1) for n in (0x81, 0x83, 0x85))
WCONTROL, WDATA = code(WRITE, 0x84, 1), code(WRITE, 0x86, 1)
FCONTROL, DATADIR = code(WRITE, 0x8E, 2), code(WRITE, 0x90, 4)
NEGOT, WCTLONIRQ, CLRIRQ = code(WRITE, 0x91, 4), code(WRITE, 0x92, 1), code(READ, 0x93, 4)
SETPHASE, GETPHASE = code(WRITE, 0x94, 4), code(READ, 0x99, 4)
GETTIME32, SETTIME32 = code(READ, 0x95, 8), code(WRITE, 0x96, 8)
GETTIME64, SETTIME64 = code(READ, 0x95, 16), code(WRITE, 0x96, 16)
GETMODES, GETFLAGS, SETFLAGS = code(READ, 0x97, 4), code(READ, 0x9A, 4), code(WRITE, 0x9B, 4)

NIBBLE, BYTE, COMPAT, BECP, ECP, EPP = 0, 1, 0x100, 0x200, 0x10, 0x40
ECPRLE, ECPSWE, EPPSL, EPPSWE = 0x30, 0x400, 0x800, 0x1000
DEVICEID, ADDR, EXT_LINK = 4, 0x2000, 0x4000


def ask(fd, number, given=b""):
    """(error's name or 0, what came back)."""
    size = number >> 16 & 0x3FFF
    buffer = bytearray(given.ljust(size, b"\0"))
    try:
        if size:
            fcntl.ioctl(fd, number, buffer)
        else:
            fcntl.ioctl(fd, number)
    except OSError as error:
        return errno.errorcode[error.errno], bytes(buffer)
    return 0, bytes(buffer)


def result(fd, number, given=b""):
    return ask(fd, number, given)[0]


def byte(fd, number):
    error, answer = ask(fd, number)
    assert error == 0
    return answer[0]


def integer(fd, number):
    error, answer = ask(fd, number)
    assert error == 0
    return struct.unpack("<i", answer)[0]


def put(fd, number, value):
    given = bytes([value]) if number >> 16 & 0x3FFF == 1 else struct.pack("<I", value & 0xFFFFFFFF)
    return result(fd, number, given)


def errno_of(function, *arguments):
    try:
        function(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return 0
