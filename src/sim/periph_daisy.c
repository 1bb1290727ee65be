/* SPDX-License-Identifier: MIT */
/*
 * An IEEE 1284.3 adapter. It listens to the data lines for a packet:
 *
 *	AA     55     00     FF          87         78        command
 *	0 ---> 1 ---> 2 ---> 3 --------> 4 -------> 5 ------> 6 ------> strobed: obeyed
 *	                     listening   echo       present   ^ '---'
 *	                                                      FF: end, or any other byte
 *	any other byte, or a control line that moves, before 6: from the start
 *
 * (Numbers are the bytes heard; the words below are the status it shows from
 * then on.) Whether another adapter follows, it finds out as a host does: by
 * the status that comes from there. From FF on, what is behind it sees no
 * strobe: only another adapter, which needs it to obey, does.
 *
 * All adapters hear all bytes of a packet. What is said to a selected device is
 * none, but those behind do not see the control lines that tell: they are shown
 * no data then, but from AA on, and the byte that ends it. An assignment is kept from those behind the
 * adapter that takes it, so that each assigns one; a first command of 00 makes
 * them forget nevertheless, for they see it on the data lines.
 *
 * Not here: the multiplexor, data links and interrupts of IEEE 1284.3.
 * Source: IEEE1284 7.2 to 7.4, 8.4.
 */
#include <stddef.h>

#include <openparport/sim_daisy.h>

static const uint8_t packet[] = { 0xaa, 0x55, 0x00, 0xff, 0x87, 0x78 };

#define HEARD_TEST   4u /* FF: the first status that is the adapter's own */
#define HEARD_ECHO   5u
#define HEARD_PACKET 6u
#define PACKET_END   0xffu

#define STATUS_LISTENING (OPP_LINE_NACK | OPP_LINE_PERROR | OPP_LINE_SELECT | OPP_LINE_NFAULT)
#define STATUS_ECHO      (OPP_LINE_NACK | OPP_LINE_BUSY | OPP_LINE_SELECT | OPP_LINE_NFAULT)
#define STATUS_PRESENT   (OPP_LINE_NACK | OPP_LINE_PERROR | OPP_LINE_SELECT)
#define STATUS_TESTED    (OPP_STATUS_LINES & ~OPP_LINE_NACK)

/* Commands; the two bits that are not named hold an address. */
#define COMMAND_ADDRESS  0x03u
#define COMMAND_ASSIGN   0x00u
#define COMMAND_EPP      0x20u
#define COMMAND_EPP_TOO  0x28u
#define COMMAND_TEST     0x60u
#define COMMAND_ECP      0xd0u
#define COMMAND_COMPAT   0xe0u
#define COMMAND_DESELECT 0x30u /* in the four bits of ... */
#define DESELECT_BITS    0xf0u

static struct opp_daisy *daisy_of(struct opp_sim_peripheral *peripheral)
{
	return (struct opp_daisy *)peripheral;
}

static bool selected(const struct opp_daisy *adapter)
{
	return adapter->mode != OPP_DAISY_UNSELECTED;
}

/* ---- towards the host ------------------------------------------------------------ */

static uint8_t status_lines(const struct opp_daisy *adapter)
{
	uint32_t lines = STATUS_PRESENT;

	if (adapter->heard < HEARD_TEST)
		return selected(adapter) ? adapter->device.peripheral_status
					 : adapter->through.peripheral_status;
	if (adapter->heard == HEARD_TEST)
		return STATUS_LISTENING;
	if (adapter->heard == HEARD_ECHO)
		return STATUS_ECHO;
	if (adapter->passed_on)
		return adapter->through.peripheral_status;
	if (!adapter->follower)
		lines |= OPP_LINE_BUSY;
	if (adapter->refused)
		lines |= OPP_LINE_NFAULT;
	return (uint8_t)lines;
}

static void drive(struct opp_daisy *adapter)
{
	const struct opp_sim_connector *behind =
		selected(adapter) ? &adapter->device : &adapter->through;

	opp_sim_drive(adapter->peripheral.connector, status_lines(adapter),
		      behind->peripheral_data);
}

static void update_wires(struct opp_sim_connector *behind, const struct opp_daisy *adapter)
{
	behind->wires.status = behind->peripheral_status;
	if (behind == &adapter->device || adapter->data_passes)
		behind->wires.data = adapter->peripheral.connector->wires.data;
}

