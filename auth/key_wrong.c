/*
 * The words for every kind of file that is not a private key that can log in.
 * Hub only.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "auth/key_parts.h"
#include "base/err.h"
#include "base/limits.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char want[] =
    "Name the file of an Ed25519, ECDSA or RSA private key.";
static const char again[] = "Take a fresh copy of the key file.";
static const char anew[] = "Encrypt it anew: ssh-keygen -p -a 64 -f FILE";

/* Files that are known by how they begin. */
static const struct stranger {
	const char *start, *id, *text, *hint;
} strangers[] = {
	{ "ssh-", "key_public", "this is a public key, not a private one",
	    "Name the private key: mostly the same name without .pub." },
	{ "ecdsa-sha2-", "key_public",
	    "this is a public key, not a private one",
	    "Name the private key: mostly the same name without .pub." },
	{ "sk-", "key_public",
	    "this is the public key of a security key, not a private one",
	    want },
	{ "---- BEGIN SSH2 PUBLIC KEY", "key_public",
	    "this is a public key, not a private one",
	    "Name the private key that belongs to it." },
	{ "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY", "key_type",
	    "this is a private key in ssh.com's own format",
	    "Convert it: ssh-keygen -i -f FILE > FILE.openssh" },
	{ "SSH PRIVATE KEY FILE FORMAT 1.1", "key_type",
	    "this is a key for SSH version 1, which no server speaks today",
	    "Make a new one: ssh-keygen -t ed25519" },
	{ "PuTTY-User-Key-File-", "key_putty",
	    "this is a PuTTY key (PPK), not an OpenSSH or PEM one",
	    "Convert it: puttygen FILE -O private-openssh-new "
	    "-o FILE.openssh" },
	{ "\x30\x82", "key_header", "this file is binary (DER), not PEM text",
	    "Convert it: openssl pkey -inform DER -in FILE -out FILE.pem" },
	{ "\xef\xbb\xbf", "key_encoding",
	    "the key file begins with a byte order mark, which an editor added",
	    "Save it as plain ASCII text" },
	{ "\xff\xfe", "key_encoding", "the key file is UTF-16 text",
	    "Save it as plain ASCII text" },
	{ "\xfe\xff", "key_encoding", "the key file is UTF-16 text",
	    "Save it as plain ASCII text" },
};

/* PEM files that hold something else, by their label. */
static const struct wrong_label {
	const char *label, *id, *text;
} wrong_labels[] = {
	{ "PUBLIC KEY", "key_public",
	    "this is a public key, not a private one" },
	{ "RSA PUBLIC KEY", "key_public",
	    "this is a public key, not a private one" },
	{ "CERTIFICATE", "key_public",
	    "this is a certificate, not a private key" },
	{ "DSA PRIVATE KEY", "key_type",
	    "this is a DSA key, which servers refuse today" },
};

static int
wrong(
    struct ferry_error *err, const char *id, const char *text, const char *hint)
{
	err_set(err, ferry_EKEY, id, "%s", text);
	err_hint(err, "%s", hint);
	return -ferry_EKEY;
}

/* "ssh-ed25519-cert-v01@openssh.com AAAA..." */
static bool
is_certificate(const char *p, size_t n)
{
	static const char mark[] = "-cert-v01@";

	for (; n >= sizeof(mark) - 1; p++, n--) {
		if (memcmp(p, mark, sizeof(mark) - 1) == 0)
			return true;
		if (*p <= ' ' || *p == 0x7f)
			break;
	}
	return false;
}

static int
too_large(struct ferry_error *err)
{
	err_set(err, ferry_EKEY, "key_too_large",
	    "the key file is larger than %d bytes: it is no key",
	    LIMIT_KEY_FILE);
	err_hint(err, "%s", want);
	return -ferry_EKEY;
}

int
key_wrong_file(const char *p, size_t n, struct ferry_error *err)
{
	if (n == 0)
		return wrong(err, "key_empty", "the key file is empty", again);
	if (n > LIMIT_KEY_FILE)
		return too_large(err);
	if (is_certificate(p, n))
		return wrong(err, "key_certificate",
		    "this is a certificate, not the private key for it",
		    "Name the private key, and the certificate by "
		    "--certificate FILE");
	for (size_t i = 0; i < COUNT(strangers); i++) {
		const struct stranger *s = &strangers[i];
		size_t len = strlen(s->start);

		if (n >= len && memcmp(p, s->start, len) == 0)
			return wrong(err, s->id, s->text, s->hint);
	}
	if (memchr(p, '\r', n) != NULL)
		return wrong(err, "key_crlf",
		    "the key file has Windows line ends (CRLF)",
		    "Convert it: dos2unix FILE");
	return 0;
}

