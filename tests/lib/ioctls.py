# SPDX-License-Identifier: MIT
"""ioctls on the service's files: those of linux/ppdev.h, and parportd's own for looking on."""

import fcntl
import os
import struct

NAME_BYTES = 48
WAITERS_MAX = 100
WHO = struct.Struct(f"<iIQQ{NAME_BYTES}s")
STATUS = struct.Struct("<IIIIIIQQQQQQQIBBBBQ")
PINS = struct.Struct("<BBBBI")

READ, WRITE = 2, 1


def code(way, letter, number, size):
    return way << 30 | size << 16 | ord(letter) << 8 | number


PPRSTATUS = code(READ, "p", 0x81, 1)
PPRCONTROL = code(READ, "p", 0x83, 1)
PPCLAIM = code(0, "p", 0x8b, 0)
PPRELEASE = code(0, "p", 0x8c, 0)
PPEXCL = code(0, "p", 0x8f, 0)
PPGETMODE = code(READ, "p", 0x98, 4)

STATUS_BYTES = STATUS.size + WHO.size * (2 + WAITERS_MAX)
OWN_STATUS = code(READ, "O", 3, STATUS_BYTES)
OWN_KICK = code(WRITE, "O", 6, 8)
OWN_PINS = code(READ, "O", 5, PINS.size)


def read(fd, number, size):
    """The bytes an ioctl of SIZE bytes gives back."""
    answer = bytearray(size)
    fcntl.ioctl(fd, number, answer)
    return bytes(answer)


class File:
    """An open file of the mount; a context manager, so that no test leaves one open."""

    def __init__(self, node, flags=os.O_RDWR):
        self.fd = os.open(node, flags)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)

    def call(self, number):
        fcntl.ioctl(self.fd, number)

    def kick(self, client=0):
        """Puts out the holder or job of that number; 0: whoever holds the port."""
        fcntl.ioctl(self.fd, OWN_KICK, struct.pack("<Q", client))

    def byte(self, number):
        return read(self.fd, number, 1)[0]

    def mode(self):
        return struct.unpack("<i", read(self.fd, PPGETMODE, 4))[0]

    def pins(self):
        """(data, status, control, reverse): the levels now; needs no claim."""
        return PINS.unpack(read(self.fd, OWN_PINS, PINS.size))[:4]

    def status(self):
        """(state, waiters, pid of the holder); state 0 is free, 2 held."""
        whole = read(self.fd, OWN_STATUS, STATUS_BYTES)
        state, waiters = STATUS.unpack_from(whole)[:2]
        return state, waiters, WHO.unpack_from(whole, STATUS.size)[0]
