/* SPDX-License-Identifier: MIT */
/*
 * A serial flash memory of the 25 series. What a command does to the memory it
 * does when /CS rises after a whole byte; while it is at work it answers to the
 * status command only.
 *
 * Not here: protection bits, the second status register, commands that tell ids
 * in older ways, more than one line of data.
 * Source: SERIALFLASH.
 */
#include "spi.h"

#define CS   0x20u /* data lines */
#define SCK  0x40u
#define MOSI 0x80u

#define PAGE_PROGRAM  0x02u
#define READ          0x03u
#define WRITE_DISABLE 0x04u
#define READ_STATUS   0x05u
#define WRITE_ENABLE  0x06u
#define FAST_READ     0x0bu
#define SECTOR_ERASE  0x20u
#define BLOCK_ERASE32 0x52u
#define CHIP_ERASE60  0x60u
#define READ_ID       0x9fu
#define CHIP_ERASE    0xc7u
#define BLOCK_ERASE   0xd8u

#define STATUS_BUSY          0x01u
#define STATUS_WRITE_ENABLED 0x02u

#define ID_BYTES      3u
#define AFTER_COMMAND 1u /* bytes received when ... */
#define AFTER_ADDRESS 4u
#define AFTER_DUMMY   5u

#define SECTOR_BYTES  0x1000u
#define BLOCK32_BYTES 0x8000u
#define BLOCK_BYTES   0x10000u
#define MOST_BYTES    0x1000000u /* an address has 24 bits */

static struct opp_spi_flash *flash_of(struct opp_sim_peripheral *peripheral)
{
	return (struct opp_spi_flash *)peripheral;
}

static bool busy(const struct opp_spi_flash *flash)
{
	return sim_spi_is_busy(&flash->spi, flash->peripheral.connector);
}

/* ---- bytes ------------------------------------------------------------------------ */

static uint8_t read_next(struct opp_spi_flash *flash)
{
	const uint32_t at = flash->address++ & (flash->options.bytes - 1);

	return flash->options.content[at];
}

/* What goes out while the next byte comes in. */
static uint8_t answer(struct opp_spi_flash *flash)
{
	if (flash->command == READ_STATUS)
		return (uint8_t)((busy(flash) ? STATUS_BUSY : 0) |
				 (flash->write_enabled ? STATUS_WRITE_ENABLED : 0));
	if (busy(flash))
		return SPI_ERASED;
	if (flash->command == READ_ID && flash->received <= ID_BYTES)
		return flash->options.id[flash->received - AFTER_COMMAND];
	if ((flash->command == READ && flash->received >= AFTER_ADDRESS) ||
	    (flash->command == FAST_READ && flash->received >= AFTER_DUMMY))
		return read_next(flash);
	return SPI_ERASED;
}

static void take(struct opp_spi_flash *flash, uint8_t byte)
{
	if (flash->received == 0)
		flash->command = byte;
	else if (flash->received < AFTER_ADDRESS)
		flash->address = flash->address << 8 | byte;
	else if (flash->command == PAGE_PROGRAM)
		flash->page[(flash->address + flash->received - AFTER_ADDRESS) %
			    OPP_SPI_FLASH_PAGE] = byte;
	if (flash->received < UINT32_MAX)
		flash->received++;
}

/* ---- what changes the memory --------------------------------------------------------- */

static void work(struct opp_spi_flash *flash, uint32_t us)
{
	flash->write_enabled = false;
	sim_spi_work(&flash->spi, flash->peripheral.connector, us);
}

/* @bytes: a power of two; the piece that contains the address. */
static void erase(struct opp_spi_flash *flash, uint32_t bytes, uint32_t us)
{
	const uint32_t start = flash->address & (flash->options.bytes - 1) & ~(bytes - 1);

	sim_spi_fill(&flash->options.content[start], bytes);
	work(flash, us);
}

static void program(struct opp_spi_flash *flash)
{
	const uint32_t start =
		flash->address & (flash->options.bytes - 1) & ~(OPP_SPI_FLASH_PAGE - 1u);

	sim_spi_program(&flash->options.content[start], flash->page, OPP_SPI_FLASH_PAGE);
	work(flash, flash->options.page_us);
}

/* /CS rose: too few or too many bytes, and nothing happens. */
static void finish(struct opp_spi_flash *flash)
{
	const struct opp_spi_flash_options *options = &flash->options;
	const bool alone = flash->received == AFTER_COMMAND;
	const bool addressed = flash->received == AFTER_ADDRESS;

	if (flash->spi.bits || busy(flash))
		return;
	if (alone && flash->command == WRITE_ENABLE)
		flash->write_enabled = true;
	if (alone && flash->command == WRITE_DISABLE)
		flash->write_enabled = false;
	if (!flash->write_enabled)
		return;
	if (alone && (flash->command == CHIP_ERASE || flash->command == CHIP_ERASE60))
		erase(flash, options->bytes, options->chip_us);
	if (addressed && flash->command == SECTOR_ERASE)
		erase(flash, SECTOR_BYTES, options->sector_us);
	if (addressed && flash->command == BLOCK_ERASE32)
		erase(flash, BLOCK32_BYTES, options->block_us);
	if (addressed && flash->command == BLOCK_ERASE)
		erase(flash, BLOCK_BYTES, options->block_us);
	if (flash->received > AFTER_ADDRESS && flash->command == PAGE_PROGRAM)
		program(flash);
}

/* ---- what the connector calls -------------------------------------------------------- */

static void start(struct opp_spi_flash *flash)
{
	flash->received = 0;
	flash->address = 0;
	sim_spi_fill(flash->page, OPP_SPI_FLASH_PAGE);
	sim_spi_select(&flash->spi, SPI_ERASED);
}

static void wires_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	struct opp_spi_flash *flash = flash_of(peripheral);
	const uint32_t data = peripheral->connector->wires.data;
	const uint32_t changed = data ^ before->data;

	if ((changed & CS) && (data & CS)) {
		finish(flash);
		sim_spi_deselect(&flash->spi);
	} else if (changed & CS) {
		start(flash);
	} else if (!(data & CS) && (changed & SCK)) {
		if (!(data & SCK)) {
			sim_spi_clock_fell(&flash->spi);
		} else if (sim_spi_clock_rose(&flash->spi, data & MOSI)) {
			take(flash, flash->spi.in);
			flash->spi.out = answer(flash);
		}
	}
	sim_spi_show(&flash->spi, peripheral->connector);
}

static void attached(struct opp_sim_peripheral *peripheral)
{
	struct opp_spi_flash *flash = flash_of(peripheral);

	flash->spi.busy_until_ns = 0;
	start(flash);
	if (peripheral->connector->wires.data & CS)
		sim_spi_deselect(&flash->spi);
	sim_spi_show(&flash->spi, peripheral->connector);
}

static const struct opp_sim_peripheral_ops spi_flash_ops = {
	.attached = attached,
	.wires_changed = wires_changed,
};

bool opp_spi_flash_init(struct opp_spi_flash *flash, const struct opp_spi_flash_options *options)
{
	if (!options->content || !sim_spi_is_power_of_two(options->bytes) ||
	    options->bytes < BLOCK_BYTES || options->bytes > MOST_BYTES)
		return false;
	*flash = (struct opp_spi_flash){
		.peripheral = { .ops = &spi_flash_ops },
		.options = *options,
	};
	return true;
}
