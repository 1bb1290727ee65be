#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A lint tool that never complains is no lint: each one must find the fault planted for it."""
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
TOOLS = PROJECT / "tools"
sys.path.insert(0, str(TOOLS))
from tap import Tap  # noqa: E402  (the path must be known first)

SPDX = "/* SPDX-License-Identifier: MIT */\n"
LONG_BODY = "{\n" + "\t;\n" * 61 + "}\n"
DEEP_BODY = "\t" + "if (a) { " * 4 + "a--;" + " }" * 4 + "\n"
TIDY_RULES = (PROJECT / ".clang-tidy").read_text()


def compile_commands(source):
    return json.dumps([{"directory": "{root}", "file": source, "command": f"clang -c {source}"}])


def target(folder, *flags, kind="static library", filename=""):
    """What Meson would say of a build in which `folder` has one C target."""
    group = {"language": "c", "compiler": ["gcc"], "parameters": list(flags)}
    return json.dumps([{"defined_in": f"{{root}}/{folder}/meson.build", "type": kind,
                        "filename": [filename], "target_sources": [group]}])


INF = {path.name: path.read_text() for path in (PROJECT / "data" / "windows").glob("*.inf")}


def inf_with(right, wrong, name="parport.inf"):
    """A tree whose INF file has `wrong` in place of the first `right`."""
    if right not in INF[name]:
        raise ValueError(f"{name} does not have {right!r}")
    return {f"data/windows/{name}": INF[name].replace(right, wrong, 1),
            **{path: (PROJECT / path).read_text()
               for path in ("meson.build", "src/front/nt/registry.c")}}


# The smallest thing that is a driver by its shape, for both kinds of processor.
TINY = """long __declspec(dllimport) __stdcall IoAllocateWorkItem(void *);
long __stdcall DriverEntry(void *d, void *r) { (void)r; return IoAllocateWorkItem(d); }
"""
TINY_IMPORTS = "ntoskrnl.exe IoAllocateWorkItem both 2000 yes yes\n"
LINK_TINY = ("{0}-w64-mingw32-gcc -nostdlib -shared -Wl,--subsystem,native,--exclude-all-symbols,"
             "--no-insert-timestamp,--entry,{1} -o {0}.sys a.c -lntoskrnl")
LINK_64 = LINK_TINY.format("x86_64", "DriverEntry")
LINK_BOTH = LINK_64 + " && " + LINK_TINY.format("i686", "_DriverEntry@8")


@dataclass(frozen=True)
class Fault:
    what: str
    tool: str
    files: dict                 # a small tree; {root} stands for its place
    says: str                   # what the tool must say
    arguments: tuple = ("{root}",)
    prepare: str = field(default="true")


IMPORTERS = ("{root}", "{root}/x86_64.sys", "{root}/i686.sys")
ROOT_AND_BUILD = ("{root}", "{root}/build")
TARGETS = "build/meson-info/intro-targets.json"

