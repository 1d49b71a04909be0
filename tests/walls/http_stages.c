/*
 * The stages of a worker that was taken over by a web server, in check.
 * Worker, of the tests only.
 */
#include "remote/http.h"
#include "remote/worker_parts.h"
#include "tests/walls/attack.h"

bool __real_http_new(struct http **out, const struct msg_connect_http *config,
    struct buf *authorities, const struct http_hooks *hooks);
bool __wrap_http_new(struct http **out, const struct msg_connect_http *config,
    struct buf *authorities, const struct http_hooks *hooks);

bool
__wrap_http_new(struct http **out, const struct msg_connect_http *config,
    struct buf *authorities, const struct http_hooks *hooks)
{
	bool good = __real_http_new(out, config, authorities, hooks);

	attack_all("ready");
	return good;
}

int __real_worker_dial(void *ctx, unsigned port);
int __wrap_worker_dial(void *ctx, unsigned port);

int
__wrap_worker_dial(void *ctx, unsigned port)
{
	static bool seen;
	int fd = __real_worker_dial(ctx, port);

	if (attack_is(ROLE_HTTP) && !seen) {
		seen = true;
		attack_all("connected");
	}
	return fd;
}

/* Now and then while libcurl waits for the server. */
bool __real_worker_turn(void *ctx);
bool __wrap_worker_turn(void *ctx);

bool
__wrap_worker_turn(void *ctx)
{
	static bool seen;

	if (attack_is(ROLE_HTTP) && targets.socket >= 0 && !seen) {
		seen = true;
		attack_all("asking");
	}
	return __real_worker_turn(ctx);
}

void __real_http_get(struct http *h, const struct msg_http_get *get,
    struct msg_http_reply *reply);
void __wrap_http_get(struct http *h, const struct msg_http_get *get,
    struct msg_http_reply *reply);

void
__wrap_http_get(struct http *h, const struct msg_http_get *get,
    struct msg_http_reply *reply)
{
	static bool seen;

	__real_http_get(h, get, reply);
	if (seen || reply->how != MSG_HTTP_ANSWERED)
		return;
	seen = true;
	attack_all("answered");
	attack_misbehave();
}
