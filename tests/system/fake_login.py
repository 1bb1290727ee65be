# SPDX-License-Identifier: MIT
"""What parportd asks of systemd's login manager, on a bus of a test's own (test_sleep.py).

It says "ready", and "locked WHAT MODE" and "released" when somebody takes a lock or gives it back.
It reads "sleep" and "wake", and tells everybody that the machine does so.
"""

import os
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

INTERFACE = "org.freedesktop.login1.Manager"


def say(*words):
    print(*words, flush=True)


def released(descriptor, _):
    os.close(descriptor)
    say("released")
    return False


class Manager(dbus.service.Object):
    @dbus.service.method(INTERFACE, in_signature="ssss", out_signature="h")
    def Inhibit(self, what, who, _why, mode):  # pylint: disable=invalid-name
        here, there = os.pipe()
        lock = dbus.types.UnixFd(there)
        os.close(there)
        GLib.io_add_watch(here, GLib.IO_HUP, released)
        say("locked", what, who, mode)
        return lock

    @dbus.service.signal(INTERFACE, signature="b")
    def PrepareForSleep(self, begins):  # pylint: disable=invalid-name
        """Nothing here: sending it is all."""


def main():
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SystemBus()
    name = dbus.service.BusName("org.freedesktop.login1", bus)
    manager = Manager(bus, "/org/freedesktop/login1")
    loop = GLib.MainLoop()

    def obey(descriptor, _):
        line = os.read(descriptor, 64)
        if not line:
            loop.quit()
            return False
        for word in line.decode().split():
            manager.PrepareForSleep(word == "sleep")
        return True

    GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, obey)
    say("ready")
    loop.run()
    del name


if __name__ == "__main__":
    main()
