/* SPDX-License-Identifier: MIT */
/*
 * Chips that are programmed bit by bit through SPI: an AVR microcontroller
 * behind an STK200 dongle, a flash memory behind a RayeR cable.
 *
 *	line    STK200                      RayeR SPIPGM
 *	Data3   low enables its buffers     -
 *	Data4   low, too                    -
 *	Data5   SCK                         -
 *	Data6   MOSI                        /CS
 *	Data7   a lamp                      SCK
 *	Data8   /RESET                      MOSI
 *	nAck    MISO                        MISO
 *
 * What sim.h says of contexts, times and pointers holds here.
 * Source: IEEE1284 9; AVRISP; FLASHROM.
 */
#ifndef OPENPARPORT_SIM_SPI_H
#define OPENPARPORT_SIM_SPI_H

#include <openparport/sim.h>

/* Both chips' end of SPI in mode 0; private. */
struct opp_spi {
	uint8_t in;
	uint8_t out;
	uint8_t bits; /* of the byte under way */
	bool miso;
	uint64_t busy_until_ns; /* at work in its memory */
};

/* ---- AVR ------------------------------------------------------------------------------- */

struct opp_avr_options {
	uint8_t signature[3];
	uint8_t *flash;       /* the caller's, as the chip is bought: 0xff when it is erased */
	uint32_t flash_bytes; /* 1 at least; with pages a multiple of page_bytes */
	uint8_t *page;        /* room for a page: an ATmega; NULL: every byte alone, an AT90S */
	uint32_t page_bytes;  /* a power of two, 2 .. 256 */
	uint8_t *eeprom;      /* NULL: none */
	uint32_t eeprom_bytes;
	uint32_t write_us; /* how long a page, a byte or a chip erase takes */
	uint32_t erase_us;
	bool without_poll; /* no instruction tells when it is ready; reading 0xff does */
};

struct opp_avr {
	struct opp_sim_peripheral peripheral; /* public: what opp_sim_attach takes */
	bool programming;                     /* public, to read: Programming Enable was accepted */
	struct opp_avr_options options;
	struct opp_spi spi;
	uint8_t instruction[4];
	uint8_t received; /* bytes of it */
};

/*
 * opp_avr_init - a chip that is not being programmed.
 * @options: copied; its memories must outlive @avr.
 *
 * Context: any; not while it is plugged in.
 * Returns: false when there is no flash, or pages do not fit as said above; then
 * nothing was done.
 */
bool opp_avr_init(struct opp_avr *avr, const struct opp_avr_options *options);

/* ---- SPI flash ---------------------------------------------------------------------------- */

#define OPP_SPI_FLASH_PAGE 256

struct opp_spi_flash_options {
	uint8_t id[3];      /* JEDEC: manufacturer, type, capacity */
	uint8_t *content;   /* the caller's */
	uint32_t bytes;     /* a power of two, 64 KiB .. 16 MiB */
	uint32_t page_us;   /* how long a page program takes, and so on */
	uint32_t sector_us; /* 4 KiB */
	uint32_t block_us;  /* 32 or 64 KiB */
	uint32_t chip_us;
};

struct opp_spi_flash {
	struct opp_sim_peripheral peripheral; /* public: what opp_sim_attach takes */
	struct opp_spi_flash_options options;
	struct opp_spi spi;
	bool write_enabled;
	uint8_t command;
	uint32_t received; /* bytes since /CS fell, the command included */
	uint32_t address;
	uint8_t page[OPP_SPI_FLASH_PAGE];
};

/*
 * opp_spi_flash_init - a chip at rest.
 * @options: copied; its content must outlive @flash.
 *
 * Context: any; not while it is plugged in.
 * Returns: false when there is no content, or not of a size as said above; then
 * nothing was done.
 */
bool opp_spi_flash_init(struct opp_spi_flash *flash, const struct opp_spi_flash_options *options);

#endif
