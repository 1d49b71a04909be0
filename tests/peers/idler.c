/*
 * A hub that logs in and then thinks for as long as its user likes.
 *
 *   idler WORKER PORT USER KEY KEEPALIVE_MS SILENCE_MS
 *
 * To 127.0.0.1 by SFTP, whatever its key.  Says "ready" when it is logged in;
 * with the end of standard input it asks the server for something, and says
 * "done" or "ID: TEXT".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/key.h"
#include "base/secret.h"
#include "remote/session.h"

static int
load_key(struct key **out, const char *path, struct ferry_error *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct secret *file = fd >= 0 ? secret_read(fd, LIMIT_KEY_FILE) : NULL;
	int rc = -ferry_EKEY;

	if (file != NULL)
		rc = key_parse(out, file->data, file->len, NULL, err);
	secret_free(file);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int
judge_host(void *ctx, const void *blob, size_t n, const char *address,
    struct ferry_error *err)
{
	(void)ctx;
	(void)blob;
	(void)n;
	(void)address;
	(void)err;
	return 0;
}

static int
need_key(void *ctx, const struct key **out, struct ferry_error *err)
{
	(void)err;
	*out = ctx;
	return 0;
}

static int
think_and_ask(struct session *s, struct ferry_error *err)
{
	const struct msg_step step = { .id = 1, .op = STEP_STAT, .path = "." };
	int rc;

	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	rc = session_step(s, &step, -1, err);
	return rc == 0 ? session_wait(s, 0, err) : rc;
}

int
main(int argc, char **argv)
{
	struct session_config c = {
		.host = "127.0.0.1",
		.algorithms = "ssh-ed25519",
		.connect_ms = 30000,
		.cancel_fd = -1,
		.confine = true,
		.judge_host = judge_host,
		.need_key = need_key,
	};
	struct ferry_error err = { 0 };
	struct session *s = NULL;
	struct key *key = NULL;
	int rc;

	if (argc != 7)
		return 2;
	c.worker = argv[1];
	c.port = (unsigned)atoi(argv[2]);
	c.user = argv[3];
	c.keepalive_ms = (unsigned)atoi(argv[5]);
	c.silence_ms = (unsigned)atoi(argv[6]);
	rc = load_key(&key, argv[4], &err);
	c.ctx = key;
	if (rc == 0)
		rc = session_open(&s, &c, &err);
	if (rc == 0)
		rc = think_and_ask(s, &err);
	session_close(s);
	key_free(key);
	if (rc == 0)
		puts("done");
	else
		printf("%s: %s\n", err.id, err.text);
	return -rc;
}
