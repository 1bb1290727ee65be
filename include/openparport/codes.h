/* SPDX-License-Identifier: MIT */
/*
 * The documented interface of the Windows parallel drivers in numbers: control
 * codes, structures, constants, statuses.
 *
 * Names are the documented ones, so that a client's source reads the same;
 * structures carry them as tags. Not for use beside the parallel headers of a
 * driver kit, which define the same macros. The layouts are those of the NT
 * calling convention and are frozen below for 64-bit and 32-bit x86.
 *
 * Source: [header], [IOCTL_*], [PARALLEL_*], [Port IRPs] of docs/sources.md.
 */
#ifndef OPENPARPORT_CODES_H
#define OPENPARPORT_CODES_H

#include <stddef.h>
#include <stdint.h>

/* What the documents call the NT calling convention; it differs on 32-bit Windows only. */
#if defined(_WIN32) && defined(__i386__)
#define OPP_NTAPI __attribute__((stdcall))
#else
#define OPP_NTAPI
#endif

/* ---- major functions ------------------------------------------------------- */

#define IRP_MJ_CREATE                  0x00
#define IRP_MJ_CLOSE                   0x02
#define IRP_MJ_READ                    0x03
#define IRP_MJ_WRITE                   0x04
#define IRP_MJ_QUERY_INFORMATION       0x05
#define IRP_MJ_SET_INFORMATION         0x06
#define IRP_MJ_DEVICE_CONTROL          0x0e
#define IRP_MJ_INTERNAL_DEVICE_CONTROL 0x0f
#define IRP_MJ_CLEANUP                 0x12

/* ---- control codes ---------------------------------------------------------- */

/* Device types 0x16 and 0x1B, METHOD_BUFFERED, FILE_ANY_ACCESS. */
#define OPP_PARALLEL_CODE(function) (UINT32_C(0x160000) | (uint32_t)(function) << 2)
#define OPP_SERIAL_CODE(function)   (UINT32_C(0x1b0000) | (uint32_t)(function) << 2)

/*
 * To a port, as IRP_MJ_INTERNAL_DEVICE_CONTROL. The numbers mean something else
 * to a device or with another major function.
 */
#define IOCTL_INTERNAL_PARALLEL_PORT_ALLOCATE           OPP_PARALLEL_CODE(11)
#define IOCTL_INTERNAL_GET_PARALLEL_PORT_INFO           OPP_PARALLEL_CODE(12)
#define IOCTL_INTERNAL_PARALLEL_CONNECT_INTERRUPT       OPP_PARALLEL_CODE(13)
#define IOCTL_INTERNAL_PARALLEL_DISCONNECT_INTERRUPT    OPP_PARALLEL_CODE(14)
#define IOCTL_INTERNAL_RELEASE_PARALLEL_PORT_INFO       OPP_PARALLEL_CODE(15)
#define IOCTL_INTERNAL_GET_MORE_PARALLEL_PORT_INFO      OPP_PARALLEL_CODE(17)
#define IOCTL_INTERNAL_PARCHIP_CONNECT                  OPP_PARALLEL_CODE(18)
#define IOCTL_INTERNAL_PARALLEL_SET_CHIP_MODE           OPP_PARALLEL_CODE(19)
#define IOCTL_INTERNAL_PARALLEL_CLEAR_CHIP_MODE         OPP_PARALLEL_CODE(20)
#define IOCTL_INTERNAL_GET_PARALLEL_PNP_INFO            OPP_PARALLEL_CODE(21)
#define IOCTL_INTERNAL_INIT_1284_3_BUS                  OPP_PARALLEL_CODE(22)
#define IOCTL_INTERNAL_SELECT_DEVICE                    OPP_PARALLEL_CODE(23)
#define IOCTL_INTERNAL_DESELECT_DEVICE                  OPP_PARALLEL_CODE(24)
#define IOCTL_INTERNAL_PARALLEL_PORT_FREE               OPP_PARALLEL_CODE(40)
#define IOCTL_INTERNAL_PARDOT3_CONNECT                  OPP_PARALLEL_CODE(41)
#define IOCTL_INTERNAL_PARDOT3_DISCONNECT               OPP_PARALLEL_CODE(42)
#define IOCTL_INTERNAL_PARDOT3_RESET                    OPP_PARALLEL_CODE(43)
#define IOCTL_INTERNAL_PARDOT3_SIGNAL                   OPP_PARALLEL_CODE(44)
#define IOCTL_INTERNAL_REGISTER_FOR_REMOVAL_RELATIONS   OPP_PARALLEL_CODE(50)
#define IOCTL_INTERNAL_UNREGISTER_FOR_REMOVAL_RELATIONS OPP_PARALLEL_CODE(51)
#define IOCTL_INTERNAL_DISABLE_END_OF_CHAIN_BUS_RESCAN  OPP_PARALLEL_CODE(54)
#define IOCTL_INTERNAL_ENABLE_END_OF_CHAIN_BUS_RESCAN   OPP_PARALLEL_CODE(55)

