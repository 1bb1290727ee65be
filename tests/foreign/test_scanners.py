# SPDX-License-Identifier: MIT
"""SANE looks for scanners on the port.

There is none to be found. What is proven: SANE finds the port, may have it, learns the
chip's abilities, reads the printer's status lines, and leaves the port as it was.
"""

import re

import pytest

from afterwards import at_rest

case = pytest.mark.case

READY, NO_PAPER = "0x0b", "0x1e"	# nFault, Select, PError, nAck, Busy from bit 0


@pytest.fixture
def debugged(said_on_parport0):
    """debugged(service, back end, level, argv): what SANE and its back end have to say."""

    def run(service, back_end, level, argv):
        return said_on_parport0(service, ["env", f"SANE_DEBUG_{back_end}={level}", *argv])

    return run


@case("SANE's probing with libieee1284 finds the port, its ability and the printer's lines")
@pytest.mark.parametrize("chip, printer, ability, lines", [
    ("ps2", {}, "ECP-S Mode", READY),
    ("spp", {"paper_out": True}, "nibble mode", NO_PAPER)], ids=["ps2", "spp, no paper"])
def test_canon_pp(serve, debugged, tmp_path, chip, printer, ability, lines):
    (tmp_path / "dll.conf").write_text("canon_pp\n")
    service = serve(parport0={"chip": chip, **printer})
    said = debugged(service, "CANON_PP", 10,
                    [f"SANE_CONFIG_DIR={tmp_path}", "scanimage", "-L"])
    assert "1 parallel port(s) found" in said
    assert f"detect_mode: Using {ability}\n" in said
    assert set(re.findall(r"Status = (0x\w+)", said)) == {lines}
    assert "Couldn't contact scanner on port parport0." in said
    assert at_rest(service)


@case("SANE's probing with ppdev learns what the chip can do, and EPP from the printer that has it")
@pytest.mark.parametrize("chip, modes, abilities, negotiated", [
    ("epp", "none", ["PCSPP", "TRISTATE", "EPP"], False),
    ("ecp-epp", "nibble epp", ["PCSPP", "TRISTATE", "EPP", "ECP", "COMPAT"], True)],
                         ids=["epp", "ecp-epp"])
def test_umax_pp(serve, debugged, chip, modes, abilities, negotiated):
    service = serve(parport0={"chip": chip, "modes": modes})
    said = debugged(service, "UMAX_PP_LOW", 32, ["umax_pp", "-p"])
    assert re.findall(r"^\t+PARPORT_MODE_(\w+)$", said, re.MULTILINE) == abilities
    assert ("couldn't negotiate mode IEEE1284_MODE_EPP" in said) != negotiated
    assert "mode set to PARPORT_MODE_EPP for '/dev/parport0'" in said
    assert "Using /dev/parport0 ..." in said
    assert at_rest(service)
