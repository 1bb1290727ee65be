# SPDX-License-Identifier: MIT
"""The command without a service: its help, its errors, and simulated ports inside it."""

import fcntl
import os
import pty
import re
import signal
import subprocess
import sys
import termios

import pytest

import command
from lib import paths

case = pytest.mark.case

VERBS = ("list", "status", "info", "alloc", "lock", "doctor", "run", "print", "pins", "negotiate",
         "probe", "caps", "id", "chain", "read", "write", "reset", "monitor", "sim", "kick")
FACTS = ("list", "status", "info", "pins")
MANUAL = paths.ROOT / "man" / "parport.1"
CONF_MANUAL = paths.ROOT / "man" / "parport.conf.5"


def rendered(page):
    return subprocess.run(["mandoc", "-T", "utf8", str(page)], text=True, check=True,
                          capture_output=True, timeout=command.WAIT_S).stdout.replace("\b", "\0")


def plain(page):
    """The page without overstrikes: x BACKSPACE x is x."""
    return re.sub(r".\0", "", rendered(page))


@case("parport --help names every verb, each verb explains itself")
def test_help():
    done = command.run("--help")
    assert done.returncode == command.SUCCESS
    assert re.findall(r"^  (\w+) ", done.stdout, re.M) == list(VERBS)
    for verb in VERBS:
        own = command.run(verb, "--help")
        assert own.returncode == command.SUCCESS
        assert own.stdout.startswith(f"Usage: parport {verb} ")


@case("sim: opens no real port, and io: takes no keys; what it says of a name begins with that")
@pytest.mark.parametrize("name, said", [
    ("sim:back_end=io:0x378", "sim: back_end"),
    ("sim:name=one,back_end=io:0x378,force=true", "sim: back_end"),
    ("io:0x378,force=true", '"io:0x378,force=true": expected io:0x378'),
    ("io:0x378,probe=full", '"io:0x378,probe=full": expected io:0x378'),
    ("io:0x20", '"io:0x20": expected io:0x378'),
    ("pci:5.0", '"pci:5.0": expected io:0x378 or pci:0000:03:00.0')])
def test_real_ports_have_one_name(name, said):
    done = command.run("info", name)
    assert done.returncode == command.USAGE
    assert said in done.stderr and done.stderr.count("sim:") == said.count("sim:")


@case("pci: a card that this machine has not is said to be none, and how to find those it has")
def test_no_such_card():
    done = command.run("info", "pci:ff:1f.7")
    assert done.returncode == command.NO_PORT and "MOUNT" not in done.stderr
    assert "pci:0000:ff:1f.7: there is no such card" in done.stderr


@case("parport --version says which one it is")
def test_version():
    meson = (paths.ROOT / "meson.build").read_text()
    version = re.search(r"version: '([\d.]+)'", meson)[1]
    assert command.run("--version").stdout == f"parport (OpenParport) {version}\n"
    assert command.run("list", "--version").stdout == f"parport (OpenParport) {version}\n"


