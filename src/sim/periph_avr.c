/* SPDX-License-Identifier: MIT */
/*
 * An AVR microcontroller, as far as its serial programming goes.
 *
 *	/RESET low            AC 53 .. ..
 *	----------> deaf ------------------> programming
 *
 * Instructions have four bytes and come back one byte late, which is how a
 * programmer sees that both count from the same bit: one that is a bit off gets
 * no echo, and clocks once more.
 *
 * Not here: fuses and locks that can be changed (none is programmed), calibration
 * bytes, more than 128 KiB of flash.
 * Source: AVRISP.
 */
#include "spi.h"

#define DISABLE 0x0cu /* data lines: both buffers of the dongle */
#define SCK     0x10u
#define MOSI    0x20u
#define RESET   0x80u

#define PROGRAM            0xacu
#define PROGRAM_ENABLE     0x53u /* second byte */
#define PROGRAM_ERASE      0x80u /* of the second byte's ... */
#define PROGRAM_ERASE_BITS 0xe0u
#define READ_FLASH         0x20u
#define READ_FLASH_HIGH    0x28u
#define READ_SIGNATURE     0x30u
#define LOAD_FLASH         0x40u
#define LOAD_FLASH_HIGH    0x48u
#define WRITE_PAGE         0x4cu
#define READ_EEPROM        0xa0u
#define WRITE_EEPROM       0xc0u
#define READ_FUSES         0x50u
#define READ_LOCK          0x58u
#define POLL               0xf0u

#define HIGH_BYTE         0x08u /* of an instruction: the odd byte of the word */
#define ECHO_OF_ENABLE    2u    /* bytes after which sync shows */
#define INSTRUCTION_BYTES 4u

#define LEAST_PAGE 2u
#define MOST_PAGE  256u

static struct opp_avr *avr_of(struct opp_sim_peripheral *peripheral)
{
	return (struct opp_avr *)peripheral;
}

static bool busy(const struct opp_avr *avr)
{
	return sim_spi_is_busy(&avr->spi, avr->peripheral.connector);
}

static void work(struct opp_avr *avr, uint32_t us)
{
	sim_spi_work(&avr->spi, avr->peripheral.connector, us);
}

/* ---- memories ---------------------------------------------------------------------- */

static uint32_t word_of(const struct opp_avr *avr)
{
	return (uint32_t)avr->instruction[1] << 8 | avr->instruction[2];
}

/* The byte of flash that the instruction names. */
static uint32_t byte_of(const struct opp_avr *avr)
{
	return 2 * word_of(avr) + (avr->instruction[0] & HIGH_BYTE ? 1 : 0);
}

/* What cannot be read now, or is not there, reads as erased: programmers poll for that. */
static uint8_t read_memory(const struct opp_avr *avr, const uint8_t *memory, uint32_t bytes,
			   uint32_t at)
{
	return busy(avr) || at >= bytes ? SPI_ERASED : memory[at];
}

static void load_flash(struct opp_avr *avr, uint8_t byte)
{
	const struct opp_avr_options *options = &avr->options;
	const uint32_t at = byte_of(avr);

	if (options->page) {
		options->page[at & (options->page_bytes - 1)] = byte;
	} else if (at < options->flash_bytes) {
		sim_spi_program(&options->flash[at], &byte, 1);
		work(avr, options->write_us);
	}
}

static void write_page(struct opp_avr *avr)
{
	const struct opp_avr_options *options = &avr->options;
	const uint32_t at = 2 * word_of(avr) & ~(options->page_bytes - 1);

	if (!options->page || at >= options->flash_bytes)
		return;
	sim_spi_program(&options->flash[at], options->page, options->page_bytes);
	sim_spi_fill(options->page, options->page_bytes);
	work(avr, options->write_us);
}

static void write_eeprom(struct opp_avr *avr, uint8_t byte)
{
	const uint32_t at = word_of(avr);

	if (at >= avr->options.eeprom_bytes)
		return;
	avr->options.eeprom[at] = byte;
	work(avr, avr->options.write_us);
}

static void erase(struct opp_avr *avr)
{
	sim_spi_fill(avr->options.flash, avr->options.flash_bytes);
	sim_spi_fill(avr->options.eeprom, avr->options.eeprom_bytes);
	work(avr, avr->options.erase_us);
}

/* ---- instructions -------------------------------------------------------------------- */

