/* SPDX-License-Identifier: MIT */
/*
 * Sound out of a parallel port, and a WAV file made of it.
 *
 * A Covox Speech Thing is a converter on the data lines: what they show is
 * heard at once. A Disney Sound Source has a FIFO and a clock of its own. Both
 * hand every change of level to a callback, which may be opp_wav_sample. What
 * sim.h says of contexts, times and pointers holds here.
 *
 * Source: IEEE1284 9; DISNEY.
 */
#ifndef OPENPARPORT_SIM_DAC_H
#define OPENPARPORT_SIM_DAC_H

#include <openparport/sim.h>

/* Regular instants of virtual time; private to those who embed it. */
struct opp_ticks {
	uint64_t next_ns;
	uint32_t per_second;
	uint32_t fraction; /* of a nanosecond, in 1 / per_second */
};

/* Where sound goes. */
struct opp_dac_output {
	void *context;
	/* From @at_ns on the converter shows @level, 0x80 being silence. */
	void (*sample)(void *context, uint8_t level, uint64_t at_ns);
};

/* ---- converters ---------------------------------------------------------------------- */

struct opp_covox {
	struct opp_sim_peripheral peripheral; /* public: what opp_sim_attach takes */
	struct opp_dac_output output;
};

/*
 * opp_covox_init - a converter. A byte written twice makes no sample: it changes
 * no line.
 * @output: copied; called from within accesses to the chip, and as it is plugged in.
 *
 * Context: any; not while it is plugged in.
 * Returns: false when @output has no sample(); then nothing was done.
 */
bool opp_covox_init(struct opp_covox *covox, const struct opp_dac_output *output);

#define OPP_SOUND_SOURCE_FIFO 16

/*
 * nSelectIn high turns it on, a short pulse low stores the byte on the data
 * lines, longer low turns it off. nAck is high while the FIFO is full; a byte
 * stored then is lost. It takes a byte out of the FIFO 7000 times a second.
 */
struct opp_sound_source {
	struct opp_sim_peripheral peripheral; /* public: what opp_sim_attach takes */
	struct opp_dac_output output;
	struct opp_sim_alarm tick_alarm;
	struct opp_sim_alarm off_alarm;
	struct opp_ticks ticks;
	bool on;
	uint32_t head; /* of fifo: the next byte to be heard */
	uint32_t fill;
	uint8_t fifo[OPP_SOUND_SOURCE_FIFO];
};

/*
 * opp_sound_source_init - a Sound Source without power, its FIFO empty.
 * @output: copied; called as the chip's time passes.
 *
 * Context: any; not while it is plugged in.
 * Returns: false when @output has no sample(); then nothing was done.
 */
bool opp_sound_source_init(struct opp_sound_source *source, const struct opp_dac_output *output);

/* ---- WAV ------------------------------------------------------------------------------- */

#define OPP_WAV_HEADER_BYTES 44

/*
 * Mono, 8 bits, at a rate of your choice. The encoder writes samples only: keep
 * the first OPP_WAV_HEADER_BYTES of the file free, and fill them when the end is
 * known.
 */
struct opp_wav {
	void *context;
	void (*write)(void *context, uint8_t byte); /* one byte of the file, in order */
	uint64_t bytes;                             /* public, to read: samples so far */
	struct opp_ticks ticks;
	uint8_t level;
};

/*
 * opp_wav_init - a recording that starts with silence at @start_ns.
 * @rate: samples a second, 1 .. 192,000.
 * @write: called with @context from opp_wav_sample and opp_wav_end.
 *
 * Context: any.
 * Returns: false when there is no @write, or @rate is none of those; then nothing
 * was done.
 */
bool opp_wav_init(struct opp_wav *wav, uint32_t rate, uint64_t start_ns, void *context,
		  void (*write)(void *context, uint8_t byte));

/*
 * opp_wav_sample - the level changes at @at_ns; what was heard until then is
 * written. @wav is a struct opp_wav: this is a sample callback of opp_dac_output.
 */
void opp_wav_sample(void *wav, uint8_t level, uint64_t at_ns);

/*
 * opp_wav_end - writes what was heard until @at_ns and makes the file's head;
 * the recording is over.
 */
void opp_wav_end(struct opp_wav *wav, uint64_t at_ns, uint8_t header[OPP_WAV_HEADER_BYTES]);

#endif
