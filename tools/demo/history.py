#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recomputes from parportd's event log who held each port and who waited, and finds what is wrong.

    history.py LOG      exit 0 and a summary, or 1 and the first contradiction

Shares no code with the service. For every port it keeps one holder and one line and demands:

  sequence      1, 2, 3 ... without a gap, from 1 again when the service was started anew
  exclusion     nobody is granted a port that somebody holds
  order         who is granted is the first in line; nobody passes a line
  exactly once  a request is queued, granted and ended at most once each, and only in that order
  honesty       bytes move for the holder only; the number of waiters told is the one counted here
"""

import json
import sys

ENDS_HOLD = ("released", "dropped", "kicked")
ENDS_WAIT = ("cancelled", "expired", "dropped", "kicked")


class Contradiction(Exception):
    """The log cannot have happened on a port that keeps its promises."""


class Port:
    def __init__(self):
        self.sequence = 0
        self.holder = None      # (request, client)
        self.last_client = None
        self.line = []          # requests
        self.seen = set()       # requests that were queued or granted
        self.grants = 0
        self.bytes = 0
        self.ends = {}          # how often each kind of event came

    def demand(self, condition, event, text):
        if not condition:
            raise Contradiction(f"event {event['sequence']} of {event['port']} "
                                f"({event['event']}, request {event['request']}): {text}")

    def add(self, event):
        kind, request = event["event"], event["request"]
        self.sequence += 1
        self.demand(event["sequence"] == self.sequence, event,
                    f"number {self.sequence} was to come")
        self.ends[kind] = self.ends.get(kind, 0) + 1
        if kind == "queued":
            self.queue(event, request)
        elif kind == "granted":
            self.grant(event, request)
        elif kind == "transferred":
            self.transfer(event)
        elif kind in ENDS_HOLD and self.holder and request == self.holder[0]:
            self.demand(event["client"] == self.holder[1], event, "not the holder's client")
            self.holder = None
        elif kind in ENDS_WAIT and request in self.line:
            self.line.remove(request)
        else:
            self.demand(False, event, "nobody holds or waits with this request")

    def queue(self, event, request):
        self.demand(request not in self.seen, event, "asked twice")
        self.seen.add(request)
        self.line.append(request)
        self.demand(event["waiters"] == len(self.line), event, f"{len(self.line)} wait")

    def grant(self, event, request):
        self.demand(self.holder is None, event,
                    f"request {self.holder and self.holder[0]} holds the port")
        if request in self.line:
            self.demand(self.line[0] == request, event,
                        f"request {self.line[0]} is the first in line")
            self.line.pop(0)
        else:
            self.demand(request not in self.seen, event, "granted twice")
            self.demand(not self.line, event, f"passes {len(self.line)} in line")
            self.seen.add(request)
        self.holder = (request, event["client"])
        self.last_client = event["client"]
        self.grants += 1
        self.demand(event["waiters"] == len(self.line), event, f"{len(self.line)} wait")

    def transfer(self, event):
        # A transfer that a kill or a kick cuts short tells its count after the hold has ended.
        client = self.holder[1] if self.holder else self.last_client
        self.demand(event["client"] == client, event, "moves bytes on a port of somebody else")
        self.bytes += event["bytes"]


class History:
    """All ports of one log; add() raises Contradiction."""

    def __init__(self):
        self.ports = {}

    def add(self, event):
        # A service that was started again goes on in the same file.
        if event["sequence"] == 1:
            self.ports[event["port"]] = Port()
        self.ports.setdefault(event["port"], Port()).add(event)

    def summary(self):
        return [f"{name}: {port.sequence} events, {port.grants} grants, {port.bytes} bytes, "
                f"{'held' if port.holder else 'free'}, {len(port.line)} in line"
                for name, port in sorted(self.ports.items())]


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    history = History()
    try:
        with open(sys.argv[1], encoding="ascii") as log:
            for line in log:
                history.add(json.loads(line))
    except (Contradiction, ValueError, KeyError, OSError) as wrong:
        print(f"{sys.argv[1]}: {wrong!s}")
        return 1
    print("\n".join(history.summary()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