static bool is_enable(const struct opp_avr *avr)
{
	return avr->instruction[0] == PROGRAM && avr->instruction[1] == PROGRAM_ENABLE;
}

/* The byte that goes out while the fourth comes in. */
static uint8_t result(const struct opp_avr *avr)
{
	const struct opp_avr_options *options = &avr->options;
	const uint32_t which = avr->instruction[2] & 3;

	switch (avr->instruction[0]) {
	case READ_FLASH:
	case READ_FLASH_HIGH:
		return read_memory(avr, options->flash, options->flash_bytes, byte_of(avr));
	case READ_EEPROM:
		return read_memory(avr, options->eeprom, options->eeprom_bytes, word_of(avr));
	case READ_SIGNATURE:
		return which < sizeof(options->signature) ? options->signature[which] : SPI_ERASED;
	case READ_FUSES:
	case READ_LOCK: return SPI_ERASED;
	case POLL:
		if (!options->without_poll)
			return busy(avr);
	}
	return avr->instruction[2];
}

static void execute(struct opp_avr *avr)
{
	const uint8_t *instruction = avr->instruction;

	if (is_enable(avr))
		avr->programming = true;
	if (!avr->programming || busy(avr))
		return;
	switch (instruction[0]) {
	case LOAD_FLASH:
	case LOAD_FLASH_HIGH: load_flash(avr, instruction[3]); break;
	case WRITE_PAGE: write_page(avr); break;
	case WRITE_EEPROM: write_eeprom(avr, instruction[3]); break;
	case PROGRAM:
		if ((instruction[1] & PROGRAM_ERASE_BITS) == PROGRAM_ERASE)
			erase(avr);
	}
}

/* Returns what goes out while the next byte comes in. */
static uint8_t take(struct opp_avr *avr, uint8_t byte)
{
	avr->instruction[avr->received++] = byte;
	if (avr->received == INSTRUCTION_BYTES) {
		execute(avr);
		avr->received = 0;
	}
	if (avr->programming && avr->received == INSTRUCTION_BYTES - 1)
		return result(avr);
	if (avr->programming || (avr->received >= ECHO_OF_ENABLE && is_enable(avr)))
		return byte;
	return SPI_ERASED;
}

/* ---- what the connector calls -------------------------------------------------------- */

static bool held(uint32_t data)
{
	return !(data & (DISABLE | RESET));
}

static void start(struct opp_avr *avr)
{
	avr->programming = false;
	avr->received = 0;
	sim_spi_select(&avr->spi, SPI_ERASED);
}

static void wires_changed(struct opp_sim_peripheral *peripheral, const struct opp_wires *before)
{
	struct opp_avr *avr = avr_of(peripheral);
	const uint32_t data = peripheral->connector->wires.data;

	if (!held(data) || !held(before->data)) {
		start(avr);
	} else if ((data ^ before->data) & SCK) {
		if (!(data & SCK))
			sim_spi_clock_fell(&avr->spi);
		else if (sim_spi_clock_rose(&avr->spi, data & MOSI))
			avr->spi.out = take(avr, avr->spi.in);
	}
	sim_spi_show(&avr->spi, peripheral->connector);
}

static void attached(struct opp_sim_peripheral *peripheral)
{
	struct opp_avr *avr = avr_of(peripheral);

	avr->spi.busy_until_ns = 0;
	start(avr);
	sim_spi_show(&avr->spi, peripheral->connector);
}

static const struct opp_sim_peripheral_ops avr_ops = {
	.attached = attached,
	.wires_changed = wires_changed,
};

/* Whole pages fill the flash: one that is written ends within it. */
static bool has_pages(const struct opp_avr_options *options)
{
	return sim_spi_is_power_of_two(options->page_bytes) && options->page_bytes >= LEAST_PAGE &&
	       options->page_bytes <= MOST_PAGE && options->flash_bytes % options->page_bytes == 0;
}

bool opp_avr_init(struct opp_avr *avr, const struct opp_avr_options *options)
{
	if (!options->flash || !options->flash_bytes || (options->page && !has_pages(options)))
		return false;
	*avr = (struct opp_avr){
		.peripheral = { .ops = &avr_ops },
		.options = *options,
	};
	if (!options->eeprom)
		avr->options.eeprom_bytes = 0;
	if (options->page)
		sim_spi_fill(options->page, options->page_bytes);
	return true;
}
