# SPDX-License-Identifier: MIT
"""libieee1284's own test program, built from its source: what it says of port and device."""

import pytest

import libieee1284
import sources
from afterwards import at_rest

case = pytest.mark.case

# What the library can make of a chip, in its words and in its order.
ABILITIES = {
    "spp": "RAW NIBBLE COMPAT",
    "ps2": "RAW NIBBLE BYTE COMPAT ECPSWE",
    "epp": "RAW NIBBLE BYTE COMPAT ECPSWE EPP",
    "ecp": "RAW NIBBLE BYTE COMPAT ECP ECPRLE ECPSWE",
    "ecp-epp": "RAW NIBBLE BYTE COMPAT ECP ECPRLE ECPSWE EPP",
}
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789 -"


@pytest.fixture(scope="session")
def program():
    return libieee1284.built() / libieee1284.TEST_PROGRAM


def random_word(chance, most):
    middle = (chance.choice(LETTERS) for _ in range(chance.randint(0, most - 2)))
    return "M" + "".join(middle) + "1"


@case("libieee1284's test program lists the port and reads the device id")
@pytest.mark.parametrize("modes", ["nibble", "nibble byte ecp epp"])
def test_device(serve, said_on_parport0, program, chance, modes):
    maker, model = random_word(chance, 20), random_word(chance, 40)
    device_id = f"MFG:{maker};CMD:NONE;MDL:{model};CLS:SCANNER;"
    service = serve(parport0={"chip": "ecp-epp", "modes": modes, "id": device_id})
    said = said_on_parport0(service, [program])
    assert said.startswith(f"Found 1 ports:\n  parport0: SCANNER, {maker} {model}\n\n")
    assert at_rest(service)


# Where /proc has no ports and /dev has no files, the library tries the usual addresses.
ONLY_REGISTERS = ["sh", "-c", 'rm -r /dev/parport0 /dev/lp0 /proc/sys/dev/parport && exec "$0"']


@case("libieee1284's test program, with port instructions alone, reads the device id")
@pytest.mark.usefixtures("one_cpu")
def test_registers(serve, said_on_parport0, program, chance):
    maker, model = random_word(chance, 20), random_word(chance, 40)
    service = serve(parport0={"chip": "ps2", "modes": "nibble byte",
                              "id": f"MFG:{maker};CMD:NONE;MDL:{model};CLS:SCANNER;"})
    said = said_on_parport0(service, [*ONLY_REGISTERS, program], "--trap-io")
    assert f"\n  0x378: SCANNER, {maker} {model}\n" in said
    assert at_rest(service)


@case("libieee1284's test program is told what each chip can do")
@pytest.mark.parametrize("chip, abilities", ABILITIES.items(), ids=ABILITIES)
def test_abilities(serve, said_on_parport0, program, chip, abilities):
    service = serve(parport0={"chip": chip})
    # The printer does not know IEEE 1284, so there is no id.
    address = "0x378 (ECR at 0x778)" if chip.startswith("ecp") else "0x378"
    assert said_on_parport0(service, [program]) == (
        f"Found 1 ports:\n  parport0: \n\nparport0: {address}\n  {abilities} \n")
    assert at_rest(service)


@case("lists of packages, in both forms, become lists of source packages")
def test_lists(tmp_path):
    parts = tmp_path / "parts"
    parts.mkdir()
    (tmp_path / "main").write_text("# deb http://a.invalid/ x y\n"
                                   "deb [signed-by=/k] http://b.invalid/ x y # why\n"
                                   "deb-src http://c.invalid/ x y\n")
    (parts / "new.sources").write_text("Types: deb\n deb-src\nURIs: http://d.invalid/\nSuites: x\n"
                                       "\nTypes: deb\nEnabled: no\n")
    (parts / "old.list").write_text("  deb http://e.invalid/ x\n")
    (parts / "gone.list.bak").write_text("deb http://f.invalid/ x\n")
    sources.write_lists(tmp_path / "main", parts, tmp_path)
    made = {path.name: path.read_text() for path in (tmp_path / "sources.list.d").iterdir()}
    assert (tmp_path / "sources.list").read_text() == (
        "deb-src [signed-by=/k] http://b.invalid/ x y # why\n")
    assert made == {
        "new.sources": "Types: deb-src\nURIs: http://d.invalid/\nSuites: x\n"
                       "\nTypes: deb-src\nEnabled: no\n",
        "old.list": "deb-src http://e.invalid/ x\n"}