int
key_wrong_label(const char *label, struct ferry_error *err)
{
	size_t len = strlen(label), tail = strlen("PRIVATE KEY");

	for (size_t i = 0; i < COUNT(wrong_labels); i++) {
		const struct wrong_label *w = &wrong_labels[i];

		if (strcmp(label, w->label) == 0)
			return wrong(err, w->id, w->text, want);
	}
	if (len >= tail && strcmp(label + len - tail, "PRIVATE KEY") == 0)
		return 0;
	err_set(err, ferry_EKEY, "key_type",
	    "this file holds a %s, not a private key for SSH", label);
	err_hint(err, "%s", want);
	return -ferry_EKEY;
}

int
key_wrong_type(struct ferry_error *err, const char *type)
{
	if (strncmp(type, "sk-", 3) == 0)
		return wrong(err, "key_type",
		    "this key lives in a security key (FIDO), "
		    "which is not supported",
		    want);
	if (strcmp(type, "ssh-dss") == 0 || strcmp(type, "DSA") == 0)
		return wrong(err, "key_type",
		    "this is a DSA key, which servers refuse today", want);
	err_set(err, ferry_EKEY, "key_type",
	    "this is a key of type %s, which is not supported", type);
	err_hint(err, "%s", want);
	return -ferry_EKEY;
}

int
key_wrong_header(struct ferry_error *err, const char *text)
{
	return wrong(err, "key_header", text, want);
}

int
key_wrong_lines(struct ferry_error *err)
{
	return wrong(err, "key_lines",
	    "the key file's lines have been joined into one",
	    "Take a fresh copy of the key file, line ends included.");
}

int
key_wrong_base64(struct ferry_error *err)
{
	return wrong(
	    err, "key_base64", "the key file's base64 text is damaged", again);
}

int
key_wrong_end(struct ferry_error *err)
{
	return wrong(err, "key_truncated",
	    "the key file is cut off before the end of the key", again);
}

int
key_wrong_trailing(struct ferry_error *err)
{
	return wrong(err, "key_trailing",
	    "there is more in the key file behind the key",
	    "Leave one private key in it and nothing else.");
}

int
key_wrong_content(struct ferry_error *err, const char *what)
{
	err_set(err, ferry_EKEY, "key_damaged", "the key file is damaged: %s",
	    what);
	err_hint(err, "%s", again);
	return -ferry_EKEY;
}

int
key_wrong_cipher(struct ferry_error *err, const char *cipher)
{
	err_set(err, ferry_EKEY, "key_cipher",
	    "the key file is encrypted with %s, which is not supported",
	    cipher);
	err_hint(err, "%s", anew);
	return -ferry_EKEY;
}

int
key_wrong_work(struct ferry_error *err, uint64_t work, uint64_t limit)
{
	err_set(err, ferry_EKEY, "key_rounds",
	    "the key file wants %llu rounds to check a passphrase; "
	    "the limit is %llu",
	    (unsigned long long)work, (unsigned long long)limit);
	err_hint(err, "%s", anew);
	return -ferry_EKEY;
}

int
key_wrong_passphrase(struct ferry_error *err, const struct secret *given)
{
	if (given == NULL)
		return err_set(err, ferry_ESECRET, "passphrase_needed",
		    "the key file is encrypted and needs its passphrase");
	return err_set(err, ferry_ESECRET, "passphrase_wrong",
	    "the passphrase does not open the key file");
}

/* The path as a word of a shell's, or false: not without odd quoting. */
static bool
quote(char *dst, size_t size, const char *path)
{
	bool plain = true;

	for (const char *p = path; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c < ' ' || c == 0x7f || c == '\'' || c == '\\')
			return false;
		plain = plain && (isalnum(c) || strchr("/._-+,@%=:", c));
	}
	return snprintf(dst, size, "%s%s%s%s", plain ? "" : "'",
		   path[0] == '-' ? "./" : "", path,
		   plain ? "" : "'") < (int)size;
}

/* The hint stays as it is where the name would not fit. */
void
key_name_file(struct ferry_error *err, const char *path)
{
	static const char word[] = "FILE";
	char hint[sizeof(err->hint)], name[sizeof(err->hint)];
	const char *p, *next;
	size_t n = 0;

	if (err == NULL)
		return;
	if (path == NULL) {
		err_prefix(err, "the key that was handed over");
		return;
	}
	err_prefix(err, "%s", path);
	if (strstr(err->hint, word) == NULL || !quote(name, sizeof(name), path))
		return;
	for (p = err->hint; (next = strstr(p, word)) != NULL;
	     p = next + sizeof(word) - 1) {
		n += (size_t)snprintf(hint + n, sizeof(hint) - n, "%.*s%s",
		    (int)(next - p), p, name);
		if (n >= sizeof(hint))
			return;
	}
	if (n + strlen(p) >= sizeof(hint))
		return;
	strcpy(hint + n, p);
	err_hint(err, "%s", hint);
}
