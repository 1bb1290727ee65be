# SPDX-License-Identifier: MIT
"""The README's commands, word by word as they stand there."""

import json
import os
import pathlib
import re
import shlex
import subprocess

import pytest

import command
from clients import events, wait_until, wait_until_free
from lib import paths

case = pytest.mark.case
pytestmark = pytest.mark.own_build

README = (paths.ROOT / "README.md").read_text()
LIMIT_S = 100
INSTALLED = ["sbin/parportd", "bin/parport", "systemd/system/parportd.service",
             "sysusers.d/openparport.conf", "tmpfiles.d/openparport.conf",
             "udev/rules.d/60-openparport.rules", "bash-completion/completions/parportd",
             "bash-completion/completions/parport", "libopenparport.so", "man1/parport.1",
             "man5/parport.conf.5", "man8/parportd.8"]


def block(heading):
    """The indented lines below a heading, to be pasted into a shell."""
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    return "".join(line + "\n" for line in section.splitlines() if line.startswith("    "))


@case("the README's five minutes, pasted into a shell as a whole, happen as it says")
def test_five_minutes(serve, tmp_path):
    service = serve()
    environment = command.environment(service.mount)
    environment["PATH"] = f"{command.PARPORT.parent}:{environment['PATH']}"
    with open(tmp_path / "said", "w") as said:
        done = subprocess.run(["bash", "-us"], input=block("Five minutes with the simulator"),
                              cwd=paths.ROOT, stdout=said, stderr=said, env=environment, text=True,
                              timeout=LIMIT_S)
    text = (tmp_path / "said").read_text()
    assert done.returncode == 0, text
    for line in ("the holder is dead, I am not", "exit status 124"):
        assert f"\n{line}\n" in text
    assert re.search(r"^parport alloc: waiting: lpt1 is held by parport \(pid \d+\)", text, re.M)
    assert json.loads(text[text.index("[\n  {"):text.rindex("]") + 1])[0]["device"] == "lpt1"
    printed = b"first light\n" + b"".join((paths.ROOT / name).read_bytes()
                                          for name in ("README.md", "CHANGELOG.md"))
    wait_until(lambda: service.printed.read_bytes() == printed, "all is printed")

    def ends():
        kinds = [event["event"] for event in events(service.events)
                 if event["who"] in ("ppdev", "library")]
        return {kind: kinds.count(kind) for kind in ("dropped", "expired", "released")}
    wait_until(lambda: ends() == {"dropped": 1, "expired": 1, "released": 4}, "all ends are told")
    wait_until_free(service.node("parport0"))


@pytest.fixture
def without_cmocka(tmp_path):
    """An environment where nothing finds the library that the tests are made with, and pkg-config all else."""
    search = subprocess.run(["pkg-config", "--variable", "pc_path", "pkg-config"], text=True,
                            check=True, stdout=subprocess.PIPE, timeout=LIMIT_S).stdout.strip()
    folder = tmp_path / "pkgconfig"
    folder.mkdir()
    for found in search.split(":"):
        for file in pathlib.Path(found).glob("*.pc"):
            if file.name != "cmocka.pc" and not (folder / file.name).exists():
                (folder / file.name).symlink_to(file)
    return {**os.environ, "PKG_CONFIG_LIBDIR": str(folder), "CMAKE": "/nonexistent"}


@case("the README's way to install needs no package of the tests, and installs what it names")
def test_installing(without_cmocka, tmp_path):
    (line,) = [line for line in block("Installing").splitlines() if line.startswith("    meson ")]
    words = shlex.split(line)
    setup = words[:words.index("&&")]
    assert setup[:2] == ["meson", "setup"] and setup[-1] == "build"
    build = tmp_path / "build"
    done = subprocess.run([*setup[:-1], str(build)], cwd=paths.ROOT, env=without_cmocka, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout
    listed = subprocess.run(["meson", "introspect", str(build), "--installed"], check=True,
                            stdout=subprocess.PIPE, timeout=LIMIT_S).stdout
    targets = json.loads(listed).values()
    for name in INSTALLED:
        assert any(target.startswith("/usr/local/") and target.endswith("/" + name)
                   for target in targets), name
