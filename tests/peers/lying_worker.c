/*
 * lying_worker: a worker that lies about who the server is, and about what is
 * to be signed.  It meets the real server and keeps what that one proved; then
 * it tells the hub something else.  The lie is the user name that it is told to
 * log in as: see the tables.
 *
 * In the folder of the program lie its own host key ("own"), which is not the
 * server's, and for RSA and ECDSA the server's ("host.pem"), so that the right
 * key can sign in a wrong way.  What the hub said is written to "heard" there,
 * and what the server proved to "proof".
 */
#include <libgen.h>
#include <limits.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/key.h"
#include "base/buf.h"
#include "confine/chan.h"
#include "confine/wall.h"
#include "known_hosts/proof.h"
#include "remote/ssh.h"
#include "remote/worker_msg.h"

enum { MAX = 2 * LIMIT_MESSAGE, RAW_MAX = 1024 };

struct exchange { /* a key exchange reply in its parts, and H */
	struct buf key, value, algorithm, signature, hash;
	struct buf reply; /* all of it, when it has been put together */
};

static unsigned char packet[LIMIT_MESSAGE];
static struct msg_connect ordered;
static int server = -1; /* connected */
static struct exchange met; /* what the server proved */

/* Something is wrong with the test itself. */
static void
broken(const char *what)
{
	printf("lying_worker: %s\n", what);
	exit(90);
}

static FILE *
open_beside(const char *name, const char *mode)
{
	char self[PATH_MAX] = "", path[PATH_MAX];
	FILE *f;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0 ||
	    snprintf(path, sizeof(path), "%s/%s", dirname(self), name) >=
		(int)sizeof(path))
		broken("where am I?");
	f = fopen(path, mode);
	if (f == NULL)
		broken(path);
	return f;
}

static struct buf
empty(void)
{
	struct buf b;

	buf_init(&b, MAX);
	return b;
}

static void
set(struct buf *b, const void *p, size_t n)
{
	struct buf copy = empty();

	buf_put(&copy, p, n);
	buf_free(b);
	*b = copy;
}

static void
set_text(struct buf *b, const char *text)
{
	set(b, text, strlen(text));
}

/* ---- The door ---- */

static void
say(struct buf *b)
{
	if (!buf_ok(b) || chan_send(CHAN_DOOR_FD, b->data, b->len, -1) < 0)
		exit(91); /* the hub has had enough */
	buf_free(b);
}

/* Name and body: the scenario looks for secrets in there. */
static void
note(unsigned type, struct buf_reader body)
{
	FILE *f = open_beside("heard", "a");

	fprintf(f, "%s %s ", ordered.user, worker_msg_name(type));
	for (; body.left > 0; body.p++, body.left--)
		fputc(*body.p >= ' ' && *body.p < 0x7f ? *body.p : '.', f);
	fputc('\n', f);
	fclose(f);
}

/* The next message; at the end of the door, exit. */
static unsigned
hear(struct buf_reader *body, int *passed)
{
	unsigned type;
	ssize_t n = chan_receive(CHAN_DOOR_FD, packet, sizeof(packet), passed);

	if (n <= 0)
		exit(0);
	if (!worker_msg_open(packet, (size_t)n, &type, body))
		broken("the hub speaks another language");
	if (type == MSG_CONNECT && !msg_get_connect(body, &ordered))
		broken("what CONNECT is that?");
	note(type, *body);
	return type;
}

static void
say_hostkey(const struct exchange *e)
{
	struct buf b = empty();

	msg_put_hostkey(&b,
	    &(struct msg_hostkey){ { e->reply.data, e->reply.len },
		{ e->hash.data, e->hash.len } });
	say(&b);
}

static void
say_offer(void)
{
	struct msg_offer m = { .methods = "publickey,password" };
	struct buf b = empty();

	msg_put_offer(&b, &m);
	say(&b);
}

