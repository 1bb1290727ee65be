# SPDX-License-Identifier: MIT
"""Follows parportd's event log and tells it: what is printed was read there, and checked first."""

import json
import os
import select
import time

from history import History

POLL_S = 0.05
SENTENCES = {
    "queued": "{who} waits for the port{place}",
    "granted": "{who} has the port{after}{rest}",
    "released": "{who} gives it back{rest}",
    "cancelled": "{who} stops waiting{rest}",
    "expired": "{who} gives up: not its turn by its deadline{rest}",
    "dropped": "{who} is gone{rest}",
    "kicked": "{who} was put out{rest}",
    "transferred": "{who} has sent {bytes} bytes{end}",
}


def count(number, thing):
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


class Story:
    """Reads LOG from its start; tell() prints what is new."""

    def __init__(self, log, out):
        self.log = log
        self.out = out
        self.file = None
        self.rest = ""
        self.start_us = None
        self.asked_us = {}
        self.history = History()
        self.events = []

    def read(self):
        """New events, each checked against all before it."""
        if self.file is None:
            if not os.path.exists(self.log):
                return
            self.file = open(self.log, encoding="ascii")
        self.rest += self.file.read()
        *lines, self.rest = self.rest.split("\n")
        for line in lines:
            event = json.loads(line)
            self.history.add(event)
            self.events.append(event)
            yield event

    def sentence(self, event):
        kind, key = event["event"], (event["port"], event["request"])
        after = ""
        if kind == "queued":
            self.asked_us[key] = event["time_us"]
        elif kind == "granted" and key in self.asked_us:
            waited_s = (event["time_us"] - self.asked_us.pop(key)) / 1e6
            after = f" after {waited_s:.2f} s"
        waiting = event["waiters"]
        return SENTENCES[kind].format(
            who=f"{event['name'] or 'a program'} ({event['pid']})",
            place=f", number {waiting} in line" if waiting > 1 else "",
            after=after,
            rest=f"; {count(waiting, 'program')} in line" if waiting else "",
            bytes=event["bytes"],
            end="" if event["status"] == "success" else f", then: {event['status']}")

    def tell(self):
        """Prints what has happened since; returns the new events."""
        new = []
        for event in self.read():
            if self.start_us is None:
                self.start_us = event["time_us"]
            seconds = (event["time_us"] - self.start_us) / 1e6
            print(f"{seconds:8.3f} s  {event['port']}  {self.sentence(event)}", file=self.out,
                  flush=True)
            new.append(event)
        return new

    def tell_for(self, seconds, until=None):
        """Tells on for SECONDS, or until the condition UNTIL(events so far) holds.

        Returns whether it came to hold.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.tell()
            if until and until(self.events):
                return True
            select.select([], [], [], POLL_S)
        return False
