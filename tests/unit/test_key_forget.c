/*
 * Goal: once a key is freed, nothing of its private half, of its file's text
 * or of its passphrase is left anywhere in our memory, whatever the format of
 * its file; libcrypto's copies count too.
 *
 * What is looked for must not lie about itself: children make the keys and say
 * what to look for, with every bit turned.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>

#include "auth/key_parts.h"
#include "base/err.h"
#include "tests/unit/keygen.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { NEEDLE = 16, NEEDLES = 256, PIECE = 1 << 20, HUGE_MAPPING = 1 << 24 };

struct needle {
	unsigned char turned[NEEDLE];
	char name[16];
};

/* "a canary of ours", turned */
static const unsigned char passphrase[NEEDLE] = { 0x9e, 0xdf, 0x9c, 0x9e, 0x91,
	0x9e, 0x8d, 0x86, 0xdf, 0x90, 0x99, 0xdf, 0x90, 0x8a, 0x8d, 0x8c };

static const struct {
	const char *name, *make; /* $p: the passphrase */
	bool sealed;
} files[] = {
	{ "ed", "ssh-keygen -q -t ed25519 -N '' -f ed", false },
	{ "ed-sealed", "ssh-keygen -q -t ed25519 -a 1 -N \"$p\" -f ed-sealed",
	    true },
	{ "ed-chacha",
	    "ssh-keygen -q -t ed25519 -a 1 -Z chacha20-poly1305@openssh.com "
	    "-N \"$p\" -f ed-chacha",
	    true },
	{ "ed-gcm",
	    "ssh-keygen -q -t ed25519 -a 1 -Z aes256-gcm@openssh.com "
	    "-N \"$p\" -f ed-gcm",
	    true },
	{ "ed-pkcs8", "openssl genpkey -algorithm ed25519 -out ed-pkcs8",
	    false },
	{ "ed-pkcs8-sealed",
	    "openssl pkcs8 -topk8 -in ed-pkcs8 -passout pass:\"$p\" "
	    "-out ed-pkcs8-sealed",
	    true },
	{ "ec", "ssh-keygen -q -t ecdsa -N '' -f ec", false },
	{ "ec521-sealed",
	    "ssh-keygen -q -t ecdsa -b 521 -a 1 -N \"$p\" -f ec521-sealed",
	    true },
	{ "ec-pem", "ssh-keygen -q -t ecdsa -m PEM -N '' -f ec-pem", false },
	{ "ec-pem-sealed",
	    "ssh-keygen -q -t ecdsa -m PEM -N \"$p\" -f ec-pem-sealed", true },
	{ "ec-short", "openssl ec -no_public -in ec-pem -out ec-short", false },
	{ "ec-pkcs8", "ssh-keygen -q -t ecdsa -m PKCS8 -N '' -f ec-pkcs8",
	    false },
	{ "ec-pkcs8-sealed",
	    "ssh-keygen -q -t ecdsa -m PKCS8 -N \"$p\" -f ec-pkcs8-sealed",
	    true },
	{ "rsa", "ssh-keygen -q -t rsa -b 2048 -N '' -f rsa", false },
	{ "rsa-sealed",
	    "cp rsa rsa-sealed; "
	    "ssh-keygen -q -p -a 1 -N \"$p\" -f rsa-sealed",
	    true },
	{ "rsa-pem",
	    "cp rsa rsa-pem; "
	    "ssh-keygen -q -p -m PEM -N '' -f rsa-pem",
	    false },
	{ "rsa-pem-sealed",
	    "cp rsa rsa-pem-sealed; "
	    "ssh-keygen -q -p -m PEM -N \"$p\" "
	    "-f rsa-pem-sealed",
	    true },
	{ "rsa-pkcs8",
	    "cp rsa rsa-pkcs8; "
	    "ssh-keygen -q -p -m PKCS8 -N '' -f rsa-pkcs8",
	    false },
	{ "rsa-pkcs8-sealed",
	    "cp rsa rsa-pkcs8-sealed; "
	    "ssh-keygen -q -p -m PKCS8 -N \"$p\" "
	    "-f rsa-pkcs8-sealed",
	    true },
	{ "rsa-scrypt",
	    "openssl pkcs8 -topk8 -scrypt -in rsa-pem "
	    "-passout pass:\"$p\" -out rsa-scrypt",
	    true },
};