static void
say_refused(const char *methods)
{
	struct msg_login_refused m = { .how = REFUSAL_PARTIAL };
	struct buf b = empty();

	snprintf(m.methods, sizeof(m.methods), "%s", methods);
	msg_put_login_refused(&b, &m);
	say(&b);
}

static void
say_ready(void)
{
	struct buf b = empty();

	msg_put_ready(&b, &(struct msg_ready){ 0, 0, "SSH-2.0-liar" });
	say(&b);
}

static void
say_enough(void)
{
	struct ferry_error e = { .code = ferry_EBUSY };
	struct buf b = empty();

	snprintf(e.id, sizeof(e.id), "heard_enough");
	snprintf(e.text, sizeof(e.text), "the liar has heard enough");
	msg_put_fail(&b, &e);
	say(&b);
	exit(0);
}

/* ---- The real server ---- */

static void
put_together(struct exchange *e)
{
	struct buf b = empty(), signature = empty();

	buf_put_string(&signature, e->algorithm.data, e->algorithm.len);
	buf_put_string(&signature, e->signature.data, e->signature.len);
	buf_put_u8(&b, 31); /* SSH_MSG_KEX_ECDH_REPLY */
	buf_put_string(&b, e->key.data, e->key.len);
	buf_put_string(&b, e->value.data, e->value.len);
	buf_put_string(&b, signature.data, signature.len);
	buf_free(&signature);
	buf_free(&e->reply);
	e->reply = b;
}

static void
take_string(struct buf *b, struct buf_reader *r)
{
	size_t n;
	const unsigned char *p = buf_get_string(r, &n, MAX);

	set(b, p, n);
}

static void
take_apart(struct exchange *e, const struct msg_hostkey *proof)
{
	struct buf_reader r = buf_read(proof->reply.p, proof->reply.n);
	struct buf signature = empty();

	buf_get_u8(&r);
	take_string(&e->key, &r);
	take_string(&e->value, &r);
	take_string(&signature, &r);
	if (!buf_get_end(&r))
		broken("the server's reply has another form");
	r = buf_read(signature.data, signature.len);
	take_string(&e->algorithm, &r);
	take_string(&e->signature, &r);
	if (!buf_get_end(&r))
		broken("the server's signature has another form");
	set(&e->hash, proof->hash.p, proof->hash.n);
	put_together(e);
	if (e->reply.len != proof->reply.n ||
	    memcmp(e->reply.data, proof->reply.p, e->reply.len) != 0)
		broken("the reply cannot be put together again");
	buf_free(&signature);
}

/* The key exchange as the product does it; what it says goes to out. */
static void
shake_hands(int sock, int out)
{
	struct ferry_error err = { 0 };
	struct msg_hostkey proof;
	struct buf b = empty();
	struct pollfd p = { .fd = sock, .events = POLLIN };
	struct ssh *ssh;
	int rc;

	if (ssh_new(&ssh, sock, ordered.algorithms, &err) != 0)
		broken(err.text);
	while ((rc = ssh_handshake(ssh, &err)) == 1) {
		if (ssh_flush(ssh, &err) < 0 || poll(&p, 1, 10000) != 1 ||
		    ssh_fill(ssh, &err) < 0)
			broken("no server");
	}
	if (rc < 0 || !ssh_proof(ssh, &proof))
		broken(err.text);
	msg_put_hostkey(&b, &proof);
	if (write(out, b.data, b.len) != (ssize_t)b.len)
		broken("write");
	_exit(0);
}

/* In a process of its own: one process keeps the id of one session only. */
static void
meet(struct exchange *e, int sock)
{
	static unsigned char said[LIMIT_MESSAGE];
	struct msg_hostkey proof;
	struct buf_reader body;
	size_t len = 0;
	unsigned type;
	ssize_t n;
	int tube[2];

	if (pipe(tube) < 0)
		broken("pipe");
	fflush(stdout);
	if (fork() == 0)
		shake_hands(sock, tube[1]);
	close(tube[1]);
	while ((n = read(tube[0], said + len, sizeof(said) - len)) > 0)
		len += (size_t)n;
	close(tube[0]);
	if (!worker_msg_open(said, len, &type, &body) ||
	    !msg_get_hostkey(&body, &proof))
		broken("the server proved nothing");
	take_apart(e, &proof);
}

