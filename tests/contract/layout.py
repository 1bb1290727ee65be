#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The documented structures, as each compiler lays them out.

    layout.py SOURCE 'LABEL=COMPILER AND FLAGS'...

The table below is copied from the documents, size and offsets as 64-bit/32-bit. For each compiler a C
file with one array is generated, compiled, and the array taken out of the object, so that nothing has
to run: ELF and PE are treated alike.
"""
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(sys.argv[1]).resolve()
sys.path.insert(0, str(SOURCE / "tools"))

from tap import Tap  # noqa: E402

TABLE = """
PARALLEL_PORT_INFORMATION 56/32
    OriginalController 0/0, Controller 8/8, SpanOfController 16/12, TryAllocatePort 24/16,
    FreePort 32/20, QueryNumWaiters 40/24, Context 48/28
MORE_PARALLEL_PORT_INFORMATION 32/24
    InterfaceType 0/0, BusNumber 4/4, InterruptLevel 8/8, InterruptVector 12/12,
    InterruptAffinity 16/16, InterruptMode 24/20
PARALLEL_PNP_INFORMATION 112/80
    OriginalEcpController 0/0, EcpController 8/8, SpanOfEcpController 16/12, PortNumber 20/16,
    HardwareCapabilities 24/20, TrySetChipMode 32/24, ClearChipMode 40/28, FifoDepth 48/32,
    FifoWidth 52/36, EppControllerPhysicalAddress 56/40, SpanOfEppController 64/48,
    Ieee1284_3DeviceCount 68/52, TrySelectDevice 72/56, DeselectDevice 80/60, Context 88/64,
    CurrentMode 96/68, PortName 104/72
PARALLEL_1284_COMMAND 8/8
    ID 0/0, Port 1/1, CommandFlags 4/4
PARALLEL_CHIP_MODE 2/2
    ModeFlags 0/0, success 1/1
PARALLEL_INTERRUPT_SERVICE_ROUTINE 32/16
    InterruptServiceRoutine 0/0, InterruptServiceContext 8/4, DeferredPortCheckRoutine 16/8,
    DeferredPortCheckContext 24/12
PARALLEL_INTERRUPT_INFORMATION 32/16
    InterruptObject 0/0, TryAllocatePortAtInterruptLevel 8/4, FreePortFromInterruptLevel 16/8,
    Context 24/12
PARCLASS_INFORMATION 120/64
    Controller 0/0, EcrController 8/4, SpanOfController 16/8, DetermineIeeeModes 24/12,
    NegotiateIeeeMode 32/16, TerminateIeeeMode 40/20, IeeeFwdToRevMode 48/24,
    IeeeRevToFwdMode 56/28, ParallelRead 64/32, ParallelWrite 72/36, ParclassContext 80/40,
    HardwareCapabilities 88/44, FifoDepth 92/48, FifoWidth 96/52, ParallelTryselect 104/56,
    ParallelDeSelect 112/60
PARCLASS_NEGOTIATION_MASK 4/4
    usReadMask 0/0, usWriteMask 2/2
PAR_DEVICE_ID_SIZE_INFORMATION 4/4
    DeviceIdSize 0/0
PAR_QUERY_INFORMATION 1/1
    Status 0/0
PAR_SET_INFORMATION 1/1
    Init 0/0
SERIAL_TIMEOUTS 20/20
    ReadIntervalTimeout 0/0, ReadTotalTimeoutMultiplier 4/4, ReadTotalTimeoutConstant 8/8,
    WriteTotalTimeoutMultiplier 12/12, WriteTotalTimeoutConstant 16/16
FILE_STANDARD_INFORMATION 24/24
    AllocationSize 0/0, EndOfFile 8/8, NumberOfLinks 16/16, DeletePending 20/20, Directory 21/21
FILE_POSITION_INFORMATION 8/8
    CurrentByteOffset 0/0
PARPORT_WMI_ALLOC_FREE_COUNTS 8/8
    PortAllocates 0/0, PortFrees 4/4
OPENPARPORT_DEVICE 12/12
    Flags 0/0, Process 4/4, ReadProtocol 8/8, WriteProtocol 10/10
OPENPARPORT_STATUS 176/176
    State 0/0, Waiters 4/4, Allocates 8/8, Frees 12/12, HeldMicroseconds 16/16,
    LongestWaitMicroseconds 24/24, LongestHoldMicroseconds 32/32, HolderKind 40/40,
    HolderPlace 44/44, HolderProcess 48/48, HardwareCapabilities 52/52, FifoDepth 56/56,
    FifoWidth 60/60, ChipMode 64/64, Ieee1284_3DeviceCount 68/68, OriginalController 72/72,
    OriginalEcpController 80/80, SpanOfController 88/88, SpanOfEcpController 92/92, Place 96/96,
    Devices 100/100
"""


def expected():
    """[(C expression, what it is, 64-bit value, 32-bit value)]"""
    rows = []
    structure = None
    for line in TABLE.strip().splitlines():
        member_line = line.startswith(" ")
        for item in filter(None, (part.strip() for part in line.split(","))):
            name, values = item.split()
            wide, narrow = (int(value) for value in values.split("/"))
            if member_line:
                rows.append((f"offsetof(struct {structure}, {name})", f"{structure}.{name}",
                             wide, narrow))
            else:
                structure = name
                rows.append((f"sizeof(struct {name})", f"sizeof {name}", wide, narrow))
    return rows


def measured(command, expressions):
    """The values of `expressions`, and the size of a pointer, as `command` compiles them."""
    array = ",\n".join(f"\t(uint32_t){expression}" for expression in expressions)
    unit = ("#include <openparport/codes.h>\n"
            "__attribute__((section(\".layout\"), used)) const uint32_t layout[] = {\n"
            f"{array},\n\t(uint32_t)sizeof(void *),\n}};\n")
    prefix = command[0].removesuffix("gcc") if "mingw" in command[0] else ""
    with tempfile.TemporaryDirectory() as scratch:
        unit_object, raw = Path(scratch, "layout.o"), Path(scratch, "layout.bin")
        subprocess.run(command + ["-std=c11", "-ffreestanding", f"-I{SOURCE / 'include'}", "-c",
                                  "-x", "c", "-", "-o", str(unit_object)],
                       input=unit, text=True, check=True, timeout=60)
        subprocess.run([f"{prefix}objcopy", "-O", "binary", "-j", ".layout", str(unit_object),
                        str(raw)], stdin=subprocess.DEVNULL, check=True, timeout=60)
        count = len(expressions) + 1
        return struct.unpack(f"<{count}I", raw.read_bytes()[:4 * count])


def problems(command, rows, wide):
    values = measured(command, [row[0] for row in rows])
    found = [] if values[-1] == (8 if wide else 4) else [f"pointers of {values[-1]} bytes"]
    for (_, what, value64, value32), value in zip(rows, values):
        wanted = value64 if wide else value32
        if value != wanted:
            found.append(f"{what} is {value}, documented {wanted}")
    return found


def main():
    rows = expected()
    tap = Tap()
    for target in sys.argv[2:]:
        label, command = target.split("=", 1)
        tap.result(f"C-097 sizes and offsets, {label}",
                   problems(command.split(), rows, wide="x86_64" in label))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
