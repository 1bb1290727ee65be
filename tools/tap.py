# SPDX-License-Identifier: MIT
"""Named results of a lint tool, printed as TAP for `meson test` (protocol: 'tap')."""


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def result(self, name, problems):
        """One result: it passes when `problems`, a list of lines, is empty."""
        self.count += 1
        if problems:
            self.failed += 1
        print(f"{'not ok' if problems else 'ok'} {self.count} - {name}")
        for problem in problems:
            print(f"# {problem}")

    def finish(self):
        """Print the plan. Returns the exit status, so that a tool may stand alone too."""
        print(f"1..{self.count}")
        return 1 if self.failed else 0