/* To a device, as IRP_MJ_DEVICE_CONTROL. */
#define IOCTL_PAR_QUERY_INFORMATION    OPP_PARALLEL_CODE(1)
#define IOCTL_PAR_SET_INFORMATION      OPP_PARALLEL_CODE(2)
#define IOCTL_PAR_QUERY_DEVICE_ID      OPP_PARALLEL_CODE(3)
#define IOCTL_PAR_QUERY_DEVICE_ID_SIZE OPP_PARALLEL_CODE(4)
#define IOCTL_IEEE1284_GET_MODE        OPP_PARALLEL_CODE(5)
#define IOCTL_IEEE1284_NEGOTIATE       OPP_PARALLEL_CODE(6)
#define IOCTL_PAR_SET_WRITE_ADDRESS    OPP_PARALLEL_CODE(7)
#define IOCTL_PAR_SET_READ_ADDRESS     OPP_PARALLEL_CODE(8)
#define IOCTL_PAR_GET_DEVICE_CAPS      OPP_PARALLEL_CODE(9)
#define IOCTL_PAR_GET_DEFAULT_MODES    OPP_PARALLEL_CODE(10)
#define IOCTL_PAR_PING                 OPP_PARALLEL_CODE(11)
#define IOCTL_PAR_QUERY_RAW_DEVICE_ID  OPP_PARALLEL_CODE(12)
#define IOCTL_PAR_ECP_HOST_RECOVERY    OPP_PARALLEL_CODE(13)
#define IOCTL_PAR_GET_READ_ADDRESS     OPP_PARALLEL_CODE(14)
#define IOCTL_PAR_GET_WRITE_ADDRESS    OPP_PARALLEL_CODE(15)
#define IOCTL_PAR_TEST                 OPP_PARALLEL_CODE(20)
#define IOCTL_PAR_IS_PORT_FREE         OPP_PARALLEL_CODE(21)
#define IOCTL_PAR_QUERY_LOCATION       OPP_PARALLEL_CODE(22)
#define IOCTL_SERIAL_SET_TIMEOUTS      OPP_SERIAL_CODE(7)
#define IOCTL_SERIAL_GET_TIMEOUTS      OPP_SERIAL_CODE(8)

/* To a device, as IRP_MJ_INTERNAL_DEVICE_CONTROL. */
#define IOCTL_INTERNAL_GET_PARPORT_FDO         OPP_PARALLEL_CODE(29)
#define IOCTL_INTERNAL_PARCLASS_CONNECT        OPP_PARALLEL_CODE(30)
#define IOCTL_INTERNAL_PARCLASS_DISCONNECT     OPP_PARALLEL_CODE(31)
#define IOCTL_INTERNAL_DISCONNECT_IDLE         OPP_PARALLEL_CODE(32)
#define IOCTL_INTERNAL_LOCK_PORT               OPP_PARALLEL_CODE(37)
#define IOCTL_INTERNAL_UNLOCK_PORT             OPP_PARALLEL_CODE(38)
#define IOCTL_INTERNAL_LOCK_PORT_NO_SELECT     OPP_PARALLEL_CODE(52)
#define IOCTL_INTERNAL_UNLOCK_PORT_NO_DESELECT OPP_PARALLEL_CODE(53)

/*
 * Our own, which no document knows: functions that are left to vendors, METHOD_BUFFERED,
 * for files that are open for reading (FILE_READ_ACCESS, which the I/O manager sees to). To
 * a device, as IRP_MJ_DEVICE_CONTROL.
 */
#define OPP_OWN_CODE(function) (OPP_PARALLEL_CODE(function) | UINT32_C(1) << 14)

/*
 * What the port of this device is doing, and for whom. No input; output is a struct
 * OPENPARPORT_STATUS, Information its size. Answered at once, whoever holds the port and
 * whatever the device does; touches no hardware. Unknown to another driver, which says
 * INVALID_PARAMETER.
 * Errors: BUFFER_TOO_SMALL.
 */