/* ---- In children ---- */

static struct secret *
spell_passphrase(void)
{
	struct secret *s = secret_new(NEEDLE);

	assert_non_null(s);
	for (s->len = 0; s->len < NEEDLE; s->len++)
		s->data[s->len] = (unsigned char)~passphrase[s->len];
	return s;
}

static void
await(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int
setup(void **state)
{
	pid_t pid;

	if (keygen_setup(state) != 0)
		return -1;
	if ((pid = fork()) == 0) {
		struct secret *p = spell_passphrase();

		setenv("p", (const char *)p->data, 1);
		for (size_t i = 0; i < COUNT(files); i++)
			keygen_run(*state, "%s", files[i].make);
		secret_free(p);
		_exit(0);
	}
	await(pid);
	return 0;
}

static struct key *
load(const char *dir, size_t i)
{
	char path[256];
	struct secret *file, *p = files[i].sealed ? spell_passphrase() : NULL;
	struct ferry_error err;
	struct key *k;

	snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
	assert_int_equal(key_read_file(&file, NULL, path, &err), 0);
	if (key_parse(&k, file->data, file->len, p, &err) != 0)
		fail_msg("%s: %s", files[i].name, err.text);
	secret_free(file);
	secret_free(p);
	return k;
}

static void
put(int fd, const char *name, const unsigned char *p, bool backwards)
{
	struct needle n;

	memset(&n, 0, sizeof(n));
	snprintf(n.name, sizeof(n.name), "%s%s", name, backwards ? "<" : "");
	for (size_t i = 0; i < NEEDLE; i++)
		n.turned[i] = (unsigned char)~p[backwards ? NEEDLE - 1 - i : i];
	assert_int_equal(write(fd, &n, sizeof(n)), sizeof(n));
}

static void
put_number(int fd, const struct key *k, const char *name)
{
	unsigned char bytes[1024];
	BIGNUM *n = NULL;
	int len;

	if (EVP_PKEY_get_bn_param(k->pkey, name, &n) != 1)
		return;
	len = BN_bn2bin(n, bytes);
	assert_in_range(len, NEEDLE, sizeof(bytes));
	put(fd, name, bytes + (len - NEEDLE) / 2, false);
	/* as libcrypto has it */
	put(fd, name, bytes + (len - NEEDLE) / 2, true);
}

static void
put_lines(int fd, const char *dir, const char *name)
{
	struct buf text = keygen_read(dir, name);
	char *save, *line;

	buf_put_u8(&text, 0);
	line = strtok_r((char *)text.data, "\n", &save);
	for (; line != NULL; line = strtok_r(NULL, "\n", &save)) {
		if (line[0] != '-' && strlen(line) >= 30 + NEEDLE)
			put(fd, "text", (unsigned char *)line + 30, false);
	}
}

/* What is to be found nowhere. */
static void
put_all(int fd, const char *dir, size_t i)
{
	static const char *const numbers[] = { OSSL_PKEY_PARAM_RSA_D,
		OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1, OSSL_PKEY_PARAM_PRIV_KEY };
	struct key *k = load(dir, i);
	struct secret *p = spell_passphrase();
	unsigned char seed[32];
	size_t n = sizeof(seed);

	put(fd, "passphrase", p->data, false);
	if (!files[i].sealed)
		put_lines(fd, dir, files[i].name);
	if (k->kind->name[1] == 'D') {
		EVP_PKEY_get_raw_private_key(k->pkey, seed, &n);
		put(fd, "seed", seed + 8, false);
		return;
	}
	for (size_t j = 0; j < COUNT(numbers); j++)
		put_number(fd, k, numbers[j]);
}

static size_t
get_needles(struct needle needles[NEEDLES], const char *dir, size_t i)
{
	size_t count = 0;
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		close(fds[0]);
		put_all(fds[1], dir, i);
		_exit(0);
	}
	close(fds[1]);
	while (count < NEEDLES &&
	    read(fds[0], &needles[count], sizeof(*needles)) == sizeof(*needles))
		count++;
	close(fds[0]);
	await(pid);
	assert_in_range(count, 2, NEEDLES - 1);
	return count;
}

