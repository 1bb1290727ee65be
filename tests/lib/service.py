# SPDX-License-Identifier: MIT
"""parportd on a mount of its own, started and stopped by a test."""

import os
import pathlib
import signal
import subprocess
import time

from lib import paths

START_S = 15
STOP_S = 20
# What the reports of the compilers' sanitizers contain.
REPORTS = ("Sanitizer", "runtime error:")


class ServiceError(Exception):
    """parportd did not do what was asked; the text holds what it said."""


def value_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else f'"{value}"'


def config_text(ports, settings):
    """parport.conf(5): PORTS is {"parport0": {key: value}}, SETTINGS the keys at the top."""
    lines = [f"{key} = {value_text(value)};" for key, value in settings.items()]
    for name, keys in ports.items():
        lines.append(f"{name} = {{")
        lines += [f"\t{key} = {value_text(value)};" for key, value in keys.items()]
        lines.append("};")
    return "\n".join(lines) + "\n"


class Service:
    """One running parportd; use as a context manager, or start() and stop().

    WORK is an empty folder of the test's; in it lie mount/ (the files), parport.conf
    and parportd.log (what it said on both outputs). `options` and `environment` are more of
    these for the next start.
    """

    def __init__(self, work, ports, settings=None):
        self.work = pathlib.Path(work)
        self.mount = self.work / "mount"
        self.config = self.work / "parport.conf"
        self.log = self.work / "parportd.log"
        self.ports = ports
        self.options = []
        self.environment = {}
        self.process = None
        self.settings = settings or {}
        self.mount.mkdir(parents=True, exist_ok=True)
        self.config.write_text(config_text(ports, self.settings))

    def node(self, name):
        """Path of a file of the mount, such as parport0 or lpt1."""
        return self.mount / name

    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def start(self):
        argv = [paths.BUILD / "src" / "front" / "fuse" / "parportd", "--foreground",
                "--mount", self.mount, "--config", self.config, *self.options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log,
                                            env={**os.environ, **self.environment})
        deadline = time.monotonic() + START_S
        while not all(os.path.exists(self.node(name)) for name in self.ports):
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = self.said()
                self._terminate()
                raise ServiceError(f"parportd does not serve {self.mount}:\n{said}")
            time.sleep(0.02)
        return self

    def reload(self, ports=None, text=None):
        """Has it read PORTS, or TEXT, as its configuration; returns what it said to that."""
        if ports is not None:
            self.ports = ports
        self.config.write_text(text or config_text(self.ports, self.settings))
        before = self.said()
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + START_S
        while "parportd: reload: " not in self.said()[len(before):]:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ServiceError(f"parportd does not reload:\n{self.said()}")
            time.sleep(0.005)
        return self.said()[len(before):]

    def stop(self):
        """Ends parportd with SIGTERM; leaves no mount behind.

        Its exit status, 0, is returned. Another one, or a sanitizer's report in what it said,
        raises ServiceError: so does a service that died under its test.
        """
        if self.process is None:
            self.unmount()
            return None
        status, said = self._terminate(), self.said()
        if status != 0 or any(report in said for report in REPORTS):
            raise ServiceError(f"parportd ended with status {status}:\n{said}")
        return status

    def kill(self):
        """Ends parportd with SIGKILL, or is told that a program has; the mount stays behind."""
        self.process.kill()
        self.process.wait(STOP_S)
        self.process = None

    def _terminate(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_S)
            raise ServiceError(f"parportd ignored SIGTERM:\n{self.said()}") from None
        finally:
            self.unmount()
            self.process = None

    def unmount(self):
        """Takes a stale mount away; does nothing when there is none."""
        if os.path.ismount(self.mount) or not self._reachable():
            subprocess.run(["fusermount3", "-uz", str(self.mount)], check=False, timeout=STOP_S,
                           capture_output=True)

    def _reachable(self):
        try:
            os.stat(self.mount)
        except OSError:
            return False
        return True

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
