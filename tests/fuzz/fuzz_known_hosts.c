/*
 * A whole known_hosts file: read, asked, and edited.  Taking one host out must
 * change no answer about any other, and leave nothing of that one.  Which host
 * and key are edited depends on the length, so that samples are plain files.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "known_hosts/edit.h"
#include "known_hosts/hosts.h"
#include "known_hosts/match.h"
#include "known_hosts/prefer.h"
#include "tests/unit/known_hosts_keys.h"

static const char *const names[] = { "h.example", "[h.example]:2222", "::1",
	"i.example" };
static const char *const keys[] = { KEY_ED_A, KEY_RSA };

enum {
	NAMES = sizeof(names) / sizeof(names[0]),
	KEYS = sizeof(keys) / sizeof(keys[0]),
	KEY_SIZE = 1024
};

struct key {
	unsigned char blob[KEY_SIZE];
	struct hosts_key asked;
};

/* What a file says of every name and key. */
struct answers {
	enum store_verdict verdict[NAMES][KEYS];
	bool revoked[NAMES][KEYS];
};

static void
check(bool ok)
{
	if (!ok)
		abort();
}

static void
get_key(struct key *k, const char *text)
{
	check(strlen(text) / 4 * 3 <= sizeof(k->blob));
	check(hash_unbase64(text, strlen(text), k->blob, &k->asked.n));
	k->asked.blob = k->blob;
	check(blob_parse(&k->asked.parts, k->blob, k->asked.n));
}

static void
check_preference(const struct hosts *h)
{
	static const char all[] =
	    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
	    "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256";
	struct buf out;

	buf_init(&out, 2 * sizeof(all));
	prefer_print(&h, 1, names[1], names[0], &out);
	check(strlen(buf_text(&out)) == strlen(all));
	buf_free(&out);
}

static void
ask(const void *text, size_t n, const struct key *k, struct answers *a)
{
	struct store_finding f;
	struct hosts h;

	hosts_init(&h);
	check(hosts_parse(&h, "known_hosts", text, n, NULL) == 0);
	for (size_t i = 0; i < NAMES; i++)
		for (size_t j = 0; j < KEYS; j++) {
			const struct hosts_key *key = &k[j].asked;

			hosts_judge(&h, names[i], key, &f);
			check((f.verdict == STORE_UNKNOWN) == (f.line == 0));
			check(f.verdict != STORE_REVOKED);
			a->verdict[i][j] = f.verdict;
			a->revoked[i][j] = hosts_revoked(&h, names[i],
					       key->blob, key->n) != NULL;
		}
	check_preference(&h);
	hosts_free(&h);
}

static void
compare(const struct answers *before, const struct answers *after, size_t name,
    const struct edit *edit)
{
	check(memcmp(before->revoked, after->revoked,
		  sizeof(before->revoked)) == 0);
	for (size_t i = 0; i < NAMES; i++)
		for (size_t j = 0; j < KEYS; j++) {
			enum store_verdict was = before->verdict[i][j];
			enum store_verdict is = after->verdict[i][j];

			if (i != name || edit->removed == 0)
				check(is == was);
			else if (edit->type == NULL)
				check(is == STORE_UNKNOWN);
			else
				check(is <= STORE_NEW_TYPE || is == was);
		}
}

static void
edit(const char *text, size_t n, const struct key *k, const struct key *only,
    size_t name)
{
	struct edit first = { .name = names[name] }, again;
	struct answers before, after;
	struct buf once, twice;

	if (only != NULL) {
		first.type = &only->asked.parts;
		first.keep = only->blob;
		first.keep_len = only->asked.n;
	}
	again = first;
	buf_init(&once, LIMIT_KNOWN_HOSTS);
	buf_init(&twice, LIMIT_KNOWN_HOSTS);
	check(edit_remove(&first, text, n, &once) == 0);
	check(first.removed > 0 || once.len == n);
	check(edit_remove(&again, (const char *)once.data, once.len, &twice) ==
	    0);
	check(again.removed == 0 && again.kept == first.kept);
	ask(text, n, k, &before);
	ask(once.data, once.len, k, &after);
	compare(&before, &after, name, &first);
	buf_free(&once);
	buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct key k[KEYS];
	size_t which = size / NAMES % (KEYS + 1);

	for (size_t i = 0; i < KEYS; i++)
		if (k[i].asked.n == 0)
			get_key(&k[i], keys[i]);
	edit((const char *)data, size, k, which < KEYS ? &k[which] : NULL,
	    size % NAMES);
	return 0;
}
