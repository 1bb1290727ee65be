#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A lint tool that never complains is no lint: each one must find the fault planted for it."""
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))
from tap import Tap  # noqa: E402  (the path must be known first)

SPDX = "/* SPDX-License-Identifier: MIT */\n"
LONG_BODY = "{\n" + "\t;\n" * 61 + "}\n"

# What it is, the tool, the files of a small tree, and what the tool must say.
PLANTED = (
    ("the engine includes the chip", "check_layers.py",
     {"src/chip/export/chip.h": SPDX, "src/core/a.c": SPDX + "\n#include \"chip.h\"\n"},
     "src/core/a.c:3: src/core must not include src/chip/export/chip.h"),
    ("the simulator includes the chip's registers by a path", "check_layers.py",
     {"src/chip/regs.h": SPDX, "src/sim/a.c": SPDX + "#include \"../chip/regs.h\"\n"},
     "src/sim/a.c:2: a header is never reached by a path"),
    ("the chip includes the engine", "check_layers.py",
     {"include/openparport/queue.h": SPDX, "src/chip/a.c": SPDX + "#include <openparport/queue.h>\n"},
     "src/chip/a.c:2: src/chip must not include include/openparport/queue.h"),
    ("the engine includes libc", "check_layers.py",
     {"src/core/a.c": SPDX + "#include <stdlib.h>\n"},
     "src/core/a.c:2: src/core is freestanding and must not include <stdlib.h>"),
    ("a file without a licence", "check_source.py",
     {"src/a.c": "int a;\n"}, "src/a.c: the first lines lack"),
    ("a function of 61 lines", "check_source.py",
     {"src/a.c": SPDX + "void a(void)\n" + LONG_BODY}, "src/a.c:3: function of 61 lines"),
    ("a file of 801 lines", "check_source.py",
     {"src/a.c": SPDX + "\n" * 800}, "src/a.c: 801 lines"),
    ("a typedef of a struct", "check_source.py",
     {"src/a.h": SPDX + "typedef struct a a_t;\n"}, "src/a.h:2: typedef"),
    ("work put off", "check_source.py",
     {"a.md": "one\n" + "TO" + "DO: two\n"}, "a.md:2: \"TO" + "DO\""),
    ("white space at the end", "check_source.py",
     {"a.md": "one \n"}, "a.md:1: white space"),
    ("a layout of one's own", "run_linters.py",
     {"a.c": "int  a;\n", ".clang-format": "BasedOnStyle: LLVM\n"}, "a.c:1:4: error: code should be"),
    ("a careless shell script", "run_linters.py",
     {"a.sh": "#!/bin/sh\nrm $1\n"}, "SC2086"),
)


def problems(tool, files, expected):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run = subprocess.run([sys.executable, str(TOOLS / tool), folder], text=True, timeout=60,
                             stdin=subprocess.DEVNULL, capture_output=True)
    if run.returncode == 0:
        return ["the tool found nothing"]
    return [] if expected in run.stdout else [f"not said: {expected}"] + run.stdout.splitlines()


def main():
    tap = Tap()
    for what, tool, files, expected in PLANTED:
        tap.result(f"planted: {tool} finds {what}", problems(tool, files, expected))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