/* Another session with the same server. */
static struct exchange
meet_again(void)
{
	struct exchange e = { 0 };
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);
	int sock = -1;

	if (getpeername(server, (struct sockaddr *)&a, &n) < 0 ||
	    (sock = socket(a.ss_family, SOCK_STREAM, 0)) < 0 ||
	    connect(sock, (struct sockaddr *)&a, n) < 0)
		broken("the server does not want to see me again");
	meet(&e, sock);
	close(sock);
	if (e.hash.len == met.hash.len &&
	    memcmp(e.hash.data, met.hash.data, e.hash.len) == 0)
		broken("two sessions have one id");
	return e;
}

static void
put_hex(FILE *f, const char *name, const struct buf *b)
{
	fprintf(f, "%s ", name);
	for (size_t i = 0; i < b->len; i++)
		fprintf(f, "%02x", b->data[i]);
	fputc('\n', f);
}

/* ---- Other signatures than the server's ---- */

static void
set_signature(struct exchange *e, const struct buf *signature)
{
	struct buf_reader r = buf_read(signature->data, signature->len);

	take_string(&e->algorithm, &r);
	take_string(&e->signature, &r);
}

/* By our own key, and as it should be. */
static void
sign_own(struct exchange *e, bool show_own)
{
	struct buf pem = empty(), signature = empty();
	FILE *f = open_beside("own", "r");
	const char *algorithm;
	struct key *key;
	unsigned char *p;
	size_t n;

	buf_init(&signature, LIMIT_SIGNATURE);
	p = buf_grow(&pem, 8192);
	n = fread(p, 1, 8192, f);
	fclose(f);
	if (key_parse(&key, p, n, NULL, NULL) != 0)
		broken("the own key");
	algorithm = key_type(key);
	if (strcmp(algorithm, "ssh-rsa") == 0)
		algorithm = "rsa-sha2-512";
	if (key_sign(key, algorithm, e->hash.data, e->hash.len, &signature,
		NULL) != 0)
		broken("the own key does not sign");
	set_signature(e, &signature);
	if (show_own) {
		const unsigned char *blob = key_blob(key, &n);

		set(&e->key, blob, n);
	}
	key_free(key);
	buf_free(&pem);
	buf_free(&signature);
}

static void
put_number(struct buf *b, const BIGNUM *number)
{
	unsigned char raw[RAW_MAX];

	buf_put_mpint(b, raw, (size_t)BN_bn2bin(number, raw));
}

/* By the server's own key, but with this digest. */
static void
sign_with(struct exchange *e, const char *digest)
{
	unsigned char raw[RAW_MAX];
	const unsigned char *der = raw;
	size_t n = sizeof(raw);
	FILE *f = open_beside("host.pem", "r");
	EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ECDSA_SIG *sig;

	fclose(f);
	if (key == NULL ||
	    EVP_DigestSignInit_ex(ctx, NULL, digest, NULL, NULL, key, NULL) !=
		1 ||
	    EVP_DigestSign(ctx, raw, &n, e->hash.data, e->hash.len) != 1)
		broken("the host key does not sign");
	set(&e->signature, raw, n);
	if (EVP_PKEY_is_a(key, "EC")) {
		set(&e->signature, NULL, 0);
		sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
		put_number(&e->signature, ECDSA_SIG_get0_r(sig));
		put_number(&e->signature, ECDSA_SIG_get0_s(sig));
		ECDSA_SIG_free(sig);
	}
	EVP_PKEY_free(key);
	EVP_MD_CTX_free(ctx);
}

/* ---- Lies about the proof ---- */

static void
flip(struct buf *b)
{
	b->data[b->len - 1] ^= 1;
}

static void
honest(struct exchange *e)
{
	(void)e;
}

