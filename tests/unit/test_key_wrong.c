/*
 * Goal: each file that is not a usable private key is refused with its own id,
 * quickly, without a question on the terminal; and no damage gives another key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/key_parts.h"
#include "base/err.h"
#include "base/limits.h"
#include "tests/unit/keygen.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int
setup(void **state)
{
	if (keygen_setup(state) != 0)
		return -1;
	keygen_run(*state,
	    "ssh-keygen -q -N '' -t ed25519 -C me -f ed; "
	    "ssh-keygen -q -N '' -t ed25519 -C me -f other; "
	    "ssh-keygen -q -N '' -t rsa -b 1024 -m PEM -f rsa; "
	    "ssh-keygen -q -N '' -t ecdsa -m PEM -f ec; "
	    "cp rsa dek; ssh-keygen -q -p -P '' -N right -m PEM -f dek; "
	    "cp rsa p8; ssh-keygen -q -p -P '' -N right -m PKCS8 -f p8; "
	    "cp ed sealed; ssh-keygen -q -p -P '' -N right -a 1 -f sealed");
	keygen_run(*state,
	    "for i in gcm:aes128-gcm chacha:chacha20-poly1305; do "
	    "f=${i%%%%:*}; cp ed $f; ssh-keygen -q -p -P '' -N right -a 1 "
	    "-Z ${i#*:}@openssh.com -f $f; done");
	return 0;
}

static void
refused(const void *p, size_t n, const char *passphrase, const char *id,
    const char *what)
{
	struct ferry_error err;
	struct key *k;
	int code =
	    strncmp(id, "passphrase", 10) == 0 ? ferry_ESECRET : ferry_EKEY;

	if (keygen_parse(&k, p, n, passphrase, &err) == 0) {
		key_free(k);
		fail_msg("accepted: %s", what);
	}
	if (strcmp(err.id, id) != 0)
		fail_msg("%s: id %s, not %s: %s", what, err.id, id, err.text);
	assert_int_equal(err.code, code);
	assert_true(err.text[0] != '\0');
	assert_true(code == ferry_ESECRET || err.hint[0] != '\0');
	assert_int_equal(ERR_peek_error(), 0);
}

/* The output of a command is refused with this id. */
static void
test_files(void **state)
{
	static const struct {
		const char *id, *command;
	} files[] = {
		{ "key_public", "cat ed.pub" },
		{ "key_public", "cat rsa.pub" },
		{ "key_public", "cat ec.pub" },
		{ "key_public",
		    "echo sk-ssh-ed25519@openssh.com AAAA security key" },
		{ "key_public", "ssh-keygen -e -f rsa" },
		{ "key_public", "ssh-keygen -e -m PKCS8 -f rsa" },
		{ "key_public", "ssh-keygen -e -m PEM -f rsa" },
		{ "key_certificate",
		    "ssh-keygen -q -s ed -I me -n me other.pub; "
		    "cat other-cert.pub" },
		{ "key_certificate",
		    "ssh-keygen -q -s ed -I me -n me rsa.pub; "
		    "cat rsa-cert.pub" },
		{ "key_public", "openssl req -new -x509 -key rsa -subj /CN=x" },
		{ "key_putty",
		    "printf 'PuTTY-User-Key-File-3: ssh-rsa\\r\\n"
		    "Encryption: none\\r\\n'" },
		{ "key_putty", "echo PuTTY-User-Key-File-2: ssh-ed25519" },
		{ "key_crlf", "sed 's/$/\\r/' ed" },
		{ "key_crlf", "sed 's/$/\\r/' rsa" },
		{ "key_crlf", "sed '3s/$/\\r/' ed" },
		{ "key_encoding", "iconv -t UTF-16 ed" },
		{ "key_encoding",
		    "iconv -t UTF-16BE ed | "
		    "(printf '\\376\\377'; cat)" },
		{ "key_encoding", "printf '\\357\\273\\277'; cat ed" },
		{ "key_empty", "true" },
		{ "key_header", "openssl rsa -in rsa -outform DER" },
		{ "key_header", "sed 1d ed" },
		{ "key_header", "sed '1s/-$//' ed" },
		{ "key_header", "sed '1s/-*$//' ed" },
		{ "key_header", "echo hello" },
		{ "key_header", "head -c 40000 /dev/zero" },
		{ "key_lines", "tr '\\n' ' ' <ed" },
		{ "key_truncated", "sed '$d' ed" },
		{ "key_truncated", "head -c 200 rsa" },
		{ "key_base64", "sed 3d ed" },
		{ "key_truncated", "sed 3,4d ed" },
		{ "key_truncated", "sed 4d rsa" },
		{ "key_truncated", "sed '$s/OPENSSH/RSA/' ed" },
		{ "key_base64", "sed '3s/./!/7' ed" },
		{ "key_base64", "sed '3s/.//7' ed" },
		{ "key_base64", "sed '3s/./=/7' rsa" },
		{ "key_base64", "sed '2,4d' ec" },
		{ "key_trailing", "cat ed ed" },
		{ "key_trailing", "cat ed ed.pub" },
		{ "key_too_large", "cat ed; head -c 70000 /dev/zero" },
		{ "key_type", "ssh-keygen -q -N '' -t dsa -f dsa; cat dsa" },
		{ "key_type",
		    "ssh-keygen -q -p -N '' -m PEM -f dsa >log2; "
		    "cat dsa" },
		{ "key_type",
		    "ssh-keygen -q -p -N '' -m PKCS8 -f dsa >log2; "
		    "cat dsa" },
		{ "key_type",
		    "ssh-keygen -q -p -N rightright -f dsa >log2; "
		    "cat dsa" },
		{ "key_type", "openssl genpkey -algorithm ed448" },
		{ "key_type", "openssl genpkey -algorithm x25519" },
		{ "key_type",
		    "openssl genpkey -algorithm rsa-pss "
		    "-pkeyopt rsa_keygen_bits:1024" },
		{ "key_type", "openssl ecparam -genkey -name secp256k1" },
		{ "key_type",
		    "openssl ecparam -genkey -name "
		    "brainpoolP256r1" },
		{ "key_type", "openssl req -new -key rsa -subj /CN=x" },
		{ "key_type", "echo '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY'" },
		{ "key_type", "printf 'SSH PRIVATE KEY FILE FORMAT 1.1\\n'" },
		{ "key_type", "sed 's/RSA PRIVATE/PGP PRIVATE/' rsa" },
		{ "key_short", "openssl genrsa 768" },
		{ "key_cipher",
		    "openssl rsa -in rsa -traditional -provider "
		    "legacy -provider default -des "
		    "-passout pass:right" },
		{ "key_cipher", "sed '/DEK/s/AES-128/AES-129/' dek" },
		{ "key_cipher", "sed '/DEK/d' dek" },
		{ "key_cipher",
		    "openssl pkcs8 -topk8 -in rsa -provider "
		    "legacy -provider default -v1 PBE-MD5-DES "
		    "-passout pass:right" },
		{ "key_cipher",
		    "openssl pkcs8 -topk8 -in rsa -provider "
		    "legacy -provider default -v2 bf-cbc "
		    "-passout pass:right" },
		{ "key_damaged", "sed 's/RSA PRIVATE/EC PRIVATE/' rsa" },
		{ "key_damaged", "sed 's/RSA PRIVATE/PRIVATE/' rsa" },
		{ "key_damaged", "sed 's/RSA PRIVATE/ENCRYPTED PRIVATE/' rsa" },
		{ "key_damaged", "sed 's/RSA PRIVATE/OPENSSH PRIVATE/' rsa" },
		{ "key_damaged", "sed 's/OPENSSH PRIVATE/PRIVATE/' ed" },
		{ "key_damaged", "sed 's/ENCRYPTED PRIVATE/RSA PRIVATE/' p8" },
		{ "passphrase_needed", "cat dek" },
		{ "passphrase_needed", "cat p8" },
		{ "passphrase_needed", "cat sealed" },
	};

	for (size_t i = 0; i < COUNT(files); i++) {
		struct buf text;

		keygen_run(*state, "(%s) >wrong", files[i].command);
		text = keygen_read(*state, "wrong");
		refused(
		    text.data, text.len, NULL, files[i].id, files[i].command);
		buf_free(&text);
	}
}

