/*
 * Watch the first key exchange.  Worker.
 *
 * libssh2 does not give its session id away, and the hub wants to check the
 * server's signature over it.  RFC 4253, 7.2 derives every key as
 * HASH(K || H || X || session_id) with X one letter from A to F: so the bytes
 * hashed right after such a letter are the session id.  This program defines
 * EVP_DigestUpdate itself, looks, and passes the call on.
 */
#include "remote/ssh_watch.h"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/limits.h"

enum {
	SSH_MSG_NEWKEYS = 21,
	SSH_MSG_KEX_REPLY = 31, /* KEXDH_REPLY and KEX_ECDH_REPLY */
	CLEAR_MAX = 4 * LIMIT_KEX_REPLY,
	GREETING_MAX = 64 * 1024, /* what may stand before the banner */
};

typedef int digest_update_fn(EVP_MD_CTX *, const void *, size_t);

/*
 * One worker is one session is one thread: this is the process's own memory
 * of it, written only until the first session id is known.
 */
static struct {
	digest_update_fn *next;
	bool letter; /* the call before hashed A ... F */
	unsigned char id[WORKER_MSG_HASH_MAX];
	size_t id_len;
} derivation;

__attribute__((visibility("default"))) int
EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t n)
{
	const unsigned char *p = data;

	if (derivation.next == NULL) {
		void *next = dlsym(RTLD_NEXT, "EVP_DigestUpdate");

		memcpy(&derivation.next, &next, sizeof next);
	}
	if (derivation.id_len == 0) {
		if (derivation.letter &&
		    (n == 20 || n == 32 || n == 48 || n == 64)) {
			memcpy(derivation.id, p, n);
			derivation.id_len = n;
		}
		derivation.letter = n == 1 && *p >= 'A' && *p <= 'F';
	}
	return derivation.next(ctx, data, n);
}

void
ssh_watch_init(struct ssh_watch *w)
{
	memset(w, 0, sizeof *w);
	buf_init(&w->clear, CLEAR_MAX);
	buf_init(&w->reply, LIMIT_KEX_REPLY);
}

void
ssh_watch_free(struct ssh_watch *w)
{
	buf_free(&w->clear);
	buf_free(&w->reply);
}

/* Drop lines up to and with the one that begins "SSH-" (RFC 4253, 4.2). */
static bool
skip_banner(struct ssh_watch *w)
{
	while (!w->banner_seen && !w->over && w->clear.len > 0) {
		unsigned char *end = memchr(w->clear.data, '\n', w->clear.len);
		bool last;

		if (end == NULL)
			return false;
		last =
		    w->clear.len >= 4 && memcmp(w->clear.data, "SSH-", 4) == 0;
		w->before += (size_t)(end + 1 - w->clear.data);
		w->over = !last && w->before > GREETING_MAX;
		buf_consume(&w->clear, (size_t)(end + 1 - w->clear.data));
		w->banner_seen = last;
	}
	return w->banner_seen;
}

/* One clear-text packet (RFC 4253, 6); false: it is not all there. */
static bool
take_packet(struct ssh_watch *w)
{
	struct buf_reader r = buf_read(w->clear.data, w->clear.len);
	uint32_t length = buf_get_u32(&r);
	uint8_t padding = buf_get_u8(&r);
	const unsigned char *payload;

	if (r.bad)
		return false;
	if (length > LIMIT_KEX_REPLY || length < padding + 2u) {
		w->over = true;
		return false;
	}
	payload = buf_get(&r, length - 1);
	if (payload == NULL)
		return false;
	if (*payload == SSH_MSG_KEX_REPLY && w->reply.len == 0)
		buf_put(&w->reply, payload, length - 1 - padding);
	if (*payload == SSH_MSG_NEWKEYS)
		w->over = true;
	buf_consume(&w->clear, 4 + (size_t)length);
	return true;
}

/* What it says first, to be quoted. */
static void
note_first(struct ssh_watch *w, const unsigned char *p, size_t n)
{
	while (n-- > 0 && w->first_len < sizeof w->first)
		w->first[w->first_len++] = *p++;
}

void
ssh_watch_bytes(struct ssh_watch *w, const void *p, size_t n)
{
	if (w->over)
		return;
	note_first(w, p, n);
	buf_put(&w->clear, p, n);
	if (!buf_ok(&w->clear))
		w->over = true;
	else if (skip_banner(w))
		while (!w->over && take_packet(w))
			continue;
	if (w->over)
		buf_free(&w->clear);
}

bool
ssh_watch_result(const struct ssh_watch *w, struct msg_hostkey *out)
{
	out->reply.p = w->reply.data;
	out->reply.n = w->reply.len;
	out->hash.p = derivation.id;
	out->hash.n = derivation.id_len;
	return w->reply.len > 0 && derivation.id_len > 0;
}