#define IOCTL_OPENPARPORT_QUERY_STATUS OPP_OWN_CODE(0x800)

/* ---- constants ---------------------------------------------------------------- */

/* HardwareCapabilities */
#define PPT_NO_HARDWARE_PRESENT 0x00
#define PPT_ECP_PRESENT         0x01
#define PPT_EPP_PRESENT         0x02
#define PPT_EPP_32_PRESENT      0x04
#define PPT_BYTE_PRESENT        0x08
#define PPT_BIDI_PRESENT        0x08
#define PPT_1284_3_PRESENT      0x10

/* PAR_SET_INFORMATION.Init, PAR_QUERY_INFORMATION.Status */
#define PARALLEL_INIT          0x01
#define PARALLEL_PAPER_EMPTY   0x04
#define PARALLEL_OFF_LINE      0x08
#define PARALLEL_POWER_OFF     0x10
#define PARALLEL_NOT_CONNECTED 0x20
#define PARALLEL_BUSY          0x40
#define PARALLEL_SELECTED      0x80

/* OPENPARPORT_STATUS.State */
#define OPENPARPORT_FREE      0
#define OPENPARPORT_GRANTING  1 /* on its way to the holder, whose device is being selected */
#define OPENPARPORT_HELD      2
#define OPENPARPORT_RELEASING 3 /* nobody's: what is left is being undone, or no power */

/* OPENPARPORT_STATUS.HolderKind */
#define OPENPARPORT_HOLDER_NOBODY  0
#define OPENPARPORT_HOLDER_FILE    1 /* a file of the port: a driver or a program */
#define OPENPARPORT_HOLDER_DEVICE  2 /* a device of the port, for who has that open */
#define OPENPARPORT_HOLDER_UNKNOWN 3 /* a driver that allocated it without a file */
#define OPENPARPORT_HOLDER_DRIVER  4 /* the port's driver, which looks who is there */

/* OPENPARPORT_DEVICE.Flags */
#define OPENPARPORT_DEVICE_PRESENT 0x01
#define OPENPARPORT_DEVICE_OPEN    0x02
#define OPENPARPORT_DEVICE_LOCKED  0x04 /* its client keeps the port by a LOCK_PORT */

/* Places of OPENPARPORT_STATUS.Devices: LPTn.0 .. LPTn.3, LPTn.4 and LPTn. */
#define OPENPARPORT_END_OF_CHAIN 4
#define OPENPARPORT_RAW          5
#define OPENPARPORT_DEVICES      6

/* Classes of QUERY_INFORMATION and SET_INFORMATION; the system's headers have them as an enum. */
#define OPP_FILE_STANDARD_INFORMATION    5
#define OPP_FILE_POSITION_INFORMATION    14
#define OPP_FILE_END_OF_FILE_INFORMATION 20

/* PARALLEL_1284_COMMAND.CommandFlags */
#define PAR_END_OF_CHAIN_DEVICE 0x01
#define PAR_HAVE_PORT_KEEP_PORT 0x02

/* Chip modes: cleared, and an arbitrator of the documented header that is not a mode. */
#define INITIAL_MODE           0x00
#define PARCHIP_ECR_ARBITRATOR 0x01

/* NTSTATUS values; the prefix keeps them apart from a kit's own macros. */
#define OPP_NT_SUCCESS                INT32_C(0)
#define OPP_NT_TIMEOUT                INT32_C(0x102)
#define OPP_NT_PENDING                INT32_C(0x103)
#define OPP_NT_DEVICE_PAPER_EMPTY     ((int32_t)UINT32_C(0x8000000e))
#define OPP_NT_DEVICE_POWERED_OFF     ((int32_t)UINT32_C(0x8000000f))
#define OPP_NT_DEVICE_OFF_LINE        ((int32_t)UINT32_C(0x80000010))
#define OPP_NT_DEVICE_BUSY            ((int32_t)UINT32_C(0x80000011))
#define OPP_NT_UNSUCCESSFUL           ((int32_t)UINT32_C(0xc0000001))
#define OPP_NT_INVALID_PARAMETER      ((int32_t)UINT32_C(0xc000000d))
#define OPP_NT_NO_SUCH_DEVICE         ((int32_t)UINT32_C(0xc000000e))
#define OPP_NT_INVALID_DEVICE_REQUEST ((int32_t)UINT32_C(0xc0000010))
#define OPP_NT_ACCESS_DENIED          ((int32_t)UINT32_C(0xc0000022))
#define OPP_NT_BUFFER_TOO_SMALL       ((int32_t)UINT32_C(0xc0000023))
#define OPP_NT_DELETE_PENDING         ((int32_t)UINT32_C(0xc0000056))
#define OPP_NT_INSUFFICIENT_RESOURCES ((int32_t)UINT32_C(0xc000009a))
#define OPP_NT_DEVICE_NOT_CONNECTED   ((int32_t)UINT32_C(0xc000009d))
#define OPP_NT_NOT_A_DIRECTORY        ((int32_t)UINT32_C(0xc0000103))
#define OPP_NT_CANCELLED              ((int32_t)UINT32_C(0xc0000120))
#define OPP_NT_INVALID_DEVICE_STATE   ((int32_t)UINT32_C(0xc0000184))
#define OPP_NT_IO_DEVICE_ERROR        ((int32_t)UINT32_C(0xc0000185))
#define OPP_NT_DEVICE_PROTOCOL_ERROR  ((int32_t)UINT32_C(0xc0000186))
#define OPP_NT_DEVICE_REMOVED         ((int32_t)UINT32_C(0xc00002b6))

