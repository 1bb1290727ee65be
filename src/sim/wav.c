/* SPDX-License-Identifier: MIT */
/*
 * Levels at odd times become a WAV file's samples at regular ones: each holds
 * the level of its instant. A chunk of odd length is followed by one byte that
 * belongs to nothing. Source: RIFF, WAVE of format 1.
 */
#include "ticks.h"

#define FORMAT_PCM    1u
#define CHANNELS      1u
#define BITS          8u
#define SILENCE       0x80u
#define FORMAT_LENGTH 16u
#define RIFF_OVERHEAD (OPP_WAV_HEADER_BYTES - 8u)
#define MOST_BYTES    (UINT32_MAX - RIFF_OVERHEAD - 1u)
#define MOST_RATE     192000u

bool opp_wav_init(struct opp_wav *wav, uint32_t rate, uint64_t start_ns, void *context,
		  void (*write)(void *context, uint8_t byte))
{
	if (!write || rate < 1 || rate > MOST_RATE)
		return false;
	*wav = (struct opp_wav){
		.context = context,
		.write = write,
		.ticks = { .next_ns = start_ns, .per_second = rate },
		.level = SILENCE,
	};
	return true;
}

void opp_wav_sample(void *context, uint8_t level, uint64_t at_ns)
{
	struct opp_wav *wav = (struct opp_wav *)context;

	while (wav->ticks.next_ns < at_ns && wav->bytes < MOST_BYTES) {
		wav->write(wav->context, wav->level);
		wav->bytes++;
		sim_ticks_move_on(&wav->ticks);
	}
	wav->level = level;
}

static uint8_t *put_text(uint8_t *to, const char text[4])
{
	for (uint32_t i = 0; i < 4; i++)
		*to++ = (uint8_t)text[i];
	return to;
}

static uint8_t *put_number(uint8_t *to, uint32_t number, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		*to++ = (uint8_t)(number >> 8 * i);
	return to;
}

void opp_wav_end(struct opp_wav *wav, uint64_t at_ns, uint8_t header[OPP_WAV_HEADER_BYTES])
{
	uint8_t *to = header;
	uint32_t bytes;

	opp_wav_sample(wav, SILENCE, at_ns);
	bytes = (uint32_t)wav->bytes;
	if (bytes & 1)
		wav->write(wav->context, SILENCE);
	to = put_text(to, "RIFF");
	to = put_number(to, bytes + (bytes & 1) + RIFF_OVERHEAD, 4);
	to = put_text(to, "WAVE");
	to = put_text(to, "fmt ");
	to = put_number(to, FORMAT_LENGTH, 4);
	to = put_number(to, FORMAT_PCM, 2);
	to = put_number(to, CHANNELS, 2);
	to = put_number(to, wav->ticks.per_second, 4);
	to = put_number(to, wav->ticks.per_second * CHANNELS * BITS / 8, 4);
	to = put_number(to, CHANNELS * BITS / 8, 2);
	to = put_number(to, BITS, 2);
	to = put_text(to, "data");
	put_number(to, bytes, 4);
}
