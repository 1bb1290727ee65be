# SPDX-License-Identifier: MIT
"""A FUSE file system that is not parportd's: one empty directory, mounted on argv[1] by root.

Says "ready" when it is mounted and ends when it is unmounted.
"""

import ctypes
import errno
import os
import stat
import struct
import sys

IN, OUT = struct.Struct("<IIQQIIII"), struct.Struct("<IiQ")
FORGET, GETATTR, STATFS, INIT, INTERRUPT, BATCH_FORGET = 2, 3, 17, 26, 36, 42
SILENT = (FORGET, INTERRUPT, BATCH_FORGET)
LARGEST = 1 << 17


def answer(opcode):
    """(error, what follows the header)."""
    if opcode == INIT:
        return 0, struct.pack("<IIIIHHIIHHI28x", 7, 31, 0, 0, 1, 1, 4096, 1, 0, 0, 0)
    if opcode == GETATTR:
        return 0, struct.pack("<QII6Q10I", 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
                              stat.S_IFDIR | 0o755, 2, 0, 0, 0, 4096, 0)
    if opcode == STATFS:
        return 0, bytes(80)
    return -errno.ENOSYS, b""


def main():
    fd = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={fd},rootmode=40000,user_id=0,group_id=0".encode()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"other", sys.argv[1].encode(), b"fuse", 0, options) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    print("ready", flush=True)
    try:
        while True:
            _, opcode, unique, *_ = IN.unpack_from(os.read(fd, LARGEST))
            if opcode not in SILENT:
                error, body = answer(opcode)
                os.write(fd, OUT.pack(OUT.size + len(body), error, unique) + body)
    except OSError as ended:
        if ended.errno != errno.ENODEV:
            raise


if __name__ == "__main__":
    main()