@case("a wrong verb, option or number of arguments: exit status 2 and what would be right")
@pytest.mark.parametrize("words, hint", [
    ([], "Usage: parport VERB"),
    (["prnt"], "unknown verb 'prnt': use one of list, status, info, alloc, lock, doctor, run, print"),
    (["list", "--jsn"], "--help"),
    (["list", "--watch"], "--help"),
    (["pins"], "name one port, for example lpt1"),
    (["pins", "lpt1", "lpt2"], "name one port, for example lpt1"),
    (["kick"], "name the port, for example lpt1"),
    (["kick", "lpt1", "lpt2"], "--help"),
    (["monitor", "sim:"], "sim: ends with this command: name a port that parportd serves"),
    (["print", "--port", "sim:", "/dev/null"], "sim: ends with this command"),
    (["run", "--port", "io:0x378", "true"], "io:0x378 ends with this command"),
    (["negotiate", "lpt1", "compat"], "'compat' is no mode for this: say nibble, byte, ecp, "),
    (["read", "--mode", "compat", "lpt1"], "'compat' is no mode for this: say nibble, byte, ecp, "),
    (["write", "--mode", "byte", "lpt1"], "'byte' is no mode for this: say compat, ecp, "),
    (["read", "--wait", "1", "lpt1"], "'1' is no time"),
    (["sim"], "say show, set, attach, detach or fault"),
    (["sim", "show"], "wanted: parport sim show PORT"),
    (["sim", "set", "lpt1"], "wanted: parport sim set PORT KEY=VALUE..."),
    (["print"], "name the files to print"),
    (["alloc"], "name a port and a command"),
    (["alloc", "lpt1"], "name a port and a command"),
    (["alloc", "--timeout", "5", "lpt1", "true"], "'5' is no time"),
    (["alloc", "--timeout=-1s", "lpt1", "true"], "'-1s' is no time"),
    (["alloc", "--timeout=99999999999999999999s", "lpt1", "true"], "is no time"),
    (["alloc", "--timeout=20000000000000s", "lpt1", "true"], "is no time"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_usage(words, hint):
    done = command.run(*words)
    assert done.returncode == command.USAGE
    assert hint in done.stderr
    assert done.stdout == ""


@case("no service: exit status 110, the mount, and what to do")
@pytest.mark.parametrize("words", [
    ["list"], ["list", "lpt1"], ["status"], ["info"], ["status", "lpt1"], ["pins", "lpt1"], ["kick", "lpt1"],
    ["alloc", "lpt1", "true"], ["print", "/dev/null"],
], ids=" ".join)
@pytest.mark.parametrize("mount", ["missing", "empty"])
def test_no_service(words, mount, tmp_path):
    path = tmp_path / "mount"
    if mount == "empty":
        path.mkdir()
    done = command.run(*words, mount=path)
    assert done.returncode == command.NO_PORT
    assert str(path) in done.stderr
    assert "parportd" in done.stderr and "OPENPARPORT_MOUNT" in done.stderr
    assert done.stderr.startswith(f"parport {words[0]}: ")
    assert done.stdout == ""


@case("a simulated port: info, status and list as JSON")
def test_simulated_facts():
    info, = command.facts("info", "sim:chip=spp,peripheral=none")
    assert info["port"] == "parport0" and info["device"] == "lpt1"
    assert (info["back_end"], info["chip"], info["peripheral"]) == ("sim", "spp", "none")
    assert "compatibility" in info["capabilities"] and "reverse" not in info["capabilities"]
    status, = command.facts("status", "sim:")
    assert (status["state"], status["holder"], status["waiters"]) == ("free", None, 0)
    assert status["waiting"] == []
    both = command.facts("list", "sim:chip=spp", "sim:chip=ps2")
    assert [port["chip"] for port in both] == ["spp", "ps2"]


@case("list: what is in a column begins where its heading does, however long a name is")
def test_columns():
    lines = command.run("list", "sim:name=n", "sim:name=averylongname,chip=ecp").stdout.splitlines()
    starts = [lines[0].index(heading) for heading in ("PORT", "BACK END", "CHIP", "STATE")]
    assert [[line[start:].split()[0] for start in starts] for line in lines[1:]] == \
        [["n", "sim", "ps2", "free"], ["averylongname", "sim", "ecp", "free"]]


def levels(port):
    pins, = command.facts("pins", port)
    assert [pin["pin"] for pin in pins["pins"]] == list(range(1, 26))
    return {pin["line"]: pin["level"] for pin in pins["pins"]}, pins


@case("pins: 25 pins by name, what a ready, an empty, a sleeping and a missing printer show")
def test_pins():
    lines, pins = levels("sim:")
    assert (lines["Busy"], lines["PError"], lines["Select"], lines["nFault"]) == \
        ("low", "low", "high", "high")
    assert (lines["nStrobe"], lines["nInit"], lines["nSelectIn"]) == ("high", "high", "low")
    assert {pin["driven_by"] for pin in pins["pins"][17:]} == {"none"}
    lines, _ = levels("sim:paper_out=yes")
    assert (lines["nFault"], lines["PError"]) == ("low", "high")
    lines, _ = levels("sim:off_line=yes")
    assert (lines["nFault"], lines["Select"]) == ("low", "low")
    lines, _ = levels("sim:powered_off=yes")
    assert {lines[name] for name in ("nAck", "Busy", "PError", "Select", "nFault")} == {"low"}
    lines, _ = levels("sim:peripheral=none")
    assert {lines[name] for name in ("nAck", "Busy", "PError", "Select", "nFault")} == {"high"}


@case("pins: the text says the same as the JSON")
def test_pins_text():
    lines, _ = levels("sim:paper_out=yes")
    text = command.run("pins", "sim:paper_out=yes").stdout
    assert dict(re.findall(r"^ *\d+  (\w+) +(high|low) ", text, re.M)) == lines


@case("a mistake in a simulated port is told with what was expected")
def test_simulated_mistakes():
    done = command.run("info", "sim:chip=isa")
    assert done.returncode == command.USAGE
    assert "isa" in done.stderr and "ecp or ecp-epp" in done.stderr


@case("parport.conf(5) explains every key that the service and a port know")
def test_conf_manual():
    keys = (paths.ROOT / "src" / "host" / "config_keys.c").read_text()
    of_port = re.findall(r'^\t(?:[A-Z_]+\(|\{ )"(\w+)"', keys, re.M)
    source = (paths.ROOT / "src" / "front" / "fuse" / "config.c").read_text()
    of_service = re.findall(r'\{ "(\w+)", read_\w+ \}', source)
    page = plain(CONF_MANUAL)
    assert {"mount", "exclusive"} <= set(of_service) and {"chip", "modes", "wav"} <= set(of_port)
    for key in of_port + of_service:
        assert re.search(rf"^ +(?:\w+, )*{key}\b", page, re.M), key


@case("parport.conf(5): its examples are good configurations")
def test_conf_examples(tmp_path):
    examples = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", CONF_MANUAL.read_text(), re.M | re.S)
    assert len(examples) == 2
    for example in examples:
        (tmp_path / "parport.conf").write_text(example)
        done = subprocess.run([paths.BUILD / "src" / "front" / "fuse" / "parportd", "--check-config",
                               "--config", tmp_path / "parport.conf"], text=True, capture_output=True,
                              timeout=command.WAIT_S)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@case("standard output that cannot be written is an error")
@pytest.mark.parametrize("verb", FACTS)
def test_full_output(verb):
    with open("/dev/full", "w") as full:
        done = command.run(verb, "sim:", stdout=full)
    assert done.returncode == command.FAILED
    assert "cannot write to standard output" in done.stderr


@case("alloc returns what its command returns")
@pytest.mark.parametrize("program, status", [
    ("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -TERM $$", 128 + signal.SIGTERM),
    ("kill -KILL $$", 128 + signal.SIGKILL),
])
def test_alloc_status(program, status):
    assert command.run("alloc", "sim:", "sh", "-c", program).returncode == status


@case("alloc --timeout takes every unit, and 0")
@pytest.mark.parametrize("time", ["0", "0s", "100us", "500ms", "2 s", "1m", "1 min", "1h"])
def test_alloc_units(time):
    assert command.run("alloc", "--timeout", time, "sim:", "true").returncode == 0


@case("alloc of a command that cannot be run: 127 not found, 126 not executable")
def test_alloc_no_command(tmp_path):
    done = command.run("alloc", "sim:", "--", "/no/such/program", "--option")
    assert done.returncode == 127
    assert "cannot run /no/such/program: No such file" in done.stderr
    done = command.run("alloc", "sim:", str(tmp_path))
    assert done.returncode == 126


@case("alloc leaves the options of its command alone, with and without --")
def test_alloc_options():
    assert command.run("alloc", "sim:", "echo", "--timeout", "-n").stdout == "--timeout -n\n"
    assert command.run("alloc", "sim:", "--", "echo", "--", "x").stdout == "-- x\n"
    assert command.run("alloc", "--timeout=1m", "sim:", "echo", "x").stdout == "x\n"


@case("alloc gives its command no descriptor, the signal mask it got, and its standard input")
def test_alloc_inheritance():
    program = ("import os, signal, sys;"
               "print(sorted(os.listdir('/proc/self/fd'), key=int)[:-1],"
               "signal.pthread_sigmask(signal.SIG_BLOCK, []), sys.stdin.read())")
    done = command.run("alloc", "sim:", sys.executable, "-c", program, input="text")
    assert done.stdout == "['0', '1', '2'] set() text\n"


STOP_AND_GO = {signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGCONT}
NEVER_ENDS = {signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH}
OWN_MISTAKES = {signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE,
                signal.SIGSEGV, signal.SIGSYS}
HANDED_ON = signal.valid_signals() - STOP_AND_GO - NEVER_ENDS - OWN_MISTAKES - {signal.SIGKILL}

# Tells the number of every signal it gets until its input ends.
LISTENER = """
import signal, sys, threading
everything = signal.valid_signals()
signal.pthread_sigmask(signal.SIG_BLOCK, everything)
def listen():
    while True:
        print(int(signal.sigwait(everything)), flush=True)
threading.Thread(target=listen, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
sys.exit(9)
"""


@case("alloc hands every signal that would end it on to its command, once, and waits for it")
def test_alloc_signals():
    process = command.start("alloc", "sim:", sys.executable, "-c", LISTENER,
                            stdin=subprocess.PIPE)
    assert process.stdout.readline() == "ready\n"
    for number in sorted(HANDED_ON):
        for quiet in NEVER_ENDS:
            process.send_signal(quiet)
        process.send_signal(number)
        assert process.stdout.readline() == f"{int(number)}\n"
    assert command.finish(process)[:2] == (9, "")


@case("alloc, as the leader of a session whose terminal goes away, hands SIGHUP on")
def test_alloc_hangup():
    ours, its = pty.openpty()
    process = command.start("alloc", "sim:", sys.executable, "-c", LISTENER,
                            stdin=subprocess.PIPE, start_new_session=True,
                            preexec_fn=lambda: fcntl.ioctl(its, termios.TIOCSCTTY, 0))
    os.close(its)
    assert process.stdout.readline() == "ready\n"
    os.close(ours)
    assert process.stdout.readline() == f"{int(signal.SIGHUP)}\n"
    assert command.finish(process)[0] == 9


@case("alloc: Ctrl-C reaches its command once")
def test_alloc_keyboard():
    ours, its = pty.openpty()
    process = command.start("alloc", "sim:", sys.executable, "-c", LISTENER,
                            stdin=subprocess.PIPE, start_new_session=True,
                            preexec_fn=lambda: fcntl.ioctl(its, termios.TIOCSCTTY, 0))
    os.close(its)
    assert process.stdout.readline() == "ready\n"
    os.write(ours, b"\x03")
    assert process.stdout.readline() == f"{int(signal.SIGINT)}\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == f"{int(signal.SIGTERM)}\n"
    assert command.finish(process)[:2] == (9, "")
    os.close(ours)


@case("print opens every file before the first byte")
def test_print_inputs(tmp_path):
    page = tmp_path / "page"
    page.write_text("text")
    for wrong, hint in ((tmp_path / "none", "No such file"), (tmp_path, "is a directory")):
        done = command.run("print", str(page), str(wrong))
        assert done.returncode == command.USAGE
        assert hint in done.stderr and "nothing was printed" in done.stderr


@case("parport(1) lists the exit statuses of the code")
def test_exit_table():
    source = (paths.ROOT / "src" / "words" / "status.c").read_text()
    of_code = {int(number) for number in re.findall(r"^\tEXIT_\w+ = (\d+),", source, re.M)}
    of_manual = {int(number) for number in re.findall(r"^\.It (\d+)$", MANUAL.read_text(), re.M)}
    assert of_code and of_manual == of_code | {126, 127}


@case("parport(1) names every verb and every option, and every field of the JSON")
def test_manual():
    page = plain(MANUAL)
    for verb in VERBS:
        assert re.search(rf"^ +parport {verb}\b", page, re.M)
        for option in re.findall(r"--[a-z]+", command.run(verb, "--help").stdout):
            assert option in page or option == "--usage"
    for verb in FACTS:
        fields = command.facts(verb, "sim:")[0]
        for field in [*fields, *fields.get("pins", [{}])[0]]:
            assert re.search(rf"\b{field}\b", page), field
