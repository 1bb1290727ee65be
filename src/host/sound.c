/* SPDX-License-Identifier: MIT */
/*
 * A level that does not change for more than a second is recorded as a second of
 * it: who plays two sounds in a week does not fill a disk with what lies between.
 */
#include "sound.h"

#include <stdlib.h>

#include "error.h"

#define LONGEST_NS UINT64_C(1000000000)

struct opp_sound {
	struct opp_output *output;
	struct opp_wav wav;
	bool begun;
	uint64_t changed_ns; /* virtual time of the last change ... */
	uint64_t heard_ns;   /* ... and its time in the recording */
};

static void write_byte(void *context, uint8_t byte)
{
	(void)opp_output_add(((struct opp_sound *)context)->output, byte);
}

enum opp_status opp_sound_open(struct opp_sound **sound, const char *path, uint32_t rate,
			       void (*changed)(void *context), void *context,
			       struct opp_error *error)
{
	struct opp_sound *opened = calloc(1, sizeof(*opened));
	enum opp_status status;
	size_t i;

	if (!opened)
		return opp_error_set(error, OPP_INSUFFICIENT_RESOURCES, "no memory for a sound");
	if (!opp_wav_init(&opened->wav, rate, 0, opened, write_byte)) {
		free(opened);
		return opp_error_set(error, OPP_INVALID_PARAMETER,
				     "%u samples a second make no WAV file", (unsigned int)rate);
	}
	status = opp_output_open(&opened->output, "wav", path, true, changed, context, error);
	if (status != OPP_SUCCESS) {
		free(opened);
		return status;
	}
	for (i = 0; i < OPP_WAV_HEADER_BYTES; i++)
		write_byte(opened, 0);
	*sound = opened;
	return OPP_SUCCESS;
}

void opp_sound_close(struct opp_sound *sound)
{
	uint8_t head[OPP_WAV_HEADER_BYTES];

	if (!sound)
		return;
	opp_wav_end(&sound->wav, sound->heard_ns, head);
	opp_output_set_head(sound->output, head, sizeof(head));
	opp_output_close(sound->output);
	free(sound);
}

const char *opp_sound_path(const struct opp_sound *sound)
{
	return opp_output_path(sound->output);
}

void opp_sound_sample(void *context, uint8_t level, uint64_t at_ns)
{
	struct opp_sound *sound = context;
	uint64_t passed_ns;

	if (!sound)
		return;
	passed_ns = sound->begun ? at_ns - sound->changed_ns : 0;
	sound->begun = true;
	sound->changed_ns = at_ns;
	sound->heard_ns += passed_ns < LONGEST_NS ? passed_ns : LONGEST_NS;
	opp_wav_sample(&sound->wav, level, sound->heard_ns);
}