static void device_driven(struct opp_sim_connector *device)
{
	struct opp_daisy *adapter =
		(struct opp_daisy *)((char *)device - offsetof(struct opp_daisy, device));

	if (selected(adapter))
		drive(adapter);
	update_wires(device, adapter);
}

static void through_driven(struct opp_sim_connector *through)
{
	struct opp_daisy *adapter =
		(struct opp_daisy *)((char *)through - offsetof(struct opp_daisy, through));

	drive(adapter);
	update_wires(through, adapter);
}

/* ---- away from the host ---------------------------------------------------------- */

static bool control_passes(const struct opp_daisy *adapter)
{
	if (adapter->heard == HEARD_PACKET)
		return adapter->follower && !adapter->taking;
	return !selected(adapter);
}

/* A connector that is not shown the lines keeps what it saw last. */
static void hand_on(struct opp_daisy *adapter)
{
	const struct opp_wires *host = &adapter->peripheral.connector->wires;
	struct opp_sim_connector *through = &adapter->through;

	opp_sim_show(through, adapter->data_passes ? host->data : through->wires.data,
		     control_passes(adapter) ? host->control : through->wires.control);
	if (selected(adapter) && adapter->heard < HEARD_TEST)
		opp_sim_show(&adapter->device, host->data, host->control);
}

/* ---- the packet ------------------------------------------------------------------ */

static void begin_commands(struct opp_daisy *adapter)
{
	adapter->commanded = false;
	adapter->assigned = false;
	adapter->passed_on = false;
	adapter->refused = false;
}

static void hear_command(struct opp_daisy *adapter, uint8_t byte)
{
	if (byte == PACKET_END)
		adapter->heard = 0;
	else if (!adapter->commanded && byte == COMMAND_ASSIGN)
		adapter->address = OPP_DAISY_NO_ADDRESS;
	adapter->commanded = true;
}

static void hear(struct opp_daisy *adapter, uint8_t byte)
{
	if (adapter->heard == HEARD_PACKET)
		hear_command(adapter, byte);
	else if (byte != packet[adapter->heard])
		adapter->heard = byte == packet[0];
	else if (++adapter->heard == HEARD_PACKET)
		begin_commands(adapter);
}

static void hear_data(struct opp_daisy *adapter, uint8_t byte)
{
	const bool in_packet = adapter->heard;

	hear(adapter, byte);
	adapter->data_passes = in_packet || adapter->heard || !selected(adapter);
}

/* Once what follows has heard the byte, too. */
static void look_behind(struct opp_daisy *adapter)
{
	const uint32_t status = adapter->through.peripheral_status & STATUS_TESTED;

	if (adapter->heard == HEARD_TEST)
		adapter->follower = status == (STATUS_LISTENING & STATUS_TESTED);
	if (adapter->heard == HEARD_ECHO && status != (STATUS_ECHO & STATUS_TESTED))
		adapter->follower = false;
}

/* ---- commands -------------------------------------------------------------------- */

static bool assign(struct opp_daisy *adapter, uint8_t address)
{
	if (adapter->assigned)
		return false;
	adapter->address = address;
	adapter->assigned = true;
	adapter->taking = true;
	return true;
}

static void set_mode(struct opp_daisy *adapter, enum opp_daisy_mode mode)
{
	adapter->mode = mode;
	if (adapter->ieee1284 && adapter->device.peripheral == &adapter->ieee1284->peripheral)
		opp_1284_choose_epp(adapter->ieee1284, mode == OPP_DAISY_EPP);
}

static void deselect(struct opp_daisy *adapter)
{
	set_mode(adapter, OPP_DAISY_UNSELECTED);
	adapter->selected_behind = false;
}

static bool choose(struct opp_daisy *adapter, uint8_t address, enum opp_daisy_mode mode)
{
	deselect(adapter);
	if (adapter->address != address || adapter->flaw != OPP_DAISY_SOUND)
		return false;
	set_mode(adapter, mode);
	return true;
}

static enum opp_daisy_mode mode_of(uint8_t command)
{
	switch (command & ~COMMAND_ADDRESS) {
	case COMMAND_EPP:
	case COMMAND_EPP_TOO: return OPP_DAISY_EPP;
	case COMMAND_ECP: return OPP_DAISY_ECP;
	case COMMAND_COMPAT: return OPP_DAISY_COMPATIBILITY;
	}
	return OPP_DAISY_UNSELECTED;
}

