/* SPDX-License-Identifier: MIT */
/* What is heard of a converter, as a WAV file. */
#ifndef OPP_SOUND_H
#define OPP_SOUND_H

#include <openparport/sim_dac.h>

#include "output.h"

struct opp_sound;

/* As opp_output_open; the file is begun afresh. */
enum opp_status opp_sound_open(struct opp_sound **sound, const char *path, uint32_t rate,
			       void (*changed)(void *context), void *context,
			       struct opp_error *error);
/* The recording ends with the last change of the level. NULL is closed already. */
void opp_sound_close(struct opp_sound *sound);

const char *opp_sound_path(const struct opp_sound *sound);

/* A sample callback of struct opp_dac_output; @sound: the struct opp_sound, or NULL. */
void opp_sound_sample(void *sound, uint8_t level, uint64_t at_ns);

#endif
