# SPDX-License-Identifier: MIT
"""uisp on a microcontroller, flashrom on a flash memory: bytes are read and written exactly."""

import subprocess

import pytest

from afterwards import at_rest

case = pytest.mark.case

# Parts of parport.conf(5) and the names that uisp has for their signatures.
NAMES = {"at90s8515": "AT90S8515", "atmega8": "ATmega8", "atmega32": "ATmega32",
         "atmega128": "ATmega128"}
FLASH_BYTES = 8192	# of the two that are read and written
EEPROM_BYTES = 512
PARTS = {"w25q80": ("W25Q80.V", 1024), "w25q16": ("W25Q16.V", 2048),
         "w25q32": ("W25Q32.V", 4096), "w25q64": ("W25Q64JV-.Q", 8192)}	# flashrom's names, KiB
CHIP_BYTES = 1 << 20	# of the smallest
SECTOR_BYTES = 4096

UISP = ("uisp", "-dprog=stk200", "-dlpt=/dev/parport0")
FLASHROM = ("flashrom", "-p", "rayer_spi:iobase=0x378,type=rayer")

pytestmark = pytest.mark.usefixtures("one_cpu")


@pytest.fixture
def memory(chance, tmp_path):
    """memory(name, count) makes a file of so many random bytes."""

    def make(name, count):
        path = tmp_path / name
        path.write_bytes(chance.randbytes(count))
        return path

    return make


# ---- uisp ----


def records(source, form, target, result, *options):
    """Converts between a file of bytes ("binary") and one of Motorola's records ("srec")."""
    subprocess.run(["objcopy", "-I", form, "-O", result, *options, source, target], timeout=20,
                   check=True)


@pytest.fixture
def upload(said_on_parport0, tmp_path):
    """upload(service, segment, at, bytes) writes a memory, after everything was erased."""

    def write(service, segment, at, data):
        (tmp_path / "new").write_bytes(data)
        records(tmp_path / "new", "binary", tmp_path / "new.srec", "srec",
                "--change-addresses", str(at))
        said_on_parport0(service, [*UISP, f"--segment={segment}", "--erase", "--upload",
                                   f"if={tmp_path / 'new.srec'}"])

    return write


@pytest.fixture
def download(said_on_parport0, tmp_path):
    """download(service, segment): the bytes of a memory."""

    def read(service, segment):
        said_on_parport0(service, [*UISP, f"--segment={segment}", "--download",
                                   f"of={tmp_path / 'old.srec'}"])
        records(tmp_path / "old.srec", "srec", tmp_path / "old", "binary")
        return (tmp_path / "old").read_bytes()

    return read


@case("uisp knows the AVR by its signature")
@pytest.mark.parametrize("part, name", NAMES.items(), ids=NAMES)
def test_signature(serve, said_on_parport0, part, name):
    service = serve(parport0={"peripheral": "avr", "avr_part": part})
    assert f"Atmel AVR {name} is found." in said_on_parport0(service, UISP)
    assert at_rest(service)


@case("uisp reads the random flash and EEPROM of an AVR byte exact")
def test_read(serve, download, memory):
    flash, eeprom = memory("flash", FLASH_BYTES), memory("eeprom", EEPROM_BYTES)
    service = serve(parport0={"peripheral": "avr", "avr_part": "atmega8", "flash": str(flash),
                              "eeprom": str(eeprom)})
    before = flash.read_bytes(), eeprom.read_bytes()
    assert (download(service, "flash"), download(service, "eeprom")) == before
    service.stop()
    assert (flash.read_bytes(), eeprom.read_bytes()) == before


@case("uisp erases an AVR and writes random bytes to its flash, page by page or byte by byte")
@pytest.mark.parametrize("part, count", [("atmega8", 1500), ("at90s8515", 150)],
                         ids=["atmega8", "at90s8515"])
def test_write(serve, upload, chance, memory, part, count):
    flash = memory("flash", FLASH_BYTES)
    service = serve(parport0={"peripheral": "avr", "avr_part": part, "flash": str(flash)})
    at, data = chance.randint(0, FLASH_BYTES - count), chance.randbytes(count)
    upload(service, "flash", at, data)
    assert at_rest(service)
    service.stop()
    assert flash.read_bytes() == b"\xff" * at + data + b"\xff" * (FLASH_BYTES - at - count)


@case("uisp writes random bytes to the EEPROM of an AVR")
def test_write_eeprom(serve, upload, chance, memory):
    eeprom = memory("eeprom", EEPROM_BYTES)
    service = serve(parport0={"peripheral": "avr", "eeprom": str(eeprom)})
    at, data = chance.randint(0, EEPROM_BYTES - 50), chance.randbytes(50)
    upload(service, "eeprom", at, data)
    service.stop()
    assert eeprom.read_bytes() == b"\xff" * at + data + b"\xff" * (EEPROM_BYTES - at - 50)


# ---- flashrom ----


@case("flashrom knows the flash memory by its id")
@pytest.mark.parametrize("part, name, kib", [(part, *about) for part, about in PARTS.items()],
                         ids=PARTS)
def test_flash_id(serve, said_on_parport0, part, name, kib):
    service = serve(parport0={"peripheral": "spi_flash", "flash_part": part})
    said = said_on_parport0(service, [*FLASHROM, "-c", name], "--trap-io")
    assert f'Found Winbond flash chip "{name}" ({kib} kB, SPI) on rayer_spi.' in said
    assert at_rest(service)


@pytest.fixture
def sector(chance, tmp_path):
    """(address, words): a sector, and flashrom's options to have to do with no other."""
    at = chance.randrange(0, CHIP_BYTES, SECTOR_BYTES)
    (tmp_path / "layout").write_text(f"{at:08x}:{at + SECTOR_BYTES - 1:08x} sector\n")
    return at, ["-l", tmp_path / "layout", "-i", "sector", "--noverify-all"]


@case("flashrom reads a random sector of a flash memory byte exact")
def test_read_sector(serve, said_on_parport0, memory, sector, tmp_path):
    flash = memory("flash", CHIP_BYTES)
    service = serve(parport0={"peripheral": "spi_flash", "flash": str(flash)})
    at, words = sector
    said_on_parport0(service, [*FLASHROM, *words, "-r", tmp_path / "read"], "--trap-io")
    read = (tmp_path / "read").read_bytes()
    assert read[at:at + SECTOR_BYTES] == flash.read_bytes()[at:at + SECTOR_BYTES]
    assert at_rest(service)


@case("flashrom erases and writes a random sector of a flash memory, and no byte else")
def test_write_sector(serve, said_on_parport0, memory, sector):
    flash, new = memory("flash", CHIP_BYTES), memory("new", CHIP_BYTES)
    wanted = bytearray(flash.read_bytes())
    service = serve(parport0={"peripheral": "spi_flash", "flash": str(flash)})
    at, words = sector
    write = [*FLASHROM, "--noverify", *words, "-w", new]
    said_on_parport0(service, write, "--trap-io")
    service.stop()
    wanted[at:at + SECTOR_BYTES] = new.read_bytes()[at:at + SECTOR_BYTES]
    assert flash.read_bytes() == wanted
