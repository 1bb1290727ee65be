#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The INF files of data/windows: what refers to what, and the values that Windows would refuse.

    check_inf.py ROOT

Looks at the files by themselves; what Microsoft's InfVerif says of them is not known here.
"""
import datetime
import re
import sys
from pathlib import Path

import inf as inf_file
from tap import Tap

CLASSES = {"ports": "{4d36e978-e325-11ce-bfc1-08002be10318}",
           "system": "{4d36e97d-e325-11ce-bfc1-08002be10318}"}
PLATFORMS = {"ntx86": "x86", "ntamd64": "amd64"}
# The ids of hardware that these files may have: ACPI's, PCI's and those of a port's bus.
HARDWARE_ID = re.compile(r"\*PNP[0-9A-F]{4}|ACPI\\PNP[0-9A-F]{4}|LPTENUM\\[\x21-\x2b\x2d-\x7e]+|"
                         r"PCI\\VEN_[0-9A-F]{4}&DEV_[0-9A-F]{4}(&SUBSYS_[0-9A-F]{8})?")
REGISTRY_ROOTS = {"HKR"}
TYPES = {0x00000000: "text", 0x00020000: "text", 0x00000001: "bytes", 0x00010001: "number"}
NO_CLOBBER = 0x00000002
SERVICE_KEYS = {"displayname", "servicetype", "starttype", "errorcontrol", "servicebinary",
                "loadordergroup"}
SERVICE_IS_FUNCTION_DRIVER = "0x00000002"
DRIVERS = "12"      # the directory id of System32\drivers

# One entry of an access list: allow or deny, rights, whom.
ACE = (r"\(([AD]);;((?:GA|GR|GW|GX)+|0x[0-9a-f]{1,8});;;"
       r"(SY|BA|BU|IU|NU|LS|NS|SU|WD|AU|S-1-\d+(?:-\d+)+)\)")
SDDL = re.compile(rf"D:P(?:{ACE})+")

# Sections that Windows looks for by name, and what may follow a name that others give.
ROOT_SECTIONS = {"version", "manufacturer", "strings", "destinationdirs", "sourcedisksfiles",
                 "sourcedisksnames", "sourcedisksnames.amd64"}
SUFFIXES = (".hw", ".services")


def version(root, inf):
    number = re.search(r"version: '([\d.]+)'", (root / "meson.build").read_text())[1]
    if inf.value("Version", "Signature") != ("$Windows NT$",):
        yield 0, "Signature is \"$Windows NT$\""
    class_name = "".join(inf.value("Version", "Class")).lower()
    if "".join(inf.value("Version", "ClassGuid")).lower() != CLASSES.get(class_name):
        yield 0, f"ClassGuid is not that of class {class_name}"
    for key in ("Provider", "CatalogFile"):
        if not inf.value("Version", key):
            yield 0, f"[Version] has no {key}"
    date, ours = (*inf.value("Version", "DriverVer"), "", "")[:2]
    try:
        datetime.datetime.strptime(date, "%m/%d/%Y")
    except ValueError:
        yield 0, f"DriverVer: {date!r} is no date of the form MM/DD/YYYY"
    if ours != f"{number}.0":
        yield 0, f"DriverVer has {ours}, the project's version is {number}.0"


def platforms(root, inf):
    """Each platform has the same models, ids of a good form, none of them twice."""
    tables = {}
    for maker in inf.lines("Manufacturer"):
        if {platform.lower() for platform in maker.values[1:]} != set(PLATFORMS):
            yield maker.number, f"the platforms are {', '.join(PLATFORMS)}"
    for platform, line in inf_file.models(inf):
        table = tables.setdefault(platform, [])
        if len(line.values) < 2:
            yield line.number, "a model without a hardware id"
        for hardware_id in line.values[1:]:
            if not HARDWARE_ID.fullmatch(hardware_id):
                yield line.number, f"{hardware_id} is no hardware id that is known here"
            if any(hardware_id.lower() == other.lower() for _, ids in table for other in ids):
                yield line.number, f"{hardware_id} is there twice"
        table.append((line.values[0], line.values[1:]))
    if len(set(map(repr, tables.values()))) != 1:
        yield 0, "the platforms do not have the same models"


def references(inf):
    """(line number, name) of every section that another one names."""
    for maker in inf.lines("Manufacturer"):
        for platform in maker.values[1:]:
            yield maker.number, f"{maker.values[0]}.{platform}"
    for _, line in inf_file.models(inf):
        yield line.number, f"{line.values[0]}.NT"
    for name, lines in inf.sections.items():
        for line in lines:
            if line.key.lower() in ("addreg", "copyfiles"):
                yield from ((line.number, value) for value in line.values)
            elif line.key.lower() == "addservice":
                yield from ((line.number, value) for value in line.values[2:] if value)


def sections(root, inf):
    named = {name.lower() for _, name in references(inf)}
    for number, name in references(inf):
        if name.lower() not in inf.sections:
            yield number, f"there is no section [{name}]"
    for name in inf.sections:
        stem = next((name.removesuffix(end) for end in SUFFIXES if name.endswith(end)), name)
        if name not in ROOT_SECTIONS and stem not in named:
            yield 0, f"nothing names [{inf.names[name]}]"


def strings(root, inf):
    defined = {line.key.lower(): line.number for line in inf.lines("Strings")}
    used = set()
    for lines in inf.sections.values():
        for line in lines:
            text = " ".join((line.key, *line.values)).replace("%%", "")
            for token in inf_file.STRING_TOKEN.findall(text):
                used.add(token.lower())
                if token.lower() not in defined and not token.isdigit():
                    yield line.number, f"%{token}% is not in [Strings]"
    yield from ((number, f"nothing uses {token}") for token, number in defined.items()
                if token not in used)


def installed_files(inf):
    """(line number, name once installed, name in the package) of every file that is copied."""
    for section in (value for lines in inf.sections.values() for line in lines
                    if line.key.lower() == "copyfiles" for value in line.values):
        for line in inf.lines(section):
            yield line.number, line.values[0], (line.values + line.values[:1])[1]


def files(root, inf):
    """What is copied has a place in the package and goes where the service looks for it."""
    disks = {line.key: line.values[0] for line in inf.lines("SourceDisksFiles")}
    copied = list(installed_files(inf))
    for number, _, source in copied:
        disk = disks.pop(source, None)
        if disk is None:
            yield number, f"[SourceDisksFiles] does not have {source}"
        for platform in PLATFORMS.values():
            if not inf_file.disk(inf, platform, disk or ""):
                yield number, f"[SourceDisksNames] does not have the disk of {source} for {platform}"
    yield from ((0, f"nothing copies {name}") for name in disks)
    if copied and inf.value("DestinationDirs", "DefaultDestDir") != (DRIVERS,):
        yield 0, f"DefaultDestDir is {DRIVERS}"
    targets = {f"%{DRIVERS}%\\{target}" for _, target, _ in copied}
    for lines in inf.sections.values():
        for line in lines:
            if line.key.lower() == "servicebinary" and line.values[0] not in targets:
                yield line.number, f"nothing is copied to {line.values[0]}"
            for value in line.values:
                image = re.search(r"\\drivers\\([\w.]+)", value)
                if image and f"%{DRIVERS}%\\{image[1]}" not in targets:
                    yield line.number, f"nothing is copied to {value}"


def services(root, inf):
    """Each way to install a device says which service is its function driver, or that none is."""
    for name in {line.values[0] for _, line in inf_file.models(inf)}:
        added = [line for line in inf.lines(f"{name}.NT.Services")
                 if line.key.lower() == "addservice"]
        if len(added) != 1 or added[0].values[1:2] != (SERVICE_IS_FUNCTION_DRIVER,):
            yield 0, f"[{name}.NT.Services] needs one AddService with {SERVICE_IS_FUNCTION_DRIVER}"
            continue
        if not added[0].values[0]:
            continue
        keys = {line.key.lower() for line in inf.lines(added[0].values[2])}
        if keys != SERVICE_KEYS:
            yield added[0].number, f"the service has to have {', '.join(sorted(SERVICE_KEYS))}"


def security(text):
    """What is wrong with a security descriptor of a device; "" for nothing."""
    if not SDDL.fullmatch(text):
        return "no protected list of simple entries"
    entries = re.findall(ACE, text)
    if "AD" in "".join(kind for kind, _, _ in entries):
        return "an entry that denies stands after one that allows"
    allowed = {who: rights for kind, rights, who in entries if kind == "A"}
    if not allowed.get("SY") == allowed.get("BA") == "GA":
        return "SYSTEM and Administrators lack full access"
    return ""


def value_problem(kind, name, data):
    if kind == "number" and not re.fullmatch(r"\d+|0x[0-9a-fA-F]+", data):
        return f"{name}: {data!r} is no number"
    if kind == "bytes" and not re.fullmatch(r"[0-9a-fA-F]{2}", data):
        return f"{name}: {data!r} is not one byte"
    if name == "Security":
        fault = security(data)
        return f"{name}: {fault}" if fault else ""
    return ""


def registry(root, inf):
    for section in (value for lines in inf.sections.values() for line in lines
                    if line.key.lower() == "addreg" for value in line.values):
        for line in inf.lines(section):
            if len(line.values) != 5:
                yield line.number, "a value is: root, key, name, type, data"
                continue
            base, key, name, flags, data = line.values
            kind = TYPES.get(int(flags, 0) & ~NO_CLOBBER) if flags.startswith("0x") else None
            problem = ("the root is HKR" if base not in REGISTRY_ROOTS else
                       f"{name}: type {flags}" if kind is None else
                       value_problem(kind, name, data))
            if problem:
                yield line.number, problem


def settings(root, inf):
    """The values that the driver reads are the ones that are set, but for the name, which is not ours."""
    if not list(installed_files(inf)):
        return
    source = (root / "src/front/nt/registry.c").read_text(encoding="ascii")
    read = set(re.findall(r'\bu"(\w+)"', source)) - {"PortName"}
    device_keys = {line.values[0] + ".NT.HW" for _, line in inf_file.models(inf)}
    written = {line.values[2] for key in device_keys for name in inf.value(key, "AddReg")
               for line in inf.lines(name)} - {"Security"}
    yield from ((0, f"the driver reads {name}, which is not set") for name in sorted(read - written))
    yield from ((0, f"{name} is set, which the driver does not read")
                for name in sorted(written - read))


RULES = (
    ("its version is the project's, its class has its own GUID", version),
    ("the same models for each platform, with good hardware ids", platforms),
    ("every section named is there, and every one there is named", sections),
    ("every string used is there, and every one there is used", strings),
    ("what is copied is in the package and where the service is", files),
    ("each device has one service or none", services),
    ("registry values have a type, and security is a list that denies first", registry),
    ("the settings are those that the driver reads", settings),
)


def complaints(root, path, rule):
    inf = inf_file.parse(path.read_text(encoding="ascii"))
    found = inf.problems + ([] if inf.problems else list(rule(root, inf)))
    place = path.relative_to(root)
    return [f"{place}:{number}: {text}" if number else f"{place}: {text}" for number, text in found]


def main():
    root = Path(sys.argv[1]).resolve()
    paths = sorted((root / "data" / "windows").glob("*.inf"))
    tap = Tap()
    tap.result("inf: there are INF files", [] if paths else ["none in data/windows"])
    for name, rule in RULES:
        tap.result(f"inf: {name}", [text for path in paths for text in complaints(root, path, rule)])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