/* ---- structures ----------------------------------------------------------------- */

/*
 * BOOLEAN and UCHAR are uint8_t, ULONG is uint32_t, NTSTATUS is int32_t,
 * KAFFINITY is as wide as a pointer. A 64-bit member is aligned to 8 on both
 * targets, which a 32-bit Linux compiler has to be told.
 */
#define OPP_QUADWORD _Alignas(8)

struct PARALLEL_PORT_INFORMATION {
	OPP_QUADWORD uint64_t OriginalController; /* bus-relative base of the registers */
	void *Controller;                         /* mapped base */
	uint32_t SpanOfController;                /* bytes */
	uint8_t(OPP_NTAPI *TryAllocatePort)(void *TryAllocateContext);
	void(OPP_NTAPI *FreePort)(void *FreeContext);
	uint32_t(OPP_NTAPI *QueryNumWaiters)(void *QueryAllocsContext);
	void *Context; /* argument of the three */
};

struct MORE_PARALLEL_PORT_INFORMATION {
	uint32_t InterfaceType;
	uint32_t BusNumber;
	uint32_t InterruptLevel;
	uint32_t InterruptVector;
	uintptr_t InterruptAffinity;
	uint32_t InterruptMode; /* 0 level sensitive, 1 latched */
};

struct PARALLEL_PNP_INFORMATION {
	OPP_QUADWORD uint64_t OriginalEcpController;
	void *EcpController;           /* mapped base or NULL */
	uint32_t SpanOfEcpController;  /* bytes */
	uint32_t PortNumber;           /* not used */
	uint32_t HardwareCapabilities; /* PPT_* */
	int32_t(OPP_NTAPI *TrySetChipMode)(void *SetChipContext, uint8_t ChipMode);
	int32_t(OPP_NTAPI *ClearChipMode)(void *ClearChipContext, uint8_t ChipMode);
	uint32_t FifoDepth;                                 /* words */
	uint32_t FifoWidth;                                 /* bits of a word */
	OPP_QUADWORD uint64_t EppControllerPhysicalAddress; /* not used */
	uint32_t SpanOfEppController;                       /* not used */
	uint32_t Ieee1284_3DeviceCount;                     /* daisy devices now attached */
	int32_t(OPP_NTAPI *TrySelectDevice)(void *TrySelectContext, void *TrySelectCommand);
	int32_t(OPP_NTAPI *DeselectDevice)(void *DeselectContext, void *DeselectCommand);
	void *Context;            /* argument of the four */
	uint32_t CurrentMode;     /* chip mode */
	const uint16_t *PortName; /* UTF-16 "LPTn", the driver's */
};

struct PARALLEL_1284_COMMAND {
	uint8_t ID;            /* 0-based daisy position */
	uint8_t Port;          /* reserved, ignored */
	uint32_t CommandFlags; /* PAR_* */
};

struct PARALLEL_CHIP_MODE {
	uint8_t ModeFlags;
	uint8_t success; /* not used */
};

struct PARALLEL_INTERRUPT_SERVICE_ROUTINE {
	uint8_t(OPP_NTAPI *InterruptServiceRoutine)(void *Interrupt, void *ServiceContext);
	void *InterruptServiceContext;
	void(OPP_NTAPI *DeferredPortCheckRoutine)(void *DeferredContext);
	void *DeferredPortCheckContext;
};

