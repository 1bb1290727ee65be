# SPDX-License-Identifier: MIT
"""A program that uses a file of the mount, driven line by line from a test (clients.py).

    client.py NODE FLAGS

It opens NODE with FLAGS (a number), says "ready", and then for every line of standard input
does what it says and answers in one line: "ok", "ok VALUE", or the name of the error.
"""

import ctypes
import errno
import fcntl
import os
import select
import signal
import struct
import sys

PPCLAIM, PPRELEASE, PPYIELD, PPEXCL = 0x708B, 0x708C, 0x708D, 0x708F
PPWDATA, PPRSTATUS, PPNEGOT = 0x40017086, 0x80017081, 0x40047091
PPWCONTROL, PPRCONTROL = 0x40017084, 0x80017083
OWN_ALLOCATE, OWN_KICK, OWN_CANCEL = 0x40084F01, 0x40084F06, 0x4F07

SIM_SET = struct.Struct("<I32s4096s320s")
OWN_SIM_SET = 0xd1644f0d

LIBC = ctypes.CDLL(None, use_errno=True)
PLAIN = {"claim": PPCLAIM, "release": PPRELEASE, "yield": PPYIELD, "exclusive": PPEXCL,
         "cancel": OWN_CANCEL}


def read(fd, count):
    """As C does it: Python would make a read anew that a signal has ended."""
    got = LIBC.read(fd, ctypes.create_string_buffer(count), ctypes.c_size_t(count))
    if got < 0:
        raise OSError(ctypes.get_errno(), "read")
    return got


def do(fd, verb, *words):
    if verb in PLAIN:
        fcntl.ioctl(fd, PLAIN[verb])
    elif verb == "allocate":
        fcntl.ioctl(fd, OWN_ALLOCATE, struct.pack("<Q", int(words[0])))
    elif verb == "kick":
        # Without a word: whoever holds the port.
        fcntl.ioctl(fd, OWN_KICK, struct.pack("<Q", int(words[0]) if words else 0))
    elif verb == "simulate":
        key, value = words[0].split("=")
        wish = bytearray(SIM_SET.pack(0, key.encode(), value.encode(), b""))
        fcntl.ioctl(fd, OWN_SIM_SET, wish)
    elif verb == "data":
        fcntl.ioctl(fd, PPWDATA, bytes([int(words[0], 16)]))
    elif verb == "control":
        # With a word: sets the four lines; else tells them.
        if words:
            fcntl.ioctl(fd, PPWCONTROL, bytes([int(words[0], 16)]))
            return ""
        answer = bytearray(1)
        fcntl.ioctl(fd, PPRCONTROL, answer)
        return f"{answer[0] & 0x0f:02x}"
    elif verb == "count":
        return os.write(fd, bytes(n * 7 % 251 for n in range(int(words[0]))))
    elif verb == "status":
        answer = bytearray(1)
        fcntl.ioctl(fd, PPRSTATUS, answer)
        # The low three bits are no lines, and differ from chip to chip.
        return f"{answer[0] & 0xf8:02x}"
    elif verb == "write":
        return os.write(fd, words[0].encode() * int(words[1]))
    elif verb == "read":
        return read(fd, int(words[0]))
    elif verb == "negotiate":
        fcntl.ioctl(fd, PPNEGOT, struct.pack("<I", int(words[0], 16)))
    elif verb == "fsync":
        os.fsync(fd)
    elif verb == "poll":
        poll = select.poll()
        poll.register(fd)
        return sum(bits for _, bits in poll.poll(int(words[0])))
    elif verb == "handle":
        # SIGUSR1 is caught and, with "restart", system calls go on after it.
        signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.siginterrupt(signal.SIGUSR1, words[0] != "restart")
    return ""


def raw(fd, verb, words):
    """Python itself retries what a signal interrupts; a claim must not be retried here."""
    try:
        return f"ok {do(fd, verb, *words)}".strip()
    except OSError as error:
        return errno.errorcode[error.errno]


def main():
    fd = os.open(sys.argv[1], int(sys.argv[2]))
    print("ready", flush=True)
    for line in sys.stdin:
        verb, *words = line.split()
        if verb == "close":
            os.close(fd)
            print("ok", flush=True)
        else:
            print(raw(fd, verb, words), flush=True)


if __name__ == "__main__":
    main()
