/* SPDX-License-Identifier: MIT */
/* A chip's end of SPI, mode 0: bits come in as SCK rises and change on MISO as it falls. */
#ifndef OPP_SIM_SPI_H
#define OPP_SIM_SPI_H

#include <openparport/sim_spi.h>

#define SPI_ERASED    0xffu
#define SPI_US_NS     1000u
#define SPI_MISO_LINE OPP_LINE_NACK

/* It is at work, and deaf to most. */
static inline bool sim_spi_is_busy(const struct opp_spi *spi,
				   const struct opp_sim_connector *connector)
{
	return connector->sim->now_ns < spi->busy_until_ns;
}

static inline void sim_spi_work(struct opp_spi *spi, const struct opp_sim_connector *connector,
				uint32_t us)
{
	spi->busy_until_ns = connector->sim->now_ns + us * (uint64_t)SPI_US_NS;
}

/* Shows the next bit of out. */
static inline void sim_spi_clock_fell(struct opp_spi *spi)
{
	spi->miso = spi->out >> (7 - spi->bits) & 1;
}

/* @out: the first byte it sends. */
static inline void sim_spi_select(struct opp_spi *spi, uint8_t out)
{
	spi->bits = 0;
	spi->out = out;
	sim_spi_clock_fell(spi);
}

/* Returns true when in is a whole byte; then out is to be set. */
static inline bool sim_spi_clock_rose(struct opp_spi *spi, bool mosi)
{
	spi->in = (uint8_t)(spi->in << 1 | mosi);
	spi->bits = (spi->bits + 1) & 7;
	return spi->bits == 0;
}

/* Nobody drives MISO. */
static inline void sim_spi_deselect(struct opp_spi *spi)
{
	spi->miso = true;
}

static inline void sim_spi_show(const struct opp_spi *spi, struct opp_sim_connector *connector)
{
	opp_sim_drive_status(connector,
			     spi->miso ? OPP_STATUS_LINES : OPP_STATUS_LINES & ~SPI_MISO_LINE);
}

static inline bool sim_spi_is_power_of_two(uint32_t number)
{
	return number && !(number & (number - 1));
}

static inline void sim_spi_fill(uint8_t *bytes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		bytes[i] = SPI_ERASED;
}

/* Programming can only make zeros. */
static inline void sim_spi_program(uint8_t *cells, const uint8_t *bytes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		cells[i] &= bytes[i];
}

#endif