/* With this, and an own server in the middle, everything fits but the key. */
static void
own_key(struct exchange *e)
{
	sign_own(e, true);
}

static void
own_signature(struct exchange *e)
{
	sign_own(e, false);
}

static void
own_signature_renamed(struct exchange *e)
{
	struct buf name = e->algorithm;

	e->algorithm = empty();
	sign_own(e, false);
	buf_free(&e->algorithm);
	e->algorithm = name;
}

static void
own_blob(struct exchange *e)
{
	struct exchange own = { .hash = e->hash };

	sign_own(&own, true);
	set(&e->key, own.key.data, own.key.len);
}

static void
other_reply(struct exchange *e)
{
	struct exchange other = meet_again();

	set(&other.hash, e->hash.data, e->hash.len);
	*e = other;
}

static void
other_hash(struct exchange *e)
{
	struct exchange other = meet_again();

	set(&e->hash, other.hash.data, other.hash.len);
}

static void
hash_bit(struct exchange *e)
{
	flip(&e->hash);
}

static void
hash_cut(struct exchange *e)
{
	e->hash.len--;
}

static void
hash_none(struct exchange *e)
{
	e->hash.len = 0;
}

/* To the next length that a hash can have, or to half of it. */
static void
hash_padded(struct exchange *e)
{
	if (e->hash.len == 64)
		e->hash.len = 32;
	else
		memset(buf_grow(&e->hash, 16), 0, 16);
}

static void
signature_bit(struct exchange *e)
{
	flip(&e->signature);
}

static void
signature_cut(struct exchange *e)
{
	e->signature.len--;
}

static void
signature_long(struct exchange *e)
{
	buf_put_u8(&e->signature, 0);
}

static void
signature_none(struct exchange *e)
{
	e->signature.len = 0;
}

static void
signature_zero(struct exchange *e)
{
	memset(e->signature.data, 0, e->signature.len);
}

static void
key_bit(struct exchange *e)
{
	flip(&e->key);
}

static void
key_cut(struct exchange *e)
{
	e->key.len--;
}

static void
key_long(struct exchange *e)
{
	buf_put_u8(&e->key, 0);
}

static void
named_sha512(struct exchange *e)
{
	set_text(&e->algorithm, "rsa-sha2-512");
}

static void
named_sha256(struct exchange *e)
{
	set_text(&e->algorithm, "rsa-sha2-256");
}

static void
named_sha1(struct exchange *e)
{
	set_text(&e->algorithm, "ssh-rsa");
}

static void
named_nothing(struct exchange *e)
{
	set_text(&e->algorithm, "");
}

static void
named_certificate(struct exchange *e)
{
	set_text(&e->algorithm, "ssh-ed25519-cert-v01@openssh.com");
}

static void
by_sha1(struct exchange *e)
{
	sign_with(e, "SHA1");
}

static void
by_sha256(struct exchange *e)
{
	sign_with(e, "SHA256");
}

static void
by_sha384(struct exchange *e)
{
	sign_with(e, "SHA384");
}

static void
by_sha512(struct exchange *e)
{
	sign_with(e, "SHA512");
}

static void
by_sha1_named_so(struct exchange *e)
{
	sign_with(e, "SHA1");
	named_sha1(e);
}

static void
by_sha256_named_512(struct exchange *e)
{
	sign_with(e, "SHA256");
	named_sha512(e);
}