struct PARALLEL_INTERRUPT_INFORMATION {
	void *InterruptObject;
	uint8_t(OPP_NTAPI *TryAllocatePortAtInterruptLevel)(void *TryAllocateContext);
	void(OPP_NTAPI *FreePortFromInterruptLevel)(void *FreeContext);
	void *Context; /* argument of the two */
};

enum PARALLEL_SAFETY {
	SAFE_MODE,
	UNSAFE_MODE,
};

struct PARCLASS_INFORMATION {
	void *Controller;
	void *EcrController;
	uint32_t SpanOfController;
	uint16_t(OPP_NTAPI *DetermineIeeeModes)(void *Context);
	int32_t(OPP_NTAPI *NegotiateIeeeMode)(void *Context, uint16_t ModeMaskFwd,
					      uint16_t ModeMaskRev, enum PARALLEL_SAFETY ModeSafety,
					      uint8_t IsForward);
	int32_t(OPP_NTAPI *TerminateIeeeMode)(void *Context);
	int32_t(OPP_NTAPI *IeeeFwdToRevMode)(void *Context);
	int32_t(OPP_NTAPI *IeeeRevToFwdMode)(void *Context);
	int32_t(OPP_NTAPI *ParallelRead)(void *Context, void *Buffer, uint32_t NumBytesToRead,
					 uint32_t *NumBytesRead, uint8_t Channel);
	int32_t(OPP_NTAPI *ParallelWrite)(void *Context, void *Buffer, uint32_t NumBytesToWrite,
					  uint32_t *NumBytesWritten, uint8_t Channel);
	void *ParclassContext;
	uint32_t HardwareCapabilities;
	uint32_t FifoDepth;
	uint32_t FifoWidth;
	int32_t(OPP_NTAPI *ParallelTryselect)(void *Context, struct PARALLEL_1284_COMMAND Command);
	int32_t(OPP_NTAPI *ParallelDeSelect)(void *Context, struct PARALLEL_1284_COMMAND Command);
};

struct PARCLASS_NEGOTIATION_MASK {
	uint16_t usReadMask;
	uint16_t usWriteMask;
};

struct PAR_DEVICE_ID_SIZE_INFORMATION {
	uint32_t DeviceIdSize;
};

struct PAR_QUERY_INFORMATION {
	uint8_t Status;
};

struct PAR_SET_INFORMATION {
	uint8_t Init;
};

struct SERIAL_TIMEOUTS {
	uint32_t ReadIntervalTimeout; /* all of them milliseconds */
	uint32_t ReadTotalTimeoutMultiplier;
	uint32_t ReadTotalTimeoutConstant;
	uint32_t WriteTotalTimeoutMultiplier;
	uint32_t WriteTotalTimeoutConstant;
};

struct FILE_STANDARD_INFORMATION {
	OPP_QUADWORD int64_t AllocationSize;
	OPP_QUADWORD int64_t EndOfFile;
	uint32_t NumberOfLinks;
	uint8_t DeletePending;
	uint8_t Directory;
};

struct FILE_POSITION_INFORMATION {
	OPP_QUADWORD int64_t CurrentByteOffset;
};

struct PARPORT_WMI_ALLOC_FREE_COUNTS {
	uint32_t PortAllocates;
	uint32_t PortFrees;
};

struct OPENPARPORT_DEVICE {
	uint32_t Flags;         /* OPENPARPORT_DEVICE_* */
	uint32_t Process;       /* that has it open; 0: none, or unknown */
	uint16_t ReadProtocol;  /* in force, or to be used next: one bit as of a */
	uint16_t WriteProtocol; /* PARCLASS_NEGOTIATION_MASK */
};

/*
 * The same for 32-bit and 64-bit programs. Addresses are those of the bus, which everybody
 * can look up; no address of the kernel's memory is told.
 */
