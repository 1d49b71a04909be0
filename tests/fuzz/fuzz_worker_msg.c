/*
 * Fuzz the door: a packet that is accepted is put again byte for byte the same,
 * so every message has one form only.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "remote/worker_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

union message {
	struct msg_connect connect;
	struct msg_verdict verdict;
	struct msg_blob blob;
	struct msg_hostkey hostkey;
	struct msg_offer offer;
	struct msg_prompts prompts;
	struct msg_answers answers;
	struct msg_login_refused login_refused;
	struct msg_ready ready;
	struct msg_step step;
	struct msg_done done;
	struct msg_entry entry;
	struct msg_progress progress;
	struct msg_wall wall;
	struct msg_connect_ftp connect_ftp;
	struct msg_certificate certificate;
	struct msg_dial dial;
	struct msg_socket socket;
	struct msg_learned learned;
	struct msg_tls_sign tls_sign;
	struct msg_connect_http connect_http;
	struct msg_http_get http_get;
	struct msg_http_reply http_reply;
	struct msg_log log;
	struct ferry_error fail;
};

#define CASE(type, name)                                \
	case type:                                      \
		ok = msg_get_##name(body, &m.name);     \
		if (ok)                                 \
			msg_put_##name(again, &m.name); \
		return ok

static bool
get(struct buf_reader *body, unsigned type, struct buf *again)
{
	static union message m;
	bool ok;

	switch (type) {
		CASE(MSG_CONNECT, connect);
		CASE(MSG_VERDICT, verdict);
		CASE(MSG_HOSTKEY, hostkey);
		CASE(MSG_OFFER, offer);
		CASE(MSG_PROMPTS, prompts);
		CASE(MSG_ANSWERS, answers);
		CASE(MSG_LOGIN_REFUSED, login_refused);
		CASE(MSG_READY, ready);
		CASE(MSG_STEP, step);
		CASE(MSG_DONE, done);
		CASE(MSG_ENTRY, entry);
		CASE(MSG_PROGRESS, progress);
		CASE(MSG_WALL, wall);
		CASE(MSG_CONNECT_FTP, connect_ftp);
		CASE(MSG_CERTIFICATE, certificate);
		CASE(MSG_DIAL, dial);
		CASE(MSG_SOCKET, socket);
		CASE(MSG_LEARNED, learned);
		CASE(MSG_TLS_SIGN, tls_sign);
		CASE(MSG_CONNECT_HTTP, connect_http);
		CASE(MSG_HTTP_GET, http_get);
		CASE(MSG_HTTP_REPLY, http_reply);
		CASE(MSG_LOG, log);
		CASE(MSG_FAIL, fail);
	case MSG_LOGIN_KEY:
	case MSG_LOGIN_PASSWORD:
	case MSG_SIGNATURE:
	case MSG_SIGN:
	case MSG_CLIENT_CERTIFICATE:
	case MSG_TLS_SIGNATURE:
		ok = msg_get_blob(body, &m.blob, LIMIT_KEY_BLOB);
		if (ok)
			msg_put_blob(
			    again, (enum worker_msg_type)type, &m.blob);
		return ok;
	default:
		return false;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf_reader body;
	struct buf again;
	unsigned type;

	if (n > LIMIT_MESSAGE || !worker_msg_open(data, n, &type, &body))
		return 0;
	buf_init(&again, LIMIT_MESSAGE);
	if (get(&body, type, &again) &&
	    (again.len != n || memcmp(again.data, data, n) != 0))
		abort();
	buf_free(&again);
	return 0;
}
