# SPDX-License-Identifier: MIT
"""parport run: names that programs insist on, for one program alone."""

import os
import shutil
import subprocess

import pytest

import command
from clients import wait_until, wait_until_free
from test_cli_service import AS_NOBODY, as_somebody  # noqa: F401

case = pytest.mark.case

RICH = {"chip": "ecp-epp"}


def run(service, *arguments, **options):
    return command.run("run", *arguments, mount=service.mount, **options)


def told(service, *arguments, **options):
    done = run(service, *arguments, **options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@case("run: /dev/parport0 and /dev/lp1 are ports of the service, for that program and nobody else")
def test_names(serve):
    service = serve(second={})
    before = sorted(os.listdir("/dev"))
    assert told(service, "sh", "-c", "realpath /dev/parport[0-9] /dev/lp[0-9]").split() == \
        [str(service.node(name)) for name in ("parport0", "parport1", "lpt1", "lpt2")]
    assert sorted(os.listdir("/dev")) == before


@case("run: what is printed to /dev/lp0 arrives")
def test_prints(serve):
    service = serve()
    told(service, "--", "sh", "-c", "echo hello >/dev/lp0")
    wait_until(lambda: service.printed.read_bytes() == b"hello\n", "the page")
    wait_until_free(service.node("parport0"))


@case("run: /proc/sys/dev/parport says what Linux says of such a port")
def test_values(serve):
    service = serve(RICH, second={"chip": "spp"})
    said = told(service, "sh", "-c", "cd /proc/sys/dev/parport && grep . */*").splitlines()
    assert said == ["parport0/base-addr:888\t1912", "parport0/dma:-1", "parport0/irq:-1",
                    "parport0/modes:PCSPP,TRISTATE,EPP,ECP",
                    "parport1/base-addr:632\t0", "parport1/dma:-1", "parport1/irq:-1",
                    "parport1/modes:PCSPP"]


@case("run: all else of /dev and /proc/sys/dev is as it was, links and mounts included")
def test_rest(serve):
    service = serve()
    ask = 'cd /dev && for f in *; do stat -c "%n %F %t %T" "$f"; done; ls /dev/pts/ptmx /proc/sys/dev'
    ours = {"parport0", "lp0", "parport"}

    def rest(text):
        return [line for line in text.splitlines() if line.split(" ")[0] not in ours]

    outside = subprocess.run(["sh", "-c", ask], capture_output=True, text=True, timeout=60).stdout
    assert rest(told(service, "sh", "-c", ask)) == rest(outside)


@case("run --port: the ports that are named become 0, 1 and so on, in that order")
def test_chosen(serve):
    service = serve(second={})
    chosen = ("-p", "lpt2", "--port", service.node("parport0"))
    assert told(service, *chosen, "sh", "-c", "realpath /dev/parport* /dev/lp*").split() == \
        [str(service.node(name)) for name in ("parport1", "parport0", "lpt2", "lpt1")]


@case("run: the program's exit status, its arguments and its standard input are its own")
def test_transparent(serve):
    service = serve()
    done = run(service, "sh", "-c", 'cat; echo "$@"; exit 7', "sh", "-p", "a b", input="in\n")
    assert (done.returncode, done.stdout) == (7, "in\n-p a b\n")


@case("run: an ordinary user needs no right but that to the port")
def test_ordinary(serve, open_dir, as_somebody):  # noqa: F811
    service = serve(mode="0666")
    done = as_somebody(service, "run", "sh", "-c",
                       "id -u; grep CapEff /proc/self/status; realpath /dev/parport0;"
                       "echo hello >/dev/lp0")
    assert done.returncode == 0, done.stderr
    user, _, held, node = done.stdout.split()
    assert int(user) != 0 and int(held, 16) == 0 and node == str(service.node("parport0"))
    wait_until(lambda: service.printed.read_bytes() == b"hello\n", "the page")


@case("run: whoever asks, the program cannot get the right to real registers")
def test_no_registers(serve):
    said = told(serve(), "grep", "^Cap", "/proc/self/status").splitlines()
    assert len(said) == 5 and not [line for line in said if int(line.split()[1], 16) & 1 << 17]


@case("run: a program that is started in /dev sees the names there, too")
def test_from_there(serve):
    service = serve()
    assert told(service, "sh", "-c", "pwd", cwd="/dev") == "/dev\n"
    assert told(service, "realpath", "parport0", cwd="/dev").split() == \
        [str(service.node("parport0"))]


@case("run: no program, one that is not there, one that cannot run, a port that is not there")
def test_refused(serve, tmp_path):
    service = serve()
    assert run(service).returncode == command.USAGE
    missing = run(service, "nonesuch")
    assert (missing.returncode, missing.stderr) == \
        (127, "parport run: cannot run nonesuch: No such file or directory\n")
    (tmp_path / "text").write_text("")
    assert run(service, tmp_path / "text").returncode == 126
    assert run(service, "-p", "lpt9", "true").returncode == command.NO_PORT
    local = run(service, "-p", "sim:", "true")
    assert local.returncode == command.USAGE and "that parportd serves" in local.stderr


@case("run: set-user-id it runs nothing, for its caller would choose what root's programs see")
def test_set_id(serve, open_dir, tmp_path):
    service = serve(mode="0666")
    copy = shutil.copy(command.PARPORT, tmp_path / "parport")
    os.chmod(copy, 0o4755)
    done = subprocess.run([*AS_NOBODY, copy, "run", "echo", "ran"], capture_output=True, text=True,
                          env=command.environment(service.mount), timeout=command.WAIT_S)
    assert (done.returncode, done.stdout) == (command.NOT_PERMITTED, "")
    assert "must not be set-user-id" in done.stderr


CHANGED_ROOT = """
mkdir "$0/root"
mount --rbind / "$0/root"
exec chroot --userspec=65534:65534 "$0/root" "$0/parport" run echo ran
"""


@case("run: where namespaces are refused, the message says what to do, and nothing is run")
def test_no_namespace(serve, open_dir, tmp_path):
    service = serve(mode="0666")
    shutil.copy(command.PARPORT, tmp_path / "parport")
    # Linux makes no user namespace for a process whose root is not that of its mounts.
    done = subprocess.run(["unshare", "--mount", "sh", "-ec", CHANGED_ROOT, str(tmp_path)],
                          env=command.environment(service.mount), capture_output=True, text=True,
                          timeout=60)
    assert (done.returncode, done.stdout) == (command.NOT_PERMITTED, "")
    assert "this kernel gives no namespaces to ordinary users" in done.stderr
    assert "run as root" in done.stderr
