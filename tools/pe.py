# SPDX-License-Identifier: MIT
"""What the project's tools read of a PE file: header fields, sections, imports, exports, digest.

Written from Microsoft's "PE Format" page; the digest from "Windows Authenticode Portable Executable
Signature Format". Bytes are trusted: the files are our own build's and Wine's.
"""
import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

EXPORTS, IMPORTS, CERTIFICATES, DELAYED = 0, 1, 4, 13
WRITABLE, EXECUTABLE, CODE = 0x80000000, 0x20000000, 0x00000020
MACHINES = {0x014C: "i686", 0x8664: "x86_64"}
NX_COMPATIBLE = 0x0100
NATIVE = 1


@dataclass(frozen=True)
class Section:
    name: str
    address: int
    size: int           # in memory
    raw: int            # offset in the file
    raw_size: int
    flags: int


class Image:
    def __init__(self, path):
        self.data = Path(path).read_bytes()
        self.coff = self._u32(0x3C) + 4
        self.machine = MACHINES[self._u16(self.coff)]
        self.timestamp = self._u32(self.coff + 4)
        self.file_flags = self._u16(self.coff + 18)
        self.optional = self.coff + 20
        self.wide = self._u16(self.optional) == 0x20B
        self.section_alignment = self._u32(self.optional + 32)
        self.checksum_at = self.optional + 64
        self.subsystem = self._u16(self.optional + 68)
        self.characteristics = self._u16(self.optional + 70)
        self.directories = self.optional + (112 if self.wide else 96)
        self.sections = self._sections()

    def _u16(self, at):
        return struct.unpack_from("<H", self.data, at)[0]

    def _u32(self, at):
        return struct.unpack_from("<I", self.data, at)[0]

    def _sections(self):
        table = self.optional + self._u16(self.coff + 16)
        found = []
        for at in range(table, table + 40 * self._u16(self.coff + 2), 40):
            name = self.data[at:at + 8].rstrip(b"\0").decode()
            size, address, raw_size, raw = struct.unpack_from("<4I", self.data, at + 8)
            found.append(Section(name, address, size, raw, raw_size, self._u32(at + 36)))
        return found

    def directory(self, index):
        """(address, size); for certificates the address is an offset in the file."""
        return struct.unpack_from("<2I", self.data, self.directories + 8 * index)

    def _offset(self, address):
        for section in self.sections:
            if section.address <= address < section.address + max(section.size, section.raw_size):
                return address - section.address + section.raw
        raise ValueError(f"no section has the address {address:#x}")

    def _name(self, address):
        at = self._offset(address)
        return self.data[at:self.data.index(b"\0", at)].decode("ascii")

    def imports(self):
        """{lower-case module: set of names}; an import without a name is "#ordinal"."""
        found = {}
        address, _ = self.directory(IMPORTS)
        at = self._offset(address) if address else 0
        while address and self._u32(at + 12):
            names, _, _, module, table = struct.unpack_from("<5I", self.data, at)
            found.setdefault(self._name(module).lower(), set()).update(
                self._imported(names or table))
            at += 20
        return found

    def _imported(self, table):
        at, step = self._offset(table), 8 if self.wide else 4
        by_ordinal = 1 << (8 * step - 1)
        while entry := int.from_bytes(self.data[at:at + step], "little"):
            yield f"#{entry & 0xFFFF}" if entry & by_ordinal else self._name(entry + 2)
            at += step

    def exports(self):
        address, _ = self.directory(EXPORTS)
        if not address:
            return set()
        count, _, names = struct.unpack_from("<3I", self.data, self._offset(address) + 24)
        table = self._offset(names)
        return {self._name(self._u32(table + 4 * index)) for index in range(count)}

    def checksum(self):
        """(what the header says, what the file gives)."""
        said = self._u32(self.checksum_at)
        data = self.data[:self.checksum_at] + bytes(4) + self.data[self.checksum_at + 4:]
        data += bytes(len(data) % 2)
        total = sum(struct.unpack(f"<{len(data) // 2}H", data))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        return said, total + len(self.data)

    def authenticode(self, algorithm):
        """The digest that a signature or a catalogue has of this file.

        Left out: the checksum, the entry of the certificate table and that table itself.
        A file that is not signed counts as filled up with zeros to a multiple of 8.
        """
        entry = self.directories + 8 * CERTIFICATES
        certificates, _ = self.directory(CERTIFICATES)
        end = certificates or len(self.data)
        digest = hashlib.new(algorithm, self.data[:self.checksum_at])
        digest.update(self.data[self.checksum_at + 4:entry])
        digest.update(self.data[entry + 8:end])
        digest.update(bytes(-end % 8))
        return digest.digest()