static const struct {
	const char *user;
	void (*change)(struct exchange *e);
} lies[] = {
	{ "honest", honest },
	{ "own-key", own_key },
	{ "own-signature", own_signature },
	{ "own-signature-renamed", own_signature_renamed },
	{ "own-blob", own_blob },
	{ "other-reply", other_reply },
	{ "other-hash", other_hash },
	{ "hash-bit", hash_bit },
	{ "hash-cut", hash_cut },
	{ "hash-none", hash_none },
	{ "hash-padded", hash_padded },
	{ "signature-bit", signature_bit },
	{ "signature-cut", signature_cut },
	{ "signature-long", signature_long },
	{ "signature-none", signature_none },
	{ "signature-zero", signature_zero },
	{ "key-bit", key_bit },
	{ "key-cut", key_cut },
	{ "key-long", key_long },
	{ "named-sha512", named_sha512 },
	{ "named-sha256", named_sha256 },
	{ "named-sha1", named_sha1 },
	{ "named-nothing", named_nothing },
	{ "named-certificate", named_certificate },
	{ "by-sha1", by_sha1 },
	{ "by-sha256", by_sha256 },
	{ "by-sha384", by_sha384 },
	{ "by-sha512", by_sha512 },
	{ "by-sha1-named-so", by_sha1_named_so },
	{ "by-sha256-named-512", by_sha256_named_512 },
};

/* The same, to the bytes of the whole reply. */

static void
reply_cut(struct buf *reply)
{
	reply->len--;
}

static void
reply_trailing(struct buf *reply)
{
	buf_put_u8(reply, 0);
}

static void
reply_huge(struct buf *reply)
{
	memset(buf_grow(reply, LIMIT_KEX_REPLY), 0, LIMIT_KEX_REPLY);
}

static void
reply_type(struct buf *reply)
{
	reply->data[0] = 30; /* SSH_MSG_KEX_ECDH_INIT: ours, not theirs */
}

static void
reply_none(struct buf *reply)
{
	reply->len = 0;
}

static void
reply_length(struct buf *reply)
{
	reply->data[1] = 0xff; /* of the key */
}

static const struct {
	const char *user;
	void (*change)(struct buf *reply);
} damages[] = {
	{ "reply-cut", reply_cut },
	{ "reply-trailing", reply_trailing },
	{ "reply-huge", reply_huge },
	{ "reply-type", reply_type },
	{ "reply-none", reply_none },
	{ "reply-length", reply_length },
};

/* ---- Lies about what is to be signed ---- */

struct request { /* NULL and 0: what is right */
	const char *user;
	const char *name, *service, *method, *algorithm, *key;
	enum { SAME, BIT, CUT, NONE, OTHER, LONG } session;
	unsigned type, no_flag, cut, trailing;
};

static const struct request requests[] = {
	{ .user = "sign-right" },
	{ .user = "sign-session-bit", .session = BIT },
	{ .user = "sign-session-cut", .session = CUT },
	{ .user = "sign-session-none", .session = NONE },
	{ .user = "sign-session-long", .session = LONG },
	{ .user = "sign-session-other", .session = OTHER },
	{ .user = "sign-user", .name = "root" },
	{ .user = "sign-user-none", .name = "" },
	{ .user = "sign-service", .service = "ssh-userauth" },
	{ .user = "sign-hostbased", .method = "hostbased" },
	{ .user = "sign-password", .method = "password" },
	{ .user = "sign-bound",
	    .method = "publickey-hostbound-v00@openssh.com" },
	{ .user = "sign-algorithm", .algorithm = "rsa-sha2-512" },
	{ .user = "sign-sha1", .algorithm = "ssh-rsa" },
	{ .user = "sign-key", .key = "another key" },
	{ .user = "sign-type", .type = 80 }, /* SSH_MSG_GLOBAL_REQUEST */
	{ .user = "sign-flag", .no_flag = 1 }, { .user = "sign-cut", .cut = 1 },
	{ .user = "sign-trailing", .trailing = 1 },
	{ .user = "sign-long", .trailing = LIMIT_KEY_BLOB + 1024 },
	{ .user = "sign-hash", .cut = UINT_MAX }, /* H, as a host signs it */
};

static void
put_session(struct buf *b, const struct request *q)
{
	struct buf id = empty();
	struct exchange other;

	set(&id, met.hash.data, met.hash.len);
	switch (q->session) {
	case SAME:
		break;
	case BIT:
		flip(&id);
		break;
	case CUT:
		id.len--;
		break;
	case NONE:
		id.len = 0;
		break;
	case LONG:
		buf_put_u8(&id, 0);
		break;
	case OTHER:
		other = meet_again();
		set(&id, other.hash.data, other.hash.len);
	}
	buf_put_string(b, id.data, id.len);
	buf_free(&id);
}

