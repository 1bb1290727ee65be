# SPDX-License-Identifier: MIT
"""A Linux guest with parallel ports, driven over its second serial line."""

import dataclasses
import pathlib
import re
import select
import socket
import subprocess
import time

# As on a PC; 7 elsewhere.
INTERRUPTS = {0x278: 5}


@dataclasses.dataclass(frozen=True)
class Machine:
    """What a guest is made of, how long it may take, and further arguments of QEMU's."""
    memory_mib: int = 128
    command_line: str = ""
    boot_s: int = 90
    life_s: int = 400
    more: tuple = ()


class GuestError(Exception):
    """The guest did not do what it was asked; the text holds its console."""


class Paper(str):
    """The path of a file that QEMU prints to by itself."""


def kind_of(node):
    """The sort of QEMU's character device behind a port."""
    if isinstance(node, Paper):
        return "file"
    return "parallel" if node else "null"


class Guest:
    """One running QEMU. PORTS is a list of (address, node).

    A node is the path of a ppdev-like file; Paper(path) for a port QEMU makes up, which
    writes what is printed there; or None for one that writes it nowhere.
    """

    def __init__(self, tree, archive, ports, work, machine=Machine()):
        work = pathlib.Path(work)
        self.console = work / "console.log"
        self.said = work / "answers.log"
        door = work / "asks.sock"
        (kernel,) = tree.glob("boot/vmlinuz-*")
        argv = ["timeout", "-k", "5", str(machine.life_s), "qemu-system-x86_64", "-accel", "tcg",
                "-m", str(machine.memory_mib), "-nodefaults", "-no-user-config", "-nographic",
                "-no-reboot", *machine.more,
                "-kernel", kernel, "-initrd", archive,
                "-append", f"console=ttyS0 panic=-1 quiet loglevel=7 {machine.command_line}",
                "-serial", f"file:{self.console}",
                "-chardev", f"socket,id=asks,path={door},server=on,wait=on",
                "-serial", "chardev:asks"]
        for address, node in ports:
            name = f"port{address:x}"
            back = f"{kind_of(node)},id={name}" + (f",path={node}" if node else "")
            argv += ["-chardev", back,
                     "-device", f"isa-parallel,chardev={name},iobase={address:#x},"
                     f"irq={INTERRUPTS.get(address, 7)}"]
        self.log = (work / "qemu.log").open("wb")
        self.process = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        self.asked = 0
        self.told = {}
        self.line = self._connect(door)
        self._read_until(re.compile(r"@@ready@@ (\d+)\n"), machine.boot_s, "boot")

    def _connect(self, door):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.process.poll() is None:
            line = socket.socket(socket.AF_UNIX)
            try:
                line.connect(str(door))
                return line
            except OSError:
                line.close()
                time.sleep(0.02)
        raise GuestError("QEMU did not start: " + self._evidence())

    def _evidence(self):
        parts = []
        for name in ("qemu.log", "console.log", "answers.log"):
            path = self.console.with_name(name)
            if path.exists():
                parts.append(f"--- {name}\n" + path.read_text(errors="replace")[-3000:])
        return "\n".join(parts)

    def run(self, command, seconds):
        """Runs one shell command; returns its output. GuestError if it fails or lasts too long."""
        self.asked += 1
        mark = f"@@{self.asked}@@"
        self.line.sendall(f"{mark} {seconds} {command}\n".encode())
        end = re.compile(re.escape(mark) + r" (\d+)\n")
        text, status = self._read_until(end, seconds + 5, command)
        if status != 0:
            raise GuestError(f"guest: '{command}' gave {status}: {text}\n{self._evidence()}")
        return text

    def once(self, command, seconds):
        """As run(), but a command that was run before is not run again: it said the same."""
        if command not in self.told:
            self.told[command] = self.run(command, seconds)
        return self.told[command]

    def _read_until(self, pattern, seconds, command):
        deadline = time.monotonic() + seconds
        text = ""
        while True:
            left = deadline - time.monotonic()
            ready = left > 0 and select.select([self.line], [], [], left)[0]
            piece = self.line.recv(65536) if ready else b""
            if not piece:
                raise GuestError(f"guest: no end of '{command}': {text}\n{self._evidence()}")
            with self.said.open("ab") as log:
                log.write(piece)
            text += piece.decode(errors="replace").replace("\r", "")
            found = pattern.search(text)
            if found:
                return text[:found.start()].strip("\n"), int(found.group(1))

    def close(self):
        """Powers the guest off; kills it when it does not go."""
        try:
            self.line.sendall(b"@@end@@ 10 poweroff -f\n")
        except OSError:
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait(15)
        self.line.close()
        self.log.close()
