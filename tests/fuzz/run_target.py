#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one libFuzzer target and reports as TAP: run_target.py TARGET CORPUS RUNS

CORPUS has an input a line, in hexadecimal; words after it say where it comes from. First each of
them is run, then RUNS new ones are made of them, always the same ones. An input that fails is printed
as such a line: it belongs into CORPUS once the fault is mended.
"""
import pathlib
import subprocess
import sys
import tempfile

SECONDS = 900
SEED = 1
MOST_BYTES = 512
SAID_LINES = 12


def inputs(corpus):
    """Each line's bytes."""
    return [bytes.fromhex(line.split()[0]) for line in corpus.read_text().splitlines()
            if line and not line.startswith("#")]


class Target:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.seeds = folder / "seeds"
        self.seeds.mkdir()

    def run(self, *arguments):
        """What went wrong, a line each."""
        command = [self.program, f"-artifact_prefix={self.folder}/", f"-max_len={MOST_BYTES}",
                   f"-seed={SEED}", "-timeout=20", *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace",
                                  timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return [f"not over after {SECONDS} s"]
        if done.returncode == 0:
            return []
        found = [f"input: {path.read_bytes().hex()}" for path in self.folder.iterdir()
                 if path.is_file()]
        return done.stderr.splitlines()[-SAID_LINES:] + found

    def run_corpus(self, corpus):
        for number, data in enumerate(inputs(corpus)):
            (self.seeds / f"{number:04}").write_bytes(data)
        return self.run(*sorted(str(path) for path in self.seeds.iterdir()))


def main():
    program, corpus, runs = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    name = corpus.stem
    print("TAP version 13\n1..2")
    with tempfile.TemporaryDirectory(prefix="opp-fuzz-") as folder:
        target = Target(program, pathlib.Path(folder))
        results = [(f"{name}: the corpus", target.run_corpus(corpus)),
                   (f"{name}: {runs} inputs made of it", target.run(f"-runs={runs}",
                                                                    str(target.seeds)))]
    for number, (what, wrong) in enumerate(results, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {what}")
        for line in wrong:
            print(f"# {line}")
    return any(wrong for _, wrong in results)


if __name__ == "__main__":
    sys.exit(main())
