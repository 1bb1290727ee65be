/* SPDX-License-Identifier: MIT */
/*
 * Device ids as texts. Every byte is somebody else's: nothing here trusts a
 * length, and nothing is read beyond what was said to be there.
 */
#include <openparport/device_id.h>

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_believable(size_t bytes)
{
	return bytes >= OPP_DEVICE_ID_LEAST && bytes <= OPP_DEVICE_ID_MOST;
}

static size_t high_byte_first(const uint8_t *prefix)
{
	return (size_t)prefix[0] << 8 | prefix[1];
}

size_t opp_device_id_expected(const uint8_t prefix[OPP_DEVICE_ID_PREFIX])
{
	const size_t low_byte_first = (size_t)prefix[1] << 8 | prefix[0];

	if (is_believable(high_byte_first(prefix)))
		return high_byte_first(prefix);
	return is_believable(low_byte_first) ? low_byte_first : 0;
}

bool opp_device_id_is_exact(const uint8_t *raw, size_t raw_bytes)
{
	return raw_bytes >= OPP_DEVICE_ID_PREFIX && high_byte_first(raw) == raw_bytes;
}

/* ---- as a text ----------------------------------------------------------------------- */

static bool is_white(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_control(uint8_t c)
{
	return (c < ' ' && !is_white(c)) || c == 0x7f;
}

size_t opp_device_id_text(const uint8_t *raw, size_t raw_bytes, char *text, size_t capacity)
{
	size_t end = raw_bytes;
	size_t length = 0;

	if (capacity)
		text[0] = '\0';
	while (end > OPP_DEVICE_ID_PREFIX && (!raw[end - 1] || is_white(raw[end - 1])))
		end--;
	/* room for a ';' and a NUL that may be missing */
	if (end < OPP_DEVICE_ID_LEAST - 1 || end - OPP_DEVICE_ID_PREFIX + 2 > capacity)
		return 0;
	for (size_t i = OPP_DEVICE_ID_PREFIX; i < end; i++) {
		if (is_control(raw[i])) {
			text[0] = '\0';
			return 0;
		}
		text[length++] = is_white(raw[i]) ? ' ' : (char)raw[i];
	}
	if (text[length - 1] != ';')
		text[length++] = ';';
	text[length] = '\0';
	return length;
}

/* ---- keys and values ------------------------------------------------------------------ */

static struct opp_device_id_part trimmed(const char *start, const char *end)
{
	while (start < end && is_white((uint8_t)*start))
		start++;
	while (end > start && is_white((uint8_t)end[-1]))
		end--;
	return (struct opp_device_id_part){ start, (size_t)(end - start) };
}

bool opp_device_id_next(const char *text, size_t *at, struct opp_device_id_part *key,
			struct opp_device_id_part *value)
{
	while (text[*at]) {
		const char *start = text + *at;
		const char *colon = NULL;
		const char *end = start;

		for (; *end && *end != ';'; end++) {
			if (*end == ':' && !colon)
				colon = end;
		}
		*at = (size_t)(end - text) + (*end == ';');
		if (!colon)
			continue;
		*key = trimmed(start, colon);
		*value = trimmed(colon + 1, end);
		return true;
	}
	return false;
}

static bool is_name(struct opp_device_id_part part, const char *name)
{
	size_t i;

	for (i = 0; i < part.length; i++) {
		if (!name[i] || upper(part.start[i]) != upper(name[i]))
			return false;
	}
	return !name[i];
}

/* The form under which a key is known; NULL: it has only one. */
static const char *long_form(struct opp_device_id_part key)
{
	static const char *const forms[][2] = {
		{ "MFG", "MANUFACTURER" },  { "MDL", "MODEL" },       { "CMD", "COMMAND SET" },
		{ "CLS", "CLASS" },         { "DES", "DESCRIPTION" }, { "CID", "COMPATIBLE ID" },
		{ "SERN", "SERIALNUMBER" }, { "SN", "SERIALNUMBER" },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (is_name(key, forms[i][0]) || is_name(key, forms[i][1]))
			return forms[i][1];
	}
	return NULL;
}

bool opp_device_id_find(const char *text, const char *key, struct opp_device_id_part *value)
{
	struct opp_device_id_part wanted = { key, 0 };
	struct opp_device_id_part found;
	const char *form;
	size_t at = 0;

	while (key[wanted.length])
		wanted.length++;
	form = long_form(wanted);
	while (opp_device_id_next(text, &at, &found, value)) {
		if (form ? long_form(found) == form : is_name(found, key))
			return true;
	}
	return false;
}

/* ---- for Windows ---------------------------------------------------------------------- */

#define PNP_PREFIX  "LPTENUM\\"
#define PNP_LETTERS 20u

/* The last entry is 4600, not a true CRC-16's 4400: all enumerated names hang on it. */
static uint16_t add_to_checksum(uint16_t crc, uint8_t byte)
{
	static const uint16_t low[] = {
		0x0000, 0xc0c1, 0xc181, 0x0140, 0xc301, 0x03c0, 0x0280, 0xc241,
		0xc601, 0x06c0, 0x0780, 0xc741, 0x0500, 0xc5c1, 0xc481, 0x0440,
	};
	static const uint16_t high[] = {
		0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401,
		0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4600,
	};
	const uint8_t turn = (uint8_t)(byte ^ crc);

	return (uint16_t)((crc >> 8) ^ low[turn & 15] ^ high[turn >> 4]);
}

struct pnp_name {
	char *text;
	size_t length;
	size_t letters;
	uint16_t checksum;
};

/* S-82, to the letter: a backslash stays. */
static char pnp_letter(char c)
{
	return c <= ' ' || c > '~' || c == ',' ? '_' : c;
}

static void add_value(struct pnp_name *name, struct opp_device_id_part value)
{
	for (size_t i = 0; i < value.length; i++) {
		const char c = value.start[i];

		name->checksum = add_to_checksum(name->checksum, (uint8_t)c);
		if (name->letters++ < PNP_LETTERS)
			name->text[name->length++] = pnp_letter(c);
	}
}

size_t opp_device_id_pnp(const char *text, char name[OPP_PNP_ID_BYTES])
{
	static const char prefix[] = PNP_PREFIX;
	static const char digits[] = "0123456789ABCDEF";
	struct opp_device_id_part manufacturer;
	struct opp_device_id_part model;
	struct pnp_name made = { .text = name };

	name[0] = '\0';
	if (!opp_device_id_find(text, "MFG", &manufacturer) ||
	    !opp_device_id_find(text, "MDL", &model) || !(manufacturer.length + model.length))
		return 0;
	for (; prefix[made.length]; made.length++)
		name[made.length] = prefix[made.length];
	add_value(&made, manufacturer);
	add_value(&made, model);
	for (uint32_t shift = 16; shift; shift -= 4)
		name[made.length++] = digits[made.checksum >> (shift - 4) & 15];
	name[made.length] = '\0';
	return made.length;
}