FAULTS = (
    Fault("the engine includes the chip", "check_layers.py",
          {"src/chip/export/chip.h": SPDX, "src/core/a.c": SPDX + "\n#include \"chip.h\"\n"},
          "src/core/a.c:3: src/core must not include src/chip/export/chip.h"),
    Fault("the simulator includes the chip's registers by a path", "check_layers.py",
          {"src/chip/regs.h": SPDX, "src/sim/a.c": SPDX + "#include \"../chip/regs.h\"\n"},
          "src/sim/a.c:2: a header is never reached by a path"),
    Fault("the chip includes the engine", "check_layers.py",
          {"include/openparport/queue.h": SPDX,
           "src/chip/a.c": SPDX + "#include <openparport/queue.h>\n"},
          "src/chip/a.c:2: src/chip must not include include/openparport/queue.h"),
    Fault("the engine includes libc", "check_layers.py",
          {"src/core/a.c": SPDX + "#include <stdlib.h>\n"},
          "src/core/a.c:2: src/core is freestanding and must not include <stdlib.h>"),
    Fault("an include list that is too wide", "compile_layers.py",
          {"src/chip/export/chip.h": SPDX,
           TARGETS: target("src/core", "-nostdinc", "-I{root}/src/chip/export")},
          "src/core: #include <chip.h> must not compile", ROOT_AND_BUILD),
    Fault("an include list that is too narrow", "compile_layers.py",
          {"include/openparport/port.h": SPDX, TARGETS: target("src/core", "-nostdinc")},
          "src/core: #include <openparport/port.h> must compile", ROOT_AND_BUILD),
    Fault("a header that needs another one first", "check_headers.py",
          {"include/openparport/a.h": SPDX + "uint8_t a;\n", TARGETS: target("src/core")},
          "include/openparport/a.h: ", ROOT_AND_BUILD),
    Fault("a call into libc", "check_symbols.py",
          {"a.c": "int puts(const char *);\nint a(void);\nint a(void) { return puts(\"\"); }\n",
           TARGETS: target("src/core", "-ffreestanding", filename="{root}/liba.a")},
          "liba.a: undefined symbol puts", ("{root}/build",),
          prepare="gcc -c a.c && ar rcs liba.a a.o"),
    Fault("a test that no phase runs", "check_suites.py",
          {"check": "unit | q | 60 | suite-phase gcc unit unit\n",
           "build/meson-info/intro-tests.json": json.dumps([{"name": "a", "suite": ["x:idle"]}])},
          "a: in no suite of unit", ROOT_AND_BUILD),
    Fault("nesting of four", "clang_tidy.py",
          {"src/a.c": "int f(int a)\n{\n" + DEEP_BODY + "\treturn a;\n}\n",
           "build/compile_commands.json": compile_commands("src/a.c"), ".clang-tidy": TIDY_RULES},
          "readability-function-size", ROOT_AND_BUILD),
    Fault("recursion", "clang_tidy.py",
          {"src/a.c": "int f(int a)\n{\n\treturn a ? f(a - 1) : 0;\n}\n",
           "build/compile_commands.json": compile_commands("src/a.c"), ".clang-tidy": TIDY_RULES},
          "misc-no-recursion", ROOT_AND_BUILD),
    Fault("a file without a licence", "check_source.py",
          {"src/a.c": "int a;\n"}, "src/a.c: the first lines lack"),
    Fault("a function of 61 lines", "check_source.py",
          {"src/a.c": SPDX + "void a(void)\n" + LONG_BODY}, "src/a.c:3: function of 61 lines"),
    Fault("a file of 801 lines", "check_source.py",
          {"src/a.c": SPDX + "\n" * 800}, "src/a.c: 801 lines"),
    Fault("a typedef of a struct", "check_source.py",
          {"src/a.h": SPDX + "typedef struct a a_t;\n"}, "src/a.h:2: typedef"),
    Fault("work put off", "check_source.py",
          {"a.md": "one\n" + "TO" + "DO: two\n"}, "a.md:2: \"TO" + "DO\""),
    Fault("white space at the end", "check_source.py", {"a.md": "one \n"}, "a.md:1: white space"),
    Fault("a function that is gone", "check_docs.py",
          {"docs/a.md": "`src/a.c:gone()`\n",
           "src/a.c": SPDX + "int here(int a)\n{\n\tgone();\n}\n"},
          "docs/a.md:1: src/a.c has no function gone"),
    Fault("a path that is gone", "check_docs.py",
          {"a.md": "one\n`src/gone`\n"}, "a.md:2: there is no src/gone"),
    Fault("a link that leads nowhere", "check_docs.py",
          {"a.md": "[b](b.md)\n"}, "a.md:1: the link to b.md leads nowhere"),
    Fault("a piece of code that nothing compiles", "check_docs.py",
          {"docs/a.md": "\n```c\n\tone();\n```\n\n```c\n\ttwo();\n```\n",
           "examples/a.c": SPDX + "\tone();\n"},
          "docs/a.md:6: no example has these lines"),
    Fault("a source that nobody explains", "check_docs.py",
          {"docs/sources.md": "| `Sync` | a page |\n",
           "src/a.h": "/*\n * Source: [Sync], [Rumour].\n */\n"},
          "src/a.h:2: docs/sources.md does not know Rumour"),
    Fault("a README of 151 lines", "check_docs.py",
          {"README.md": "\n" * 151}, "README.md: 151 lines"),
    Fault("a driver of another version", "check_inf.py", inf_with("0.1.0.0", "0.1.1.0"),
          "parport.inf: DriverVer has 0.1.1.0, the project's version is 0.1.0.0"),
    Fault("a class with a GUID of another", "check_inf.py",
          inf_with("4D36E978", "4D36E97D"), "parport.inf: ClassGuid is not that of class ports"),
    Fault("a card for one platform only", "check_inf.py",
          inf_with("%Avlab.1p%      = Port, PCI\\VEN_14DB&DEV_2120\n", ""),
          "parport.inf: the platforms do not have the same models"),
    Fault("a hardware id that is none", "check_inf.py",
          inf_with("PCI\\VEN_14DB&DEV_2120", "PCI\\VEN_14DB&DEV_212"), "is no hardware id"),
    Fault("a section that is misspelt", "check_inf.py",
          inf_with("[Port.Settings]", "[Port.Setings]"), "there is no section [Port.Settings]"),
    Fault("a string without a text", "check_inf.py",
          inf_with("Avlab.1p      =", "Avlab.2p      ="), "%Avlab.1p% is not in [Strings]"),
    Fault("a service whose file is not copied", "check_inf.py",
          inf_with("%12%\\openparport.sys", "%12%\\parport.sys"), "nothing is copied to"),
    Fault("a device that everybody may open", "check_inf.py",
          inf_with("(D;;GA;;;NU)(A;;GA;;;SY)", "(A;;GA;;;WD)", "lptraw.inf"),
          "SYSTEM and Administrators lack full access"),
    Fault("a denial that comes too late", "check_inf.py",
          inf_with("(D;;GA;;;NU)(A;;GA;;;SY)", "(A;;GA;;;SY)(D;;GA;;;NU)", "lptraw.inf"),
          "an entry that denies stands after one that allows"),
    Fault("a setting that the driver does not know", "check_inf.py",
          inf_with("HKR,, ScanAtStart, ", "HKR,, ScanAtBoot, "), "the driver reads ScanAtStart"),
    Fault("an import that nobody thought about", "check_imports.py",
          {"a.c": TINY, "tools/imports.txt": ""},
          "i686: IoAllocateWorkItem of ntoskrnl.exe is imported", IMPORTERS, LINK_BOTH),
    Fault("an import that is gone", "check_imports.py",
          {"a.c": TINY, "tools/imports.txt": TINY_IMPORTS +
           "ntoskrnl.exe IoDeleteDevice 64 2000 yes yes\n"},
          "line 2: x86_64 does not import IoDeleteDevice", IMPORTERS, LINK_BOTH),
    Fault("an import that is too new for XP", "check_imports.py",
          {"a.c": TINY, "tools/imports.txt": TINY_IMPORTS.replace("2000", "vista")},
          "the floor of i686 is xp-sp3", IMPORTERS, LINK_BOTH),
    Fault("a word about Wine that is wrong", "check_imports.py",
          {"a.c": TINY, "tools/imports.txt": TINY_IMPORTS.replace("yes\n", "-\n")},
          "is said to be '-' in Wine, which has it", IMPORTERS, LINK_BOTH),
    Fault("code that may be written to", "check_image.py",
          {"a.c": TINY + "__attribute__((section(\"hot,\\\"wx\\\"#\"))) int hot(void);\n"
           "int hot(void) { return 1; }\n"},
          "hot is writable and executable", ("{root}/x86_64.sys",), LINK_64),
    Fault("a driver with a time of build", "check_image.py", {"a.c": TINY},
          "it has a time of build", ("{root}/x86_64.sys",),
          LINK_64.replace("--no-insert-timestamp", "--insert-timestamp")),
    Fault("a layout of one's own", "run_linters.py",
          {"a.c": "int  a;\n", ".clang-format": "BasedOnStyle: LLVM\n"},
          "a.c:1:4: error: code should be"),
    Fault("a careless shell script", "run_linters.py", {"a.sh": "#!/bin/sh\nrm $1\n"}, "SC2086"),
    Fault("a manual page without a title", "run_linters.py", {"man/a.1": ".Sh NAME\n"}, "a.1:1"),
)


def problems(fault):
    with tempfile.TemporaryDirectory() as root:
        for name, text in fault.files.items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("{root}", root))
        subprocess.run(fault.prepare, shell=True, cwd=root, check=True, timeout=60)
        arguments = [argument.replace("{root}", root) for argument in fault.arguments]
        run = subprocess.run([sys.executable, str(TOOLS / fault.tool), *arguments], text=True,
                             timeout=60, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    if run.returncode == 0:
        return ["the tool found nothing"]
    return [] if fault.says in run.stdout else [f"not said: {fault.says}", *run.stdout.splitlines()]


def main():
    tap = Tap()
    for fault in FAULTS:
        tap.result(f"planted: {fault.tool} finds {fault.what}", problems(fault))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