struct OPENPARPORT_STATUS {
	uint32_t State;
	uint32_t Waiters;                              /* the holder is not counted */
	uint32_t Allocates;                            /* wraps */
	uint32_t Frees;                                /* wraps */
	OPP_QUADWORD uint64_t HeldMicroseconds;        /* so far; 0: not held */
	OPP_QUADWORD uint64_t LongestWaitMicroseconds; /* of a request that was granted */
	OPP_QUADWORD uint64_t LongestHoldMicroseconds;
	uint32_t HolderKind;
	uint32_t HolderPlace;                        /* of a device, else 0 */
	uint32_t HolderProcess;                      /* 0: unknown */
	uint32_t HardwareCapabilities;               /* PPT_* */
	uint32_t FifoDepth;                          /* words */
	uint32_t FifoWidth;                          /* bits of a word */
	uint32_t ChipMode;                           /* set by the holder, or INITIAL_MODE */
	uint32_t Ieee1284_3DeviceCount;              /* daisy devices now attached */
	OPP_QUADWORD uint64_t OriginalController;    /* 0: not told */
	OPP_QUADWORD uint64_t OriginalEcpController; /* 0: none, or not told */
	uint32_t SpanOfController;                   /* bytes */
	uint32_t SpanOfEcpController;                /* bytes */
	uint32_t Place;                              /* of the device that was asked */
	struct OPENPARPORT_DEVICE Devices[OPENPARPORT_DEVICES];
};

/* ---- the layouts, frozen: 64-bit and 32-bit ----------------------------------------- */

#define OPP_IS(value, wanted64, wanted32)                                                          \
	((sizeof(void *) != 8 || (value) == (wanted64)) &&                                         \
	 (sizeof(void *) != 4 || (value) == (wanted32)))