/* ---- The search ---- */

struct search {
	const struct needle *needles;
	size_t count;
	const char *what;
	int memory;
	unsigned char *piece;
};

static bool
is_here(const struct needle *needle, const unsigned char *p)
{
	for (size_t i = 0; i < NEEDLE; i++) {
		if ((p[i] ^ needle->turned[i]) != 0xff)
			return false;
	}
	return true;
}

static unsigned
search(const struct needle *needle, const unsigned char *p, size_t n)
{
	const unsigned char *end = p + n - NEEDLE + 1;
	unsigned found = 0;

	while (p < end &&
	    (p = memchr(p, (unsigned char)~needle->turned[0],
		 (size_t)(end - p))) != NULL)
		found += is_here(needle, p++);
	return found;
}

/* One mapping, piece by piece; pieces overlap by almost a needle. */
static unsigned
search_mapping(
    const struct search *s, unsigned long from, unsigned long to, char *line)
{
	unsigned found = 0;
	ssize_t n;

	for (; from + NEEDLE <= to; from += (size_t)n - NEEDLE + 1) {
		size_t left = to - from;

		n = pread(s->memory, s->piece, left < PIECE ? left : PIECE,
		    (off_t)from);
		if (n < NEEDLE)
			break;
		for (size_t i = 0; i < s->count; i++) {
			unsigned f =
			    search(&s->needles[i], s->piece, (size_t)n);

			if (f > 0 && s->what != NULL)
				print_message("%s: %u x %s in %s", s->what, f,
				    s->needles[i].name, line);
			found += f;
		}
	}
	return found;
}

/*
 * All that we may write to, as the kernel shows it: a sanitizer lets nobody
 * else look everywhere.  what: say where it is found.
 */
static unsigned
search_memory(const struct needle *needles, size_t count, const char *what)
{
	/* shared: a mapping of its own, which can be left out */
	struct search s = { needles, count, what,
		open("/proc/self/mem", O_RDONLY | O_CLOEXEC),
		mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0) };
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long from, to;
	unsigned found = 0;
	char line[512], rights[8];

	assert_true(s.piece != MAP_FAILED && s.memory >= 0 && maps != NULL);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) == 3 &&
		    strcmp(rights, "rw-p") == 0 && to - from <= HUGE_MAPPING)
			found += search_mapping(&s, from, to, line);
	}
	fclose(maps);
	close(s.memory);
	munmap(s.piece, PIECE);
	return found;
}

static void
use(const struct key *k)
{
	const char *algorithm =
	    k->kind->name[0] == 'R' ? "rsa-sha2-512" : k->kind->type;
	struct ferry_error err;
	struct buf signature;

	buf_init(&signature, 4096);
	assert_int_equal(
	    key_sign(k, algorithm, "data", 4, &signature, &err), 0);
	buf_free(&signature);
}

static void
test_all(void **state)
{
	static struct needle needles[NEEDLES];
	unsigned left = 0;

	if (access("/proc/self/mem", R_OK) != 0)
		skip();
	for (size_t i = 0; i < COUNT(files); i++) {
		size_t count = get_needles(needles, *state, i);
		struct key *k = load(*state, i);

		assert_true(search_memory(needles, count, NULL) > 0);
		use(k);
		key_free(k);
		left += search_memory(needles, count, files[i].name);
	}
	assert_int_equal(left, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, setup, keygen_teardown);
}