static void
test_wrong_passphrases(void **state)
{
	static const char *const files[] = { "dek", "p8", "sealed" };
	char pass[1024 + 1];

	memset(pass, 'x', sizeof(pass) - 1);
	pass[sizeof(pass) - 1] = '\0';
	for (size_t i = 0; i < COUNT(files); i++) {
		struct buf text = keygen_read(*state, files[i]);

		refused(
		    text.data, text.len, pass, "passphrase_wrong", files[i]);
		/* enough for a padding that looks right by chance */
		for (int n = 0; n < (i < 1 ? 1500 : 20); n++) {
			snprintf(pass, sizeof(pass), "wrong %d", n);
			refused(text.data, text.len, pass, "passphrase_wrong",
			    files[i]);
		}
		memset(pass, 'x', sizeof(pass) - 1);
		buf_free(&text);
	}
}

/* The parts of a plain container, to be put together otherwise. */
struct parts {
	const char *cipher, *kdf;
	struct buf options;
	uint32_t keys;
	struct buf blob, box;
	const char *behind;
};

static void
parts_init(struct parts *p, const char *dir, const char *name)
{
	struct buf text = keygen_read(dir, name);
	struct key_armour a;
	struct key_openssh k;

	assert_int_equal(key_armour_parse(&a, text.data, text.len, NULL), 0);
	assert_int_equal(
	    key_openssh_read(&k, a.body->data, a.body->len, NULL), 0);
	*p = (struct parts){
		.cipher = "none", .kdf = "none", .keys = 1, .behind = ""
	};
	buf_init(&p->options, 4096);
	buf_init(&p->blob, 4096);
	buf_init(&p->box, 4096);
	buf_put(&p->blob, k.blob, k.blob_len);
	buf_put(&p->box, k.box, k.box_len);
	key_armour_free(&a);
	buf_free(&text);
}

