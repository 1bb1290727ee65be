/* SPDX-License-Identifier: MIT */
/*
 * parport sim: what is simulated at a served port, seen and changed while it runs.
 *
 * Every action but show is a row of keys and values of parport.conf(5), set one
 * after the other; the first that is refused ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "facts.h"
#include "served.h"

/* ---- one key --------------------------------------------------------------------- */

static int explain(const struct cli_served *served, const struct opp_ioc_sim_set *wish)
{
	enum opp_status status = (enum opp_status)wish->status;

	if (status == OPP_INVALID_DEVICE_REQUEST)
		return cli_fail(status, "%s is not simulated", served->port.device);
	return cli_fail(status, "%s: %s", served->port.device,
			wish->why[0] ? wish->why : opp_status_text(status));
}

static int set_key(struct cli_served *served, const char *key, size_t key_bytes, const char *value)
{
	static struct opp_ioc_sim_set wish;

	if (key_bytes >= sizeof(wish.key) || strlen(value) >= sizeof(wish.value))
		return cli_fail(OPP_INVALID_PARAMETER, "%.*s: too long", (int)key_bytes, key);
	memset(&wish, 0, sizeof(wish));
	memcpy(wish.key, key, key_bytes);
	memcpy(wish.value, value, strlen(value));
	if (ioctl(served->fd, OPP_IOC_SIM_SET, &wish) == 0)
		return wish.status == OPP_SUCCESS ? 0 : explain(served, &wish);
	if (errno == EPERM)
		return cli_fail(OPP_ACCESS_DENIED,
				"may not change what is simulated at %s: only root and the user "
				"parportd runs as may; try sudo",
				served->port.device);
	return cli_fail(OPP_DEVICE_REMOVED, "%s: %s", served->port.device, strerror(errno));
}

/* @word: "KEY=VALUE", or "KEY" where @usual is its value. */
static int set_word(struct cli_served *served, const char *word, const char *usual)
{
	const char *equals = strchr(word, '=');

	if (equals)
		return set_key(served, word, (size_t)(equals - word), equals + 1);
	if (usual)
		return set_key(served, word, strlen(word), usual);
	return cli_fail(OPP_INVALID_PARAMETER, "'%s' is not KEY=VALUE", word);
}

static int set_words(struct cli_served *served, char **words, size_t count, const char *usual)
{
	int code = 0;

	for (size_t i = 0; i < count && !code; i++)
		code = set_word(served, words[i], usual);
	return code;
}

/* ---- the actions ------------------------------------------------------------------- */

static int set(struct cli_served *served, const struct cli_wish *wish)
{
	return set_words(served, wish->words, wish->count, NULL);
}

/* What it shall be like comes first, so that it is so from the start. */
static int attach(struct cli_served *served, const struct cli_wish *wish)
{
	const char *peripheral = wish->words[0];
	int code = set_words(served, wish->words + 1, wish->count - 1, NULL);

	return code ? code : set_key(served, "peripheral", strlen("peripheral"), peripheral);
}

static int detach(struct cli_served *served, const struct cli_wish *wish)
{
	(void)wish;
	return set_key(served, "peripheral", strlen("peripheral"), "none");
}

static int mend(struct cli_served *served)
{
	static const char *const whole[] = { "paper_out=no", "off_line=no", "error=no",
					     "powered_off=no", "rude=none" };
	int code = 0;

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]) && !code; i++)
		code = set_word(served, whole[i], NULL);
	return code;
}

static int fault(struct cli_served *served, const struct cli_wish *wish)
{
	if (wish->count == 1 && strcmp(wish->words[0], "none") == 0)
		return mend(served);
	return set_words(served, wish->words, wish->count, "yes");
}

/* The service ends every line with a line break, and says "KEY = VALUE" on each. */
static void print_json(const struct cli_served *served, char *text)
{
	struct json_object *object = cli_served_object(served);
	struct json_object *keys = json_object_new_object();

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *between = strstr(line, " = ");

		if (!between)
			continue;
		*between = '\0';
		cli_json_text(keys, line, between + strlen(" = "));
	}
	json_object_object_add(object, "keys", keys);
	cli_print_object(object);
}

static int show(struct cli_served *served, const struct cli_wish *wish)
{
	static struct opp_ioc_sim_show answer;

	if (ioctl(served->fd, OPP_IOC_SIM_SHOW, &answer) < 0)
		return cli_fail(OPP_DEVICE_REMOVED, "%s: %s", served->port.device, strerror(errno));
	answer.text[sizeof(answer.text) - 1] = '\0';
	if (wish->json)
		print_json(served, answer.text);
	else
		fputs(answer.text, stdout);
	return 0;
}

/* ---- which --------------------------------------------------------------------------- */

static const struct action {
	const char *name, *usage;
	size_t least, most; /* words after the port */
	int (*act)(struct cli_served *served, const struct cli_wish *wish);
} actions[] = {
	{ "show", "show PORT", 0, 0, show },
	{ "set", "set PORT KEY=VALUE...", 1, SIZE_MAX, set },
	{ "attach", "attach PORT PERIPHERAL [KEY=VALUE...]", 1, SIZE_MAX, attach },
	{ "detach", "detach PORT", 0, 0, detach },
	{ "fault", "fault PORT paper_out|off_line|error|powered_off|rude=EVENT:WHAT|none", 1,
	  SIZE_MAX, fault },
};

static const struct action *find_action(const char *name)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

static int act(const struct action *action, struct cli_wish *wish)
{
	struct cli_served served;
	int code;

	if (wish->count <= action->least || wish->count - 1 > action->most)
		return cli_fail(OPP_INVALID_PARAMETER, "wanted: parport sim %s", action->usage);
	wish->port = wish->words[0];
	wish->words++;
	wish->count--;
	code = cli_served_open(&served, wish->port, O_RDWR);
	if (code)
		return code;
	code = action->act(&served, wish);
	cli_served_close(&served);
	return code;
}

int cli_sim(int argc, char **argv)
{
	static const struct argp_option options[] = { CLI_OPTION_JSON, { 0 } };
	static const struct cli_verb verb = {
		.options = options,
		.arguments = "show PORT\n"
			     "set PORT KEY=VALUE...\n"
			     "attach PORT PERIPHERAL [KEY=VALUE...]\n"
			     "detach PORT\n"
			     "fault PORT FAULT[=no]...|none",
		.doc = "Show or change what is simulated at PORT, with the keys of "
		       "parport.conf(5). A FAULT is paper_out, off_line, error, powered_off or "
		       "rude=EVENT:WHAT.",
		.most = SIZE_MAX,
	};
	const struct action *action;
	struct cli_wish wish;

	if (argc < 2)
		return cli_fail(OPP_INVALID_PARAMETER, "say show, set, attach, detach or fault");
	cli_wish_parse(&wish, &verb, argc, argv);
	/* The first word is what to do; the port comes next. */
	action = find_action(wish.port);
	if (!action)
		return cli_fail(OPP_INVALID_PARAMETER,
				"'%s': say show, set, attach, detach or fault", wish.port);
	return act(action, &wish);
}
