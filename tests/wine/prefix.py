# SPDX-License-Identifier: MIT
"""A Wine of our own: a prefix with drivers as services, and an end to all that runs in it.

    with Prefix(folder) as prefix:
        prefix.install("testbus", path_of_testbus_sys)
        prefix.start("testbus")
        prefix.run(["program.exe"], timeout=30)
        prefix.text("bus.log")

The prefix is made once and kept in *folder*; services and files are made anew each time. Drivers
share one load order group, for only then does Wine's service manager put them into one process.
Results are files in C:\\openparport: whoever holds an end of a pipe there outlives a crash.
"""
import fcntl
import os
import pathlib
import shutil
import subprocess

MODULES = pathlib.Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows")
GROUP = "OpenParport"
MAKE_SECONDS = 120
STOP_SECONDS = 20
TOOL_SECONDS = 30

SERVICE = r'''
[System\\CurrentControlSet\\Services\\{name}]
"ErrorControl"=dword:00000001
"Group"="{group}"
"ImagePath"="C:\\openparport\\{file}"
"Start"=dword:00000003
"Type"=dword:00000001
'''


class Prefix:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder).absolute()
        self.files = self.folder / "drive_c/openparport"
        self.registry = self.folder / "system.reg"
        self.pristine = self.folder / "system.pristine"
        self.lock = None
        self.keeper = None
        self.environment = {
            key: value for key, value in os.environ.items()
            if key not in ("DISPLAY", "WAYLAND_DISPLAY") and not key.startswith("WINE")
        }
        self.environment.update(
            WINEPREFIX=str(self.folder),
            WINEARCH="win64",
            WINEDEBUG=os.environ.get("OPP_WINEDEBUG", "-all"),
            WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe=d",
        )

    def __enter__(self):
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.lock = open(f"{self.folder}.lock", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.stop()
        if not self.pristine.exists():
            self.make()
        shutil.copyfile(self.pristine, self.registry)
        shutil.rmtree(self.files, ignore_errors=True)
        self.files.mkdir()
        return self

    def keep(self):
        """Wine ends its services with the last program. This one waits for what we never say, and
        sees it when we have gone."""
        if not self.keeper:
            self.keeper = subprocess.Popen(["wine", "cmd"], env=self.environment,
                                           stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL)

    def __exit__(self, *unused):
        self.stop()
        if self.keeper:
            self.keeper.stdin.close()
            self.keeper.wait(STOP_SECONDS)
        self.lock.close()

    def make(self):
        """Who dies in here begins again: pristine comes last."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.call(["wine", "wineboot", "-i"], MAKE_SECONDS)
        self.call(["wineserver", "-w"], MAKE_SECONDS)
        if not self.registry.exists():
            raise RuntimeError(f"wine made no prefix in {self.folder}")
        self.thin_out()
        shutil.copyfile(self.registry, self.pristine)

    def thin_out(self):
        """The copies of Wine's own modules, 700 MB, become links to them."""
        for copy in (self.folder / "drive_c/windows").rglob("*"):
            original = MODULES / copy.name
            if copy.is_file() and not copy.is_symlink() and original.is_file() \
                    and original.stat().st_size == copy.stat().st_size:
                copy.unlink()
                copy.symlink_to(original)

    def call(self, command, seconds, **more):
        """No pipe: who stays behind in the prefix would hold its other end."""
        more.setdefault("stdout", subprocess.DEVNULL)
        return subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL,
                              stderr=subprocess.STDOUT, timeout=seconds, check=False, **more)

    def stop(self):
        """Ends all that runs in the prefix; fine when nothing does."""
        if self.folder.exists():
            self.call(["wineserver", "-k"], STOP_SECONDS)
            self.call(["wineserver", "-w"], STOP_SECONDS)

    # ---- before anything runs in it --------------------------------------------------------

    def install(self, name, driver):
        """*driver* becomes the service *name*, started on demand."""
        driver = pathlib.Path(driver)
        shutil.copyfile(driver, self.files / driver.name)
        with open(self.registry, "a", encoding="ascii") as registry:
            registry.write(SERVICE.format(name=name, group=GROUP, file=driver.name))

    def copy(self, path):
        """A file comes to C:\\openparport."""
        shutil.copyfile(path, self.files / pathlib.Path(path).name)

    # ---- while things run ---------------------------------------------------------------------

    def start(self, service):
        """Starts a service; returns whether it runs."""
        self.keep()
        return self.run(["net", "start", service], TOOL_SECONDS) == 0

    def run(self, command, timeout, output="output.txt"):
        """Runs a program, its output in the file *output*; returns its exit status."""
        with open(self.files / output, "ab") as file:
            try:
                return self.call(["wine", *command], timeout, stdout=file,
                                 cwd=self.files).returncode
            except subprocess.TimeoutExpired:
                return None

    def text(self, name):
        """What stands in a file of C:\\openparport; nothing when there is none."""
        path = self.files / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