static struct buf
parts_join(const struct parts *p)
{
	struct buf b, text;

	buf_init(&b, 1 << 16);
	buf_put(&b, "openssh-key-v1", 15);
	buf_put_cstring(&b, p->cipher);
	buf_put_cstring(&b, p->kdf);
	buf_put_string(&b, p->options.data, p->options.len);
	buf_put_u32(&b, p->keys);
	buf_put_string(&b, p->blob.data, p->blob.len);
	buf_put_string(&b, p->box.data, p->box.len);
	buf_put(&b, p->behind, strlen(p->behind));
	assert_true(buf_ok(&b));
	text = keygen_armour("OPENSSH PRIVATE KEY", b.data, b.len);
	buf_free(&b);
	return text;
}

static void
parts_refused(
    struct parts *p, const char *passphrase, const char *id, const char *what)
{
	struct buf text = parts_join(p);

	refused(text.data, text.len, passphrase, id, what);
	buf_free(&text);
}

static void
parts_free(struct parts *p)
{
	buf_free(&p->options);
	buf_free(&p->blob);
	buf_free(&p->box);
}

static void
test_containers(void **state)
{
	struct parts p, other;
	struct buf swap;
	size_t box_len;

	parts_init(&p, *state, "ed");
	box_len = p.box.len;
	parts_init(&other, *state, "other");
	p.keys = 2;
	parts_refused(&p, NULL, "key_damaged", "two keys");
	p.keys = 0;
	parts_refused(&p, NULL, "key_damaged", "no key");
	p.keys = 1;
	p.behind = "x";
	parts_refused(&p, NULL, "key_trailing", "a byte behind");
	p.behind = "";
	p.cipher = "aes256-ctr";
	parts_refused(&p, NULL, "key_cipher", "cipher without kdf");
	p.cipher = "rot13";
	p.kdf = "bcrypt";
	parts_refused(&p, NULL, "key_cipher", "unknown cipher");
	p.cipher = "none";
	parts_refused(&p, NULL, "key_cipher", "kdf without cipher");
	p.cipher = p.kdf = "none";

	swap = p.blob;
	p.blob = other.blob;
	parts_refused(&p, NULL, "key_damaged", "another public half");
	p.blob = swap;
	p.box.data[0] ^= 1;
	parts_refused(&p, NULL, "key_damaged", "check numbers");
	p.box.data[0] ^= 1;
	p.box.data[p.box.len - 1]++;
	parts_refused(&p, NULL, "key_damaged", "padding");
	p.box.data[p.box.len - 1]--;
	for (unsigned i = p.box.data[p.box.len - 1] + 1U; i <= 256; i++)
		buf_put_u8(&p.box, (uint8_t)i);
	parts_refused(&p, NULL, "key_damaged", "padding of 256 bytes");
	p.box.len = box_len;
	p.blob.len--;
	parts_refused(&p, NULL, "key_damaged", "a shorter public half");
	p.blob.len++;
	buf_put_u8(&p.blob, 0);
	parts_refused(&p, NULL, "key_damaged", "a longer public half");
	p.blob.data[4] = '\0';
	parts_refused(&p, NULL, "key_damaged", "a NUL in the type");
	p.blob.len = 0;
	parts_refused(&p, NULL, "key_damaged", "no public half");
	buf_put_cstring(&p.blob, "sk-ssh-ed25519@openssh.com");
	parts_refused(&p, NULL, "key_type", "a security key");
	parts_free(&p);
	parts_free(&other);
}