#define OPP_SIZE(type, bytes64, bytes32)                                                           \
	_Static_assert(OPP_IS(sizeof(struct type), bytes64, bytes32), "size of " #type)
#define OPP_AT(type, member, bytes64, bytes32)                                                     \
	_Static_assert(OPP_IS(offsetof(struct type, member), bytes64, bytes32), #type "." #member)

OPP_SIZE(PARALLEL_PORT_INFORMATION, 56, 32);
OPP_AT(PARALLEL_PORT_INFORMATION, OriginalController, 0, 0);
OPP_AT(PARALLEL_PORT_INFORMATION, Controller, 8, 8);
OPP_AT(PARALLEL_PORT_INFORMATION, SpanOfController, 16, 12);
OPP_AT(PARALLEL_PORT_INFORMATION, TryAllocatePort, 24, 16);
OPP_AT(PARALLEL_PORT_INFORMATION, FreePort, 32, 20);
OPP_AT(PARALLEL_PORT_INFORMATION, QueryNumWaiters, 40, 24);
OPP_AT(PARALLEL_PORT_INFORMATION, Context, 48, 28);

OPP_SIZE(MORE_PARALLEL_PORT_INFORMATION, 32, 24);
OPP_AT(MORE_PARALLEL_PORT_INFORMATION, InterfaceType, 0, 0);
OPP_AT(MORE_PARALLEL_PORT_INFORMATION, BusNumber, 4, 4);
OPP_AT(MORE_PARALLEL_PORT_INFORMATION, InterruptLevel, 8, 8);
OPP_AT(MORE_PARALLEL_PORT_INFORMATION, InterruptVector, 12, 12);
OPP_AT(MORE_PARALLEL_PORT_INFORMATION, InterruptAffinity, 16, 16);
OPP_AT(MORE_PARALLEL_PORT_INFORMATION, InterruptMode, 24, 20);

OPP_SIZE(PARALLEL_PNP_INFORMATION, 112, 80);
OPP_AT(PARALLEL_PNP_INFORMATION, OriginalEcpController, 0, 0);
OPP_AT(PARALLEL_PNP_INFORMATION, EcpController, 8, 8);
OPP_AT(PARALLEL_PNP_INFORMATION, SpanOfEcpController, 16, 12);
OPP_AT(PARALLEL_PNP_INFORMATION, PortNumber, 20, 16);
OPP_AT(PARALLEL_PNP_INFORMATION, HardwareCapabilities, 24, 20);
OPP_AT(PARALLEL_PNP_INFORMATION, TrySetChipMode, 32, 24);
OPP_AT(PARALLEL_PNP_INFORMATION, ClearChipMode, 40, 28);
OPP_AT(PARALLEL_PNP_INFORMATION, FifoDepth, 48, 32);
OPP_AT(PARALLEL_PNP_INFORMATION, FifoWidth, 52, 36);
OPP_AT(PARALLEL_PNP_INFORMATION, EppControllerPhysicalAddress, 56, 40);
OPP_AT(PARALLEL_PNP_INFORMATION, SpanOfEppController, 64, 48);
OPP_AT(PARALLEL_PNP_INFORMATION, Ieee1284_3DeviceCount, 68, 52);
OPP_AT(PARALLEL_PNP_INFORMATION, TrySelectDevice, 72, 56);
OPP_AT(PARALLEL_PNP_INFORMATION, DeselectDevice, 80, 60);
OPP_AT(PARALLEL_PNP_INFORMATION, Context, 88, 64);
OPP_AT(PARALLEL_PNP_INFORMATION, CurrentMode, 96, 68);
OPP_AT(PARALLEL_PNP_INFORMATION, PortName, 104, 72);

OPP_SIZE(PARALLEL_1284_COMMAND, 8, 8);
OPP_AT(PARALLEL_1284_COMMAND, ID, 0, 0);
OPP_AT(PARALLEL_1284_COMMAND, Port, 1, 1);
OPP_AT(PARALLEL_1284_COMMAND, CommandFlags, 4, 4);

OPP_SIZE(PARALLEL_CHIP_MODE, 2, 2);
OPP_AT(PARALLEL_CHIP_MODE, ModeFlags, 0, 0);
OPP_AT(PARALLEL_CHIP_MODE, success, 1, 1);

OPP_SIZE(PARALLEL_INTERRUPT_SERVICE_ROUTINE, 32, 16);
OPP_AT(PARALLEL_INTERRUPT_SERVICE_ROUTINE, InterruptServiceRoutine, 0, 0);
OPP_AT(PARALLEL_INTERRUPT_SERVICE_ROUTINE, InterruptServiceContext, 8, 4);
OPP_AT(PARALLEL_INTERRUPT_SERVICE_ROUTINE, DeferredPortCheckRoutine, 16, 8);
OPP_AT(PARALLEL_INTERRUPT_SERVICE_ROUTINE, DeferredPortCheckContext, 24, 12);

OPP_SIZE(PARALLEL_INTERRUPT_INFORMATION, 32, 16);
OPP_AT(PARALLEL_INTERRUPT_INFORMATION, InterruptObject, 0, 0);
OPP_AT(PARALLEL_INTERRUPT_INFORMATION, TryAllocatePortAtInterruptLevel, 8, 4);
OPP_AT(PARALLEL_INTERRUPT_INFORMATION, FreePortFromInterruptLevel, 16, 8);
OPP_AT(PARALLEL_INTERRUPT_INFORMATION, Context, 24, 12);

OPP_SIZE(PARCLASS_INFORMATION, 120, 64);
OPP_AT(PARCLASS_INFORMATION, Controller, 0, 0);
OPP_AT(PARCLASS_INFORMATION, EcrController, 8, 4);
OPP_AT(PARCLASS_INFORMATION, SpanOfController, 16, 8);
OPP_AT(PARCLASS_INFORMATION, DetermineIeeeModes, 24, 12);
OPP_AT(PARCLASS_INFORMATION, NegotiateIeeeMode, 32, 16);
OPP_AT(PARCLASS_INFORMATION, TerminateIeeeMode, 40, 20);
OPP_AT(PARCLASS_INFORMATION, IeeeFwdToRevMode, 48, 24);
OPP_AT(PARCLASS_INFORMATION, IeeeRevToFwdMode, 56, 28);
OPP_AT(PARCLASS_INFORMATION, ParallelRead, 64, 32);
OPP_AT(PARCLASS_INFORMATION, ParallelWrite, 72, 36);
OPP_AT(PARCLASS_INFORMATION, ParclassContext, 80, 40);
OPP_AT(PARCLASS_INFORMATION, HardwareCapabilities, 88, 44);
OPP_AT(PARCLASS_INFORMATION, FifoDepth, 92, 48);
OPP_AT(PARCLASS_INFORMATION, FifoWidth, 96, 52);
OPP_AT(PARCLASS_INFORMATION, ParallelTryselect, 104, 56);
OPP_AT(PARCLASS_INFORMATION, ParallelDeSelect, 112, 60);

OPP_SIZE(PARCLASS_NEGOTIATION_MASK, 4, 4);
OPP_AT(PARCLASS_NEGOTIATION_MASK, usReadMask, 0, 0);
OPP_AT(PARCLASS_NEGOTIATION_MASK, usWriteMask, 2, 2);

OPP_SIZE(PAR_DEVICE_ID_SIZE_INFORMATION, 4, 4);
OPP_AT(PAR_DEVICE_ID_SIZE_INFORMATION, DeviceIdSize, 0, 0);

OPP_SIZE(PAR_QUERY_INFORMATION, 1, 1);
OPP_AT(PAR_QUERY_INFORMATION, Status, 0, 0);

OPP_SIZE(PAR_SET_INFORMATION, 1, 1);
OPP_AT(PAR_SET_INFORMATION, Init, 0, 0);

OPP_SIZE(SERIAL_TIMEOUTS, 20, 20);
OPP_AT(SERIAL_TIMEOUTS, ReadIntervalTimeout, 0, 0);
OPP_AT(SERIAL_TIMEOUTS, ReadTotalTimeoutMultiplier, 4, 4);
OPP_AT(SERIAL_TIMEOUTS, ReadTotalTimeoutConstant, 8, 8);
OPP_AT(SERIAL_TIMEOUTS, WriteTotalTimeoutMultiplier, 12, 12);
OPP_AT(SERIAL_TIMEOUTS, WriteTotalTimeoutConstant, 16, 16);

OPP_SIZE(FILE_STANDARD_INFORMATION, 24, 24);
OPP_AT(FILE_STANDARD_INFORMATION, AllocationSize, 0, 0);
OPP_AT(FILE_STANDARD_INFORMATION, EndOfFile, 8, 8);
OPP_AT(FILE_STANDARD_INFORMATION, NumberOfLinks, 16, 16);
OPP_AT(FILE_STANDARD_INFORMATION, DeletePending, 20, 20);
OPP_AT(FILE_STANDARD_INFORMATION, Directory, 21, 21);

OPP_SIZE(FILE_POSITION_INFORMATION, 8, 8);
OPP_AT(FILE_POSITION_INFORMATION, CurrentByteOffset, 0, 0);

OPP_SIZE(PARPORT_WMI_ALLOC_FREE_COUNTS, 8, 8);
OPP_AT(PARPORT_WMI_ALLOC_FREE_COUNTS, PortAllocates, 0, 0);
OPP_AT(PARPORT_WMI_ALLOC_FREE_COUNTS, PortFrees, 4, 4);

OPP_SIZE(OPENPARPORT_DEVICE, 12, 12);
OPP_AT(OPENPARPORT_DEVICE, Flags, 0, 0);
OPP_AT(OPENPARPORT_DEVICE, Process, 4, 4);
OPP_AT(OPENPARPORT_DEVICE, ReadProtocol, 8, 8);
OPP_AT(OPENPARPORT_DEVICE, WriteProtocol, 10, 10);

OPP_SIZE(OPENPARPORT_STATUS, 176, 176);
OPP_AT(OPENPARPORT_STATUS, State, 0, 0);
OPP_AT(OPENPARPORT_STATUS, Waiters, 4, 4);
OPP_AT(OPENPARPORT_STATUS, Allocates, 8, 8);
OPP_AT(OPENPARPORT_STATUS, Frees, 12, 12);
OPP_AT(OPENPARPORT_STATUS, HeldMicroseconds, 16, 16);
OPP_AT(OPENPARPORT_STATUS, LongestWaitMicroseconds, 24, 24);
OPP_AT(OPENPARPORT_STATUS, LongestHoldMicroseconds, 32, 32);
OPP_AT(OPENPARPORT_STATUS, HolderKind, 40, 40);
OPP_AT(OPENPARPORT_STATUS, HolderPlace, 44, 44);
OPP_AT(OPENPARPORT_STATUS, HolderProcess, 48, 48);
OPP_AT(OPENPARPORT_STATUS, HardwareCapabilities, 52, 52);
OPP_AT(OPENPARPORT_STATUS, FifoDepth, 56, 56);
OPP_AT(OPENPARPORT_STATUS, FifoWidth, 60, 60);
OPP_AT(OPENPARPORT_STATUS, ChipMode, 64, 64);
OPP_AT(OPENPARPORT_STATUS, Ieee1284_3DeviceCount, 68, 68);
OPP_AT(OPENPARPORT_STATUS, OriginalController, 72, 72);
OPP_AT(OPENPARPORT_STATUS, OriginalEcpController, 80, 80);
OPP_AT(OPENPARPORT_STATUS, SpanOfController, 88, 88);
OPP_AT(OPENPARPORT_STATUS, SpanOfEcpController, 92, 92);
OPP_AT(OPENPARPORT_STATUS, Place, 96, 96);
OPP_AT(OPENPARPORT_STATUS, Devices, 100, 100);

_Static_assert(sizeof(enum PARALLEL_SAFETY) == 4, "size of PARALLEL_SAFETY");

#undef OPP_IS
#undef OPP_SIZE
#undef OPP_AT

#endif
