/*
 * The dialogue with a worker that has a folder in place of a server: FOLDER,
 * then READY.  Runs in the hub; nobody has to be proven anything.
 */
#include "remote/login_parts.h"

static const struct door_rule rules[] = {
	{ MSG_WALL, LOGIN_STARTING, true, login_on_wall },
	{ MSG_READY, LOGIN_OUR_TURN, true, login_on_ready },
	{ 0 },
};

static bool
is_ready(void *ctx)
{
	const struct login *l = ctx;

	return l->door->state == LOGIN_DONE;
}

int
login_folder_run(struct login *l, int folder, struct ferry_error *err)
{
	int rc;

	door_rules(l->door, rules, l);
	l->door->state = LOGIN_STARTING;
	msg_put_folder(&l->door->out);
	log_line(l->config->log, LOG_TRACE, "-> FOLDER");
	rc = door_send(l->door, folder, err);
	if (rc == 0)
		rc = door_wait(l->door, is_ready, err);
	if (rc == 0 && l->config->logged_in)
		l->config->logged_in(l->config->ctx);
	return rc;
}