/* ssh-keygen cuts comments at 1023 bytes; who writes longer ones is no crime. */
static void
test_long_comment(void **state)
{
	enum { SHORT = 4 + 2, LONG = 4000 }; /* "me" */
	struct ferry_error err;
	struct buf text;
	struct parts p;
	struct key *k;

	parts_init(&p, *state, "ed");
	while (memcmp(p.box.data + p.box.len - SHORT, "\0\0\0\2me", SHORT) != 0)
		p.box.len--; /* the padding */
	p.box.len -= SHORT;
	buf_put_u32(&p.box, LONG);
	p.box.max = 8192;
	memset(buf_grow(&p.box, LONG), 'x', LONG);
	for (uint8_t i = 1; p.box.len % 8 != 0; i++)
		buf_put_u8(&p.box, i);
	text = parts_join(&p);
	assert_int_equal(keygen_parse(&k, text.data, text.len, NULL, &err), 0);
	assert_int_equal(strlen(key_comment(k)), 1023);
	key_free(k);
	buf_free(&text);
	parts_free(&p);
}

/* bcrypt's options are judged before any work is done. */
static void
test_bcrypt_options(void **state)
{
	struct parts p;

	parts_init(&p, *state, "ed");
	p.cipher = "aes256-ctr";
	p.kdf = "bcrypt";
	parts_refused(&p, "x", "key_damaged", "no options");
	buf_put_cstring(&p.options, "salt");
	buf_put_u32(&p.options, 0);
	parts_refused(&p, "x", "key_damaged", "no rounds");
	p.options.len = 8;
	buf_put_u32(&p.options, LIMIT_BCRYPT_ROUNDS + 1);
	parts_refused(&p, "x", "key_rounds", "too many rounds");
	p.options.len = 8;
	buf_put_u32(&p.options, UINT32_MAX);
	parts_refused(&p, NULL, "key_rounds", "very many rounds");
	p.options.len = 8;
	buf_put_u32(&p.options, 1);
	buf_put_u8(&p.options, 1);
	parts_refused(&p, "x", "key_damaged", "a byte behind the rounds");
	p.options.len = 0;
	buf_put_cstring(&p.options, "");
	buf_put_u32(&p.options, 1);
	parts_refused(&p, "x", "key_damaged", "no salt");
	p.options.len = 0;
	buf_put_cstring(&p.options, "salt");
	buf_put_u32(&p.options, 1);
	p.box.len -= 1;
	parts_refused(&p, "x", "key_damaged", "half a block");
	p.box.len = 0;
	parts_refused(&p, "x", "key_damaged", "an empty box");
	p.cipher = "chacha20-poly1305@openssh.com";
	parts_refused(&p, "x", "key_truncated", "no tag");
	parts_free(&p);
}