/* Returns whether the command was for this adapter and done. */
static bool obey(struct opp_daisy *adapter, uint8_t command)
{
	const uint8_t address = command & COMMAND_ADDRESS;
	const enum opp_daisy_mode mode = mode_of(command);

	if (mode != OPP_DAISY_UNSELECTED)
		return choose(adapter, address, mode);
	if ((command & ~COMMAND_ADDRESS) == COMMAND_ASSIGN)
		return assign(adapter, address);
	if ((command & ~COMMAND_ADDRESS) == COMMAND_TEST)
		return adapter->address == address && adapter->flaw == OPP_DAISY_SOUND;
	if ((command & DESELECT_BITS) == COMMAND_DESELECT)
		deselect(adapter);
	return false;
}

static void strobe_fell(struct opp_daisy *adapter)
{
	const struct opp_wires *host = &adapter->peripheral.connector->wires;
	const bool done = obey(adapter, host->data);

	adapter->refused = !done;
	adapter->passed_on = !done && adapter->follower;
	hand_on(adapter);
	if (adapter->passed_on && mode_of(host->data) != OPP_DAISY_UNSELECTED)
		adapter->selected_behind = !(adapter->through.peripheral_status & OPP_LINE_NFAULT);
}

static void strobe_rose(struct opp_daisy *adapter)
{
	hand_on(adapter);
	adapter->taking = false;
	if (adapter->assigned)
		adapter->passed_on = true;
}

/* ---- what the connector in front calls --------------------------------------------- */

static void init_fell(struct opp_daisy *adapter)
{
	adapter->heard = 0;
	adapter->taking = false;
	if (!selected(adapter) && !adapter->selected_behind)
		adapter->address = OPP_DAISY_NO_ADDRESS;
}

static void wires_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	struct opp_daisy *adapter = daisy_of(peripheral);
	const struct opp_wires *host = &peripheral->connector->wires;
	const uint32_t changed = host->control ^ before->control;
	const bool strobed = host->control & OPP_LINE_NSTROBE;

	if (adapter->flaw == OPP_DAISY_GONE) {
		hand_on(adapter);
		return;
	}
	if (host->data != before->data)
		hear_data(adapter, host->data);
	if (changed && adapter->heard < HEARD_PACKET)
		adapter->heard = 0;
	if (changed & ~(uint32_t)host->control & OPP_LINE_NINIT)
		init_fell(adapter);
	if (adapter->heard < HEARD_PACKET || !(changed & OPP_LINE_NSTROBE))
		hand_on(adapter);
	else if (strobed)
		strobe_rose(adapter);
	else
		strobe_fell(adapter);
	look_behind(adapter);
	drive(adapter);
}

static void attached(struct opp_sim_peripheral *peripheral)
{
	struct opp_daisy *adapter = daisy_of(peripheral);
	const struct opp_wires *host = &peripheral->connector->wires;

	adapter->through.wires = *host;
	adapter->device.wires = (struct opp_wires){ .control = OPP_CONTROL_IDLE };
	opp_sim_power(&adapter->device, peripheral->connector->sim);
	opp_sim_power(&adapter->through, peripheral->connector->sim);
	drive(adapter);
}

static void forget(struct opp_daisy *adapter)
{
	deselect(adapter);
	adapter->address = OPP_DAISY_NO_ADDRESS;
	adapter->heard = 0;
	adapter->data_passes = true;
	adapter->taking = false;
}

static void detached(struct opp_sim_peripheral *peripheral)
{
	struct opp_daisy *adapter = daisy_of(peripheral);

	opp_sim_power(&adapter->through, NULL);
	opp_sim_power(&adapter->device, NULL);
	forget(adapter);
}

static const struct opp_sim_peripheral_ops daisy_ops = {
	.attached = attached,
	.detached = detached,
	.wires_changed = wires_changed,
};

void opp_daisy_init(struct opp_daisy *adapter)
{
	*adapter = (struct opp_daisy){
		.peripheral = { .ops = &daisy_ops },
		.device = { .driven = device_driven },
		.through = { .driven = through_driven },
	};
	forget(adapter);
}

void opp_daisy_plug_1284(struct opp_daisy *adapter, struct opp_1284 *device)
{
	adapter->ieee1284 = device;
	opp_sim_plug(&adapter->device, &device->peripheral);
	set_mode(adapter, adapter->mode);
}

void opp_daisy_break(struct opp_daisy *adapter, enum opp_daisy_flaw flaw)
{
	adapter->flaw = flaw;
	if (flaw != OPP_DAISY_GONE)
		return;
	forget(adapter);
	if (!adapter->peripheral.connector)
		return;
	hand_on(adapter);
	drive(adapter);
}