static const char *
choose(const char *lie, const char *truth)
{
	return lie != NULL ? lie : truth;
}

static void
say_sign(const struct request *q, const struct msg_blob *key)
{
	struct buf data = empty(), b = empty();
	struct buf_reader r = buf_read(key->p, key->n);
	char type[64];

	buf_get_u32(&r);
	proof_key_type(key->p, key->n, type, sizeof(type));
	put_session(&data, q);
	buf_put_u8(&data, q->type != 0 ? (uint8_t)q->type : 50);
	buf_put_cstring(&data, choose(q->name, ordered.user));
	buf_put_cstring(&data, choose(q->service, "ssh-connection"));
	buf_put_cstring(&data, choose(q->method, "publickey"));
	buf_put_u8(&data, !q->no_flag);
	buf_put_cstring(&data, choose(q->algorithm, type));
	if (q->key != NULL)
		buf_put_cstring(&data, q->key);
	else
		buf_put_string(&data, key->p, key->n);
	for (unsigned i = 0; i < q->trailing; i++)
		buf_put_u8(&data, 0);
	if (q->cut == UINT_MAX)
		set(&data, met.hash.data, met.hash.len);
	else
		data.len -= q->cut;
	msg_put_blob(&b, MSG_SIGN, &(struct msg_blob){ data.data, data.len });
	say(&b);
	buf_free(&data);
}

/* From here on as every worker does, but for the request to sign. */
static void
carry_on(const struct request *q)
{
	struct msg_verdict verdict;
	struct buf_reader body;
	struct msg_blob m;
	int fd;

	for (;;) {
		switch (hear(&body, &fd)) {
		case MSG_VERDICT:
			if (!msg_get_verdict(&body, &verdict))
				broken("what verdict is that?");
			if (verdict.trusted)
				say_offer();
			break;
		case MSG_LOGIN_KEY:
			if (!msg_get_blob(&body, &m, LIMIT_KEY_BLOB))
				broken("what key is that?");
			say_sign(q, &m);
			break;
		default:
			say_enough();
		}
	}
}

/* ---- Lies about the order ---- */

static const struct msg_blob no_key = { (const unsigned char *)"", 0 };

static void
wait_for(unsigned type)
{
	struct buf_reader body;
	unsigned heard;
	int fd;

	while ((heard = hear(&body, &fd)) != type)
		if (heard == MSG_VERDICT)
			say_offer();
}

/* What is said while the hub sleeps is read in one go. */
static void
put_to_sleep(void)
{
	char path[64], state = '\0';
	pid_t hub = getppid();
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)hub);
	if (hub == 1 || kill(hub, SIGSTOP) < 0)
		broken("the hub does not sleep");
	while (state != 'T' && getppid() == hub) {
		f = fopen(path, "r");
		if (f == NULL || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			broken(path);
		fclose(f);
	}
}

static void
wake_up(void)
{
	kill(getppid(), SIGCONT);
}

static void
sign_first(void)
{
	say_sign(requests, &no_key);
}

static void
sign_unjudged(void)
{
	put_to_sleep();
	say_hostkey(&met);
	say_sign(requests, &no_key);
	wake_up();
}

static void
sign_by_password(void)
{
	say_hostkey(&met);
	wait_for(MSG_LOGIN_PASSWORD);
	say_sign(requests, &no_key);
}

/* A question of the server's that hides its answer: the password, surely. */
static void
say_prompts(void)
{
	struct msg_prompts m = { .count = 1 };
	struct buf b = empty();

	snprintf(
	    m.prompt[0].text, sizeof(m.prompt[0].text), "\033[2JPassword:");
	msg_put_prompts(&b, &m);
	say(&b);
}

static void
offer_first(void)
{
	say_offer();
	say_hostkey(&met);
}

static void
offer_unjudged(void)
{
	put_to_sleep();
	say_hostkey(&met);
	say_offer();
	wake_up();
}