/* Bytes behind the key, or a tag that does not fit, inside sound base64. */
static void
test_tails(void **state)
{
	static const struct {
		const char *name, *label, *id;
		bool flip;
	} cases[] = {
		{ "rsa", "RSA PRIVATE KEY", "key_trailing", false },
		{ "ec", "EC PRIVATE KEY", "key_trailing", false },
		{ "p8", "ENCRYPTED PRIVATE KEY", "key_trailing", false },
		{ "ed", "OPENSSH PRIVATE KEY", "key_trailing", false },
		{ "gcm", "OPENSSH PRIVATE KEY", "key_trailing", false },
		{ "gcm", "OPENSSH PRIVATE KEY", "passphrase_wrong", true },
		{ "chacha", "OPENSSH PRIVATE KEY", "passphrase_wrong", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf text = keygen_read(*state, cases[i].name), bytes;
		struct key_armour a;

		assert_int_equal(
		    key_armour_parse(&a, text.data, text.len, NULL), 0);
		buf_free(&text);
		buf_init(&bytes, 1 << 16);
		buf_put(&bytes, a.body->data, a.body->len);
		if (cases[i].flip)
			bytes.data[bytes.len - 1] ^= 1;
		else
			buf_put_u8(&bytes, 0);
		text = keygen_armour(cases[i].label, bytes.data, bytes.len);
		refused(
		    text.data, text.len, "right", cases[i].id, cases[i].name);
		key_armour_free(&a);
		buf_free(&bytes);
		buf_free(&text);
	}
}

/* The point of another key of the curve: sound, but not this key's. */
static void
test_other_half(void **state)
{
	enum { POINT = 64 }; /* SEC1 ends with it */
	static const char *const names[] = { "ec", "ec2" };
	struct key_armour a[2];
	struct buf text;

	keygen_run(*state, "ssh-keygen -q -N '' -t ecdsa -m PEM -f ec2");
	for (size_t i = 0; i < 2; i++) {
		text = keygen_read(*state, names[i]);
		assert_int_equal(
		    key_armour_parse(&a[i], text.data, text.len, NULL), 0);
		buf_free(&text);
	}
	assert_int_equal(a[0].body->len, a[1].body->len);
	memcpy(a[0].body->data + a[0].body->len - POINT,
	    a[1].body->data + a[1].body->len - POINT, POINT);
	text = keygen_armour(a[0].label, a[0].body->data, a[0].body->len);
	refused(text.data, text.len, NULL, "key_damaged", "another point");
	buf_free(&text);
	key_armour_free(&a[0]);
	key_armour_free(&a[1]);
}

/* The commands of the hints name the file, so that they can be typed. */
static void
test_names(void **state)
{
	static const struct {
		const char *path, *hint;
	} cases[] = {
		{ "/home/me/k.ppk",
		    "puttygen /home/me/k.ppk -O private-openssh-new -o "
		    "/home/me/k.ppk.openssh" },
		{ "my key.ppk",
		    "puttygen 'my key.ppk' -O private-openssh-new -o "
		    "'my key.ppk'.openssh" },
		{ "-k",
		    "puttygen ./-k -O private-openssh-new -o ./-k.openssh" },
		{ "k$x",
		    "puttygen 'k$x' -O private-openssh-new -o 'k$x'.openssh" },
		{ "it's",
		    "puttygen FILE -O private-openssh-new -o FILE.openssh" },
		{ "a\nb",
		    "puttygen FILE -O private-openssh-new -o FILE.openssh" },
		{ "FILE",
		    "puttygen FILE -O private-openssh-new -o FILE.openssh" },
	};
	static const char ppk[] = "PuTTY-User-Key-File-3: ssh-rsa";
	char longest[200];
	struct ferry_error err;
	struct key *k;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		keygen_parse(&k, ppk, sizeof(ppk) - 1, NULL, &err);
		key_name_file(&err, cases[i].path);
		assert_string_equal(err.id, "key_putty");
		assert_string_equal(
		    err.hint + strlen("Convert it: "), cases[i].hint);
	}
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	keygen_parse(&k, ppk, sizeof(ppk) - 1, NULL, &err);
	key_name_file(&err, longest);
	assert_non_null(strstr(err.hint, "puttygen FILE -O"));
	key_name_file(NULL, "x");
}

/* PKCS#8's work is judged too; only its parameters are made here. */
static void
test_pkcs8_work(void **state)
{
	static const struct {
		int rounds;
		uint64_t n, r, p;
		bool ok;
	} cases[] = {
		{ LIMIT_PBKDF2_ROUNDS, 0, 0, 0, true },
		{ LIMIT_PBKDF2_ROUNDS + 1, 0, 0, 0, false },
		{ INT32_MAX, 0, 0, 0, false },
		{ 0, 16384, 8, 1, true },
		{ 0, 16384, 8, 128, true },
		{ 0, 16384, 8, 129, false },
		{ 0, 2, 1, 1 << 17, true },
		{ 0, 1 << 15, 1, 1 << 17, false },
	};
	unsigned char salt[8] = { 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		X509_ALGOR *a = cases[i].rounds > 0
		    ? PKCS5_pbe2_set(EVP_aes_128_cbc(), cases[i].rounds, salt,
			  sizeof(salt))
		    : PKCS5_pbe2_set_scrypt(EVP_aes_128_cbc(), salt,
			  sizeof(salt), NULL, cases[i].n, cases[i].r,
			  cases[i].p);
		struct ferry_error err;

		assert_non_null(a);
		if ((key_pkcs8_judge(a, &err) == 0) != cases[i].ok)
			fail_msg("case %zu", i);
		if (!cases[i].ok)
			assert_string_equal(err.id, "key_rounds");
		X509_ALGOR_free(a);
	}
}