static void
offer_twice(void)
{
	say_hostkey(&met);
	wait_for(MSG_LOGIN_KEY);
	say_offer();
}

static void
prompts_first(void)
{
	say_prompts();
}

static void
prompts_unjudged(void)
{
	put_to_sleep();
	say_hostkey(&met);
	say_prompts();
	wake_up();
}

static void
prompts_by_key(void)
{
	say_hostkey(&met);
	wait_for(MSG_LOGIN_KEY);
	say_prompts();
}

static void
refused_first(void)
{
	say_refused("password");
	say_hostkey(&met);
}

static void
refused_unjudged(void)
{
	put_to_sleep();
	say_hostkey(&met);
	say_refused("password");
	wake_up();
}

/* The key would do, were there a password too: but it was never used. */
static void
refused_unsigned(void)
{
	say_hostkey(&met);
	wait_for(MSG_LOGIN_KEY);
	say_refused("password");
}

static void
ready_first(void)
{
	say_ready();
}

static void
ready_unjudged(void)
{
	put_to_sleep();
	say_hostkey(&met);
	say_ready();
	wake_up();
}

static void
twice(void)
{
	put_to_sleep();
	say_hostkey(&met);
	say_hostkey(&met);
	wake_up();
}

static void
say_own(void)
{
	own_key(&met);
	put_together(&met);
	say_hostkey(&met);
}

static void
twice_unlike(void)
{
	put_to_sleep();
	say_hostkey(&met);
	say_own();
	wake_up();
}

static void
unlike_judged(void)
{
	say_hostkey(&met);
	wait_for(MSG_VERDICT);
	say_own();
}

/* As after a second key exchange, with another key and another H. */
static void
unlike_again(void)
{
	say_hostkey(&met);
	wait_for(MSG_LOGIN_KEY);
	met = meet_again();
	say_own();
}

static const struct {
	const char *user;
	void (*act)(void);
} orders[] = {
	{ "sign-first", sign_first },
	{ "sign-unjudged", sign_unjudged },
	{ "sign-by-password", sign_by_password },
	{ "offer-first", offer_first },
	{ "offer-unjudged", offer_unjudged },
	{ "offer-twice", offer_twice },
	{ "prompts-first", prompts_first },
	{ "prompts-unjudged", prompts_unjudged },
	{ "prompts-by-key", prompts_by_key },
	{ "refused-first", refused_first },
	{ "refused-unjudged", refused_unjudged },
	{ "refused-unsigned", refused_unsigned },
	{ "ready-first", ready_first },
	{ "ready-unjudged", ready_unjudged },
	{ "twice", twice },
	{ "twice-unlike", twice_unlike },
	{ "unlike-judged", unlike_judged },
	{ "unlike-again", unlike_again },
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define FOR_USER(table)                           \
	for (size_t i = 0; i < COUNT(table); i++) \
		if (strcmp(table[i].user, ordered.user) == 0)

int
main(void)
{
	struct buf_reader body;
	struct buf b = empty();
	FILE *f;

	msg_put_wall(&b, &(struct msg_wall){ .layers = WALL_ALL });
	say(&b);
	if (hear(&body, &server) != MSG_CONNECT || server < 0)
		broken("no CONNECT");
	meet(&met, server);
	f = open_beside("proof", "w");
	put_hex(f, "reply", &met.reply);
	put_hex(f, "hash", &met.hash);
	fclose(f);
	FOR_USER(lies)
	{
		lies[i].change(&met);
		put_together(&met);
		say_hostkey(&met);
		carry_on(requests);
	}
	FOR_USER(damages)
	{
		damages[i].change(&met.reply);
		say_hostkey(&met);
		carry_on(requests);
	}
	FOR_USER(requests)
	{
		say_hostkey(&met);
		carry_on(&requests[i]);
	}
	FOR_USER(orders)
	{
		orders[i].act();
		carry_on(requests);
	}
	broken("no such lie");
}