/* Whatever is accepted in spite of the damage is the same key. */
static void
same_or_refused(
    const struct buf *text, const char *passphrase, const struct buf *blob)
{
	struct ferry_error err;
	struct key *k;
	size_t n;

	if (keygen_parse(&k, text->data, text->len, passphrase, &err) != 0)
		return;
	key_blob(k, &n);
	assert_int_equal(n, blob->len);
	assert_memory_equal(key_blob(k, &n), blob->data, n);
	key_free(k);
}

static void
damage(const char *dir, const char *name, const char *pub,
    const char *passphrase, const char *label)
{
	struct buf text = keygen_read(dir, name);
	struct buf blob = keygen_blob(dir, pub);
	struct key_armour a;

	assert_int_equal(key_armour_parse(&a, text.data, text.len, NULL), 0);
	for (size_t i = 0; i < a.body->len; i++) {
		struct buf cut = keygen_armour(label, a.body->data, i);
		struct ferry_error err;
		struct key *k;

		assert_int_not_equal(
		    keygen_parse(&k, cut.data, cut.len, passphrase, &err), 0);
		buf_free(&cut);
		a.body->data[i] ^= (unsigned char)(1 << i % 8);
		cut = keygen_armour(label, a.body->data, a.body->len);
		same_or_refused(&cut, passphrase, &blob);
		buf_free(&cut);
		a.body->data[i] ^= (unsigned char)(1 << i % 8);
	}
	for (size_t i = 0; i + 2 < text.len; i++) {
		struct ferry_error err;
		struct key *k;

		assert_int_not_equal(
		    keygen_parse(&k, text.data, i, passphrase, &err), 0);
	}
	key_armour_free(&a);
	buf_free(&text);
	buf_free(&blob);
}

static void
test_damage(void **state)
{
	damage(*state, "ed", "ed.pub", NULL, "OPENSSH PRIVATE KEY");
	damage(*state, "rsa", "rsa.pub", NULL, "RSA PRIVATE KEY");
	damage(*state, "ec", "ec.pub", NULL, "EC PRIVATE KEY");
	damage(*state, "gcm", "ed.pub", NULL, "OPENSSH PRIVATE KEY");
}

/* With a terminal at hand, nothing is asked on it. */
static void
test_terminal_is_left_alone(void **state)
{
	static const char *const files[] = { "dek", "p8", "sealed" };
	char c;
	int terminal, status;
	pid_t pid;

	pid = forkpty(&terminal, NULL, NULL, NULL);
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(20);
		for (size_t i = 0; i < COUNT(files); i++) {
			struct buf text = keygen_read(*state, files[i]);
			struct ferry_error err;
			struct key *k;

			for (int n = 0; n < 3; n++)
				keygen_parse(&k, text.data, text.len,
				    n == 0       ? NULL
					: n == 1 ? ""
						 : "wrong",
				    &err);
			/* a sealed key behind every other label */
			for (size_t j = 0; j + 10 < text.len; j++) {
				if (memcmp(text.data + j, "ENCRYPTED ", 10) ==
				    0)
					memcpy(text.data + j, "RSA       ", 10);
			}
			keygen_parse(&k, text.data, text.len, NULL, &err);
			buf_free(&text);
		}
		_exit(0);
	}
	assert_true(read(terminal, &c, 1) <= 0); /* EIO: closed, empty */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(terminal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_wrong_passphrases),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_long_comment),
		cmocka_unit_test(test_bcrypt_options),
		cmocka_unit_test(test_tails),
		cmocka_unit_test(test_other_half),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_pkcs8_work),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_terminal_is_left_alone),
	};

	return cmocka_run_group_tests(tests, setup, keygen_teardown);
}
