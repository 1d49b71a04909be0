/* The scan: what is published, skipped and refused, and what is read again. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "publish/scan.h"
#include "publish/scan_never.h"
#include "publish/scan_open.h"

static const char pem[] = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n";

/* A source of one test, with what its last scan said. */
struct bench {
	char top[64]; /* holds src/ and state/ */
	struct ferry_site *site;
	struct scan scan;
	struct tree tree;
	struct ferry_error err;
	char said[8192]; /* "skip PATH: reason|fail TEXT|" */
};

static int
drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
say(struct bench *b, const char *verb, const char *what, const char *more)
{
	size_t n = strlen(b->said);

	snprintf(
	    b->said + n, sizeof(b->said) - n, "%s %s%s|", verb, what, more);
}

static void
on_skipped(void *ctx, const char *path, const char *reason)
{
	char more[128];

	snprintf(more, sizeof(more), ": %s", reason);
	say(ctx, "skip", path, more);
}

static void
on_failed(void *ctx, const struct ferry_error *e)
{
	say(ctx, "fail", e->text, "");
}

static int
set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	char dir[80];

	if (b == NULL)
		return -1;
	strcpy(b->top, "/tmp/test-scan-XXXXXX");
	if (mkdtemp(b->top) == NULL || chdir(b->top) != 0 ||
	    mkdir("src", 0755) != 0 || mkdir("state", 0700) != 0 ||
	    ferry_site_new(&b->site, NULL) != 0)
		return -1;
	snprintf(dir, sizeof(dir), "%s/src", b->top);
	b->scan.site = b->site;
	b->scan.state_dir = open("state", O_RDONLY | O_DIRECTORY);
	b->scan.cancel_fd = -1;
	b->scan.ctx = b;
	b->scan.skipped = on_skipped;
	b->scan.failed = on_failed;
	tree_init(&b->tree);
	*state = b;
	return ferry_site_set(b->site, "source", dir, NULL) || chdir("src");
}

static int
tear_down(void **state)
{
	struct bench *b = *state;
	int rc = chdir("/") || nftw(b->top, drop, 8, FTW_DEPTH | FTW_PHYS);

	ferry_site_free(b->site);
	tree_free(&b->tree);
	close(b->scan.state_dir);
	free(b);
	return rc;
}

static void
file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
dir(const char *path)
{
	assert_int_equal(mkdir(path, 0755), 0);
}

static void
link_to(const char *target, const char *path)
{
	assert_int_equal(symlink(target, path), 0);
}

/* Open descriptors: a scan leaves none behind. */
static unsigned
open_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static int
scan(struct bench *b)
{
	unsigned before = open_fds();
	int rc;

	tree_free(&b->tree);
	*b->said = '\0';
	rc = scan_source(&b->scan, &b->tree, &b->err);
	assert_int_equal(open_fds(), before);
	return rc;
}

/* A scan that succeeds with these files, "a b/c", and these words. */
static void
finds(struct bench *b, const char *want, const char *said)
{
	char got[4096] = "";

	if (scan(b) != 0)
		fail_msg("%s (%s)", b->err.text, b->said);
	for (size_t i = 0; i < b->tree.count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
		    i > 0 ? " " : "", b->tree.files[i].path);
	assert_string_equal(got, want);
	assert_string_equal(b->said, said);
}

static void
refuses(struct bench *b, const char *said)
{
	assert_int_equal(scan(b), -ferry_ESOURCE);
	assert_string_equal(b->said, said);
	assert_int_equal(b->tree.count, 0);
}

static void
plain_files(void **state)
{
	struct bench *b = *state;
	const struct tree_file *f;
	struct timespec times[2] = { { 0, 0 }, { 1234567890, 0 } };
	struct digest d;
	char name[256], long_path[300];

	finds(b, "", "");
	file("b.html", "two");
	file("a", "");
	file(".htaccess", "x");
	file("new\nline \x1b[1m \xff#%[", "y");
	dir("d");
	dir("d/e");
	dir("empty");
	file("d/e/f", "zzz");
	chmod("b.html", 0700);
	chmod("a", 0600);
	assert_int_equal(utimensat(AT_FDCWD, "b.html", times, 0), 0);
	finds(b, ".htaccess a b.html d/e/f new\nline \x1b[1m \xff#%[", "");
	assert_int_equal(b->tree.bytes, 8);
	f = tree_find(&b->tree, "b.html");
	hash_bytes("two", 3, &d);
	assert_true(hash_equal(&f->digest, &d));
	assert_int_equal(f->size, 3);
	assert_int_equal(f->mode, 0755);
	assert_int_equal(f->mtime, 1234567890);
	f = tree_find(&b->tree, "a");
	hash_bytes("", 0, &d);
	assert_true(hash_equal(&f->digest, &d));
	assert_int_equal(f->mode, 0644);

	/* x follows r */
	ferry_site_set(b->site, "file-mode", "0640", NULL);
	assert_int_equal(scan(b), 0);
	assert_int_equal(tree_find(&b->tree, "b.html")->mode, 0750);
	assert_int_equal(tree_find(&b->tree, "a")->mode, 0640);

	memset(name, 'n', 255);
	name[255] = '\0';
	snprintf(long_path, sizeof(long_path), "d/%s", name);
	file(long_path, "");
	assert_int_equal(scan(b), 0);
	assert_non_null(tree_find(&b->tree, long_path));
}

static void
excludes(void **state)
{
	struct bench *b = *state;

	dir("drafts");
	file("drafts/a", "");
	file("x.map", "");
	file("keep.map", "");
	assert_int_equal(mkfifo("pipe", 0600), 0);
	link_to("nowhere", "dangling");
	dir("real");
	file("real/r", "");
	link_to("real", "linked");
	ferry_site_set(b->site, "exclude", "drafts/", NULL);
	ferry_site_set(b->site, "exclude", "*.map", NULL);
	ferry_site_set(b->site, "exclude", "!keep.map", NULL);
	ferry_site_set(b->site, "exclude", "/pipe", NULL);
	ferry_site_set(b->site, "exclude", "dangling", NULL);
	finds(b, "keep.map linked/r real/r", "");
	/* a folder's pattern holds for a link to one as well */
	ferry_site_set(b->site, "exclude", "linked/", NULL);
	finds(b, "keep.map real/r", "");
	/* excluded is excluded: the folder is not even opened */
	chmod("drafts", 0);
	finds(b, "keep.map real/r", "");
	chmod("drafts", 0755);
}

static void
never_published(void **state)
{
	struct bench *b = *state;
	char putty[] = "PuTTY-User-Key-File-3: ssh-ed25519\n";

	dir(".git");
	file(".git/config", "");
	dir("sub");
	file("sub/.git", "gitdir: elsewhere");
	file(".ENV.local", "");
	file("sandferry.ini", "");
	file("id_rsa", "harmless");
	file("id_rsa.pub", "");
	file("x.ppk", "");
	file("hidden.txt", pem);
	file("blank.txt", "\xef\xbb\xbf \r\n\n-----BEGIN EC PRIVATE KEY-----");
	file("putty.txt", putty);
	file("chain.pem",
	    "-----BEGIN CERTIFICATE-----\nMII\n"
	    "-----END CERTIFICATE-----\n"
	    "-----BEGIN PRIVATE KEY-----\n");
	file("cert.pem", "-----BEGIN CERTIFICATE-----\nMII\n");
	file("how-to.html", "<pre>-----BEGIN RSA PRIVATE KEY-----</pre>");
	link_to(".git/config", "config.txt");
	link_to("sub/../hidden.txt", "link.txt");
	for (int i = 0; i < 2; i++) {
		finds(b, "cert.pem how-to.html id_rsa.pub",
		    "skip .ENV.local: may hold secrets|"
		    "skip .git: version control|"
		    "skip blank.txt: private key|"
		    "skip chain.pem: private key|"
		    "skip config.txt: version control|"
		    "skip hidden.txt: private key|"
		    "skip id_rsa: private key|"
		    "skip link.txt: private key|"
		    "skip putty.txt: private key|"
		    "skip sandferry.ini: site file|"
		    "skip sub/.git: version control|"
		    "skip x.ppk: private key|");
	}
}

/* The site file that is in use, under another name. */
static void
own_site_file(void **state)
{
	struct bench *b = *state;
	struct ferry_site *site;

	file("f", "");
	file("my.ini", "source = .\nurl = sftp://u@h/x\n");
	link_to("my.ini", "link");
	assert_int_equal(
	    ferry_site_load(&site, "my.ini", NULL, NULL, &b->err), 0);
	b->scan.site = site;
	finds(b, "f", "skip link: site file|skip my.ini: site file|");
	b->scan.site = b->site;
	ferry_site_free(site);
	finds(b, "f link my.ini", "");
}

static void
key_heads(void **state)
{
	(void)state;
	assert_true(scan_never_secret("a", pem, sizeof(pem) - 1));
	assert_true(scan_never_secret(
	    "a", "-----BEGIN PGP PRIVATE KEY BLOCK-----", 37));
	assert_true(scan_never_secret(
	    "a", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", 42));
	assert_false(scan_never_secret("a", pem, 10));
	assert_false(scan_never_secret("a", "", 0));
	assert_false(scan_never_secret("a", "\0\0\0\0", 4));
	assert_false(scan_never_secret("a.pem", "", 0));
	assert_false(scan_never_secret(
	    "a", "-----BEGIN PUBLIC KEY-----\nPRIVATE KEY", 38));
	assert_non_null(scan_never_path("a/.git/b"));
	assert_non_null(scan_never_path(".sandferry"));
	assert_non_null(scan_never_path("a/.sandferry-Ab3x_9"));
	assert_null(scan_never_path("a/b.git/CVSx/cvs"));
	assert_non_null(scan_never_path("a/CVS"));
	assert_null(scan_never_path(""));
}

static void
links_inside(void **state)
{
	struct bench *b = *state;
	char path[100];

	dir("d");
	dir("d/e");
	file("d/e/f", "f");
	link_to("d/e/f", "to-file");
	link_to("./d//e/", "to-dir");
	link_to("../d/e", "d/up-and-down");
	link_to("to-dir/f", "through-link");
	link_to("to-file", "to-link");
	snprintf(path, sizeof(path), "%s/src/d/e/f", b->top);
	link_to(path, "absolute");
	snprintf(path, sizeof(path), "%s/src/./to-dir", b->top);
	link_to(path, "absolute-dir");
	finds(b,
	    "absolute absolute-dir/f d/e/f d/up-and-down/f through-link "
	    "to-dir/f to-file to-link",
	    "");
	for (size_t i = 0; i < b->tree.count; i++) {
		int fd = scan_open(b->site, b->tree.files[i].path, &b->err);
		char c;

		if (fd < 0)
			fail_msg("%s", b->err.text);
		assert_int_equal(read(fd, &c, 1), 1);
		assert_int_equal(c, 'f');
		close(fd);
	}

	/* the source itself named through a link */
	snprintf(path, sizeof(path), "%s/alias", b->top);
	link_to("src", path);
	ferry_site_set(b->site, "source", path, NULL);
	finds(b,
	    "absolute absolute-dir/f d/e/f d/up-and-down/f through-link "
	    "to-dir/f to-file to-link",
	    "");

	ferry_site_set(b->site, "symlinks", "skip", NULL);
	finds(b, "d/e/f",
	    "skip absolute: symbolic link|skip absolute-dir: symbolic link|"
	    "skip d/up-and-down: symbolic link|"
	    "skip through-link: symbolic link|skip to-dir: symbolic link|"
	    "skip to-file: symbolic link|skip to-link: symbolic link|");
	assert_int_equal(scan_open(b->site, "to-file", &b->err), -1);
	assert_int_equal(scan_open(b->site, "to-dir/f", &b->err), -1);
}

/* Does it hold this, or (NULL) can it not be opened? */
static void
opens(struct scan_opener *o, const char *path, const char *want)
{
	struct ferry_error e = { 0 };
	int fd = scan_opener_open(o, path, &e);
	char got[8] = "";

	assert_int_equal(fd < 0, want == NULL);
	if (fd < 0) {
		assert_int_equal(e.code, ferry_ESOURCE);
		return;
	}
	assert_true(read(fd, got, sizeof(got) - 1) >= 0);
	assert_string_equal(got, want);
	close(fd);
}

/* What stays open for the next one leads nowhere else than the path does. */
static void
one_after_the_other(void **state)
{
	struct bench *b = *state;
	const unsigned before = open_fds();
	struct scan_opener o;

	dir("d");
	dir("d/e");
	dir("de");
	file("top", "top");
	file("d/f", "f");
	file("d/g", "g");
	file("d/e/f", "ef");
	file("de/f", "def");
	file("../outside", "x");
	link_to("d/e", "to-dir");
	link_to("d/f", "to-file");
	link_to("../outside", "d/out");
	link_to("..", "d/up");
	scan_opener_init(&o, b->site);
	opens(&o, "d/f", "f");
	opens(&o, "d/g", "g");
	opens(&o, "d/e/f", "ef");
	opens(&o, "de/f", "def");
	opens(&o, "top", "top");
	opens(&o, "d/none", NULL);
	opens(&o, "none/f", NULL);
	opens(&o, "d/e", NULL);
	opens(&o, "to-dir/f", "ef");
	opens(&o, "to-file", "f");
	opens(&o, "d/out", NULL);
	opens(&o, "d/up/top", "top");
	opens(&o, "../outside", NULL);
	/* another folder takes the place of the one that is open */
	opens(&o, "d/g", "g");
	assert_int_equal(rename("d", "old"), 0);
	dir("d");
	file("d/f", "new");
	file("d/h", "h");
	opens(&o, "d/h", "h");
	scan_opener_close(&o);
	opens(&o, "d/f", "new");
	opens(&o, "d/g", NULL);
	scan_opener_close(&o);
	assert_int_equal(open_fds(), before);
}

/* A folder that is open needs no path, and its path is of no use. */
static void
open_source(void **state)
{
	struct bench *b = *state;
	char path[100];
	int fd;

	dir("d");
	file("d/f", "f");
	link_to("d/f", "to-file");
	b->site->source_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(b->site->source_fd >= 0);
	assert_int_equal(
	    ferry_site_set(b->site, "source", "/no/where", NULL), 0);
	finds(b, "d/f to-file", "");
	finds(b, "d/f to-file", "");
	fd = scan_open(b->site, "to-file", &b->err);
	assert_true(fd >= 0);
	close(fd);
	snprintf(path, sizeof(path), "%s/src/d/f", b->top);
	link_to(path, "absolute");
	assert_int_equal(scan(b), -ferry_ESOURCE);
	assert_string_equal(
	    b->err.text, "1 thing in the source cannot be published");
	assert_int_equal(scan_open(b->site, "absolute", &b->err), -1);
	assert_string_equal(b->err.text, "a link leaves the source: absolute");
	close(b->site->source_fd);
}

static void
links_that_leave(void **state)
{
	struct bench *b = *state;
	char path[100], text[200], said[2048];

	dir("d");
	file("../outside", "x");
	dir("../srcx");
	file("../srcx/f", "x");
	link_to("../outside", "a-up");
	link_to("d/../../outside", "b-down-up-up");
	link_to("/etc/passwd", "c-absolute");
	snprintf(path, sizeof(path), "%s/srcx/f", b->top);
	link_to(path, "d-sibling");
	link_to("nothing", "e-dangling");
	link_to("f-self", "f-self");
	link_to(".", "g-here");
	link_to("..", "d/up");
	link_to("c-absolute", "h-twice");
	link_to("a-up/x", "i-below-file");
	link_to("/", "j-root");
	link_to("../src", "k-out-and-in");
	snprintf(said, sizeof(said),
	    "fail a link leaves the source: a-up -> ../outside|"
	    "fail a link leaves the source: b-down-up-up -> d/../../outside|"
	    "fail a link leaves the source: c-absolute -> /etc/passwd|"
	    "fail a link leads to a folder that it lies in: d/up -> ..|"
	    "fail a link leaves the source: d-sibling -> %s|"
	    "fail a link leads to nothing: e-dangling -> nothing|"
	    "fail a link leads to itself: f-self -> f-self|"
	    "fail a link leads to a folder that it lies in: g-here -> .|"
	    "fail a link leaves the source: h-twice -> c-absolute|"
	    "fail a link leaves the source: i-below-file -> a-up/x|"
	    "fail a link leaves the source: j-root -> /|"
	    "fail a link leaves the source: k-out-and-in -> ../src|",
	    path);
	/* names come sorted within each folder: d before d-sibling */
	refuses(b, said);
	snprintf(text, sizeof(text), "12 things in %s/src cannot be published",
	    b->top);
	assert_string_equal(b->err.text, text);
	assert_int_equal(scan_open(b->site, "a-up", &b->err), -1);
	assert_int_equal(b->err.code, ferry_ESOURCE);
	assert_int_equal(scan_open(b->site, "d/up/a-up", &b->err), -1);
	assert_int_equal(scan_open(b->site, "../outside", &b->err), -1);
	assert_int_equal(scan_open(b->site, "e-dangling", &b->err), -1);
	assert_int_equal(scan_open(b->site, "d", &b->err), -1);
}

static void
loops(void **state)
{
	struct bench *b = *state;

	dir("a");
	dir("a/b");
	file("a/b/f", "");
	link_to("../..", "a/b/top");
	link_to("../../a", "a/b/over");
	link_to("a/b", "l");
	refuses(b,
	    "fail a link leads back to a folder that it lies in: a/b/over|"
	    "fail a link leads to a folder that it lies in: a/b/top -> ../..|"
	    "fail a link leads back to a folder that it lies in: l/over/b|"
	    "fail a link leads to a folder that it lies in: l/top -> ../..|");
}

static void
special_files(void **state)
{
	struct bench *b = *state;
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(sun.sun_path, "sock");
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(fd);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	link_to("pipe", "to-pipe");
	file("fine", "");
	refuses(b,
	    "fail a FIFO cannot be published: pipe|"
	    "fail a socket cannot be published: sock|"
	    "fail a FIFO cannot be published: to-pipe|");
	assert_int_equal(scan_open(b->site, "pipe", &b->err), -1);
}

static void
unreadable(void **state)
{
	struct bench *b = *state;

	if (geteuid() == 0)
		skip(); /* nothing is unreadable to root */
	file("secret", "");
	dir("closed");
	chmod("secret", 0);
	chmod("closed", 0);
	refuses(b,
	    "fail cannot read closed: Permission denied|"
	    "fail cannot read secret: Permission denied|");
	chmod("closed", 0755);
	chmod("secret", 0644);
	finds(b, "secret", "");
}

static void
no_source(void **state)
{
	struct bench *b = *state;

	ferry_site_set(b->site, "source", "/nonexistent/x", NULL);
	refuses(b, "");
	assert_string_equal(b->err.id, "no_source");
	assert_int_equal(scan_open(b->site, "a", &b->err), -1);
	file("f", "");
	ferry_site_set(b->site, "source", "f", NULL);
	refuses(b, "");
	assert_string_equal(b->err.id, "source_unreadable");
}

static void
too_deep(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < LIMIT_DEPTH; i++) {
		dir("d");
		assert_int_equal(chdir("d"), 0);
	}
	assert_int_equal(scan(b), -ferry_ESOURCE);
	assert_non_null(strstr(b->said, "more than 128 folders"));
	assert_int_equal(chdir(".."), 0);
	assert_int_equal(rmdir("d"), 0);
	file("f", "");
	assert_int_equal(scan(b), 0);
	assert_int_equal(b->tree.count, 1);
	assert_int_equal(chdir(b->top), 0);
}

static void
too_long(void **state)
{
	struct bench *b = *state;
	char name[251];

	memset(name, 'x', 250);
	name[250] = '\0';
	for (int i = 0; i < 17; i++) {
		dir(name);
		assert_int_equal(chdir(name), 0);
	}
	assert_int_equal(scan(b), -ferry_ESOURCE);
	assert_non_null(strstr(b->said, "is too long: xxx"));
	for (int i = 0; i < 17; i++) { /* nftw() could not name it */
		assert_int_equal(chdir(".."), 0);
		assert_int_equal(rmdir(name), 0);
	}
}

/* What was read is not read again, unless it could have changed. */
static void
reads_what_changed(void **state)
{
	struct bench *b = *state;
	struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	struct timespec past = { 3, 100000000 };

	file("a", "one");
	file("b", "two");
	file("c", "six");
	assert_int_equal(scan(b), 0);
	assert_int_equal(b->scan.hashed, 3);
	assert_int_equal(scan(b), 0); /* too fresh to be trusted */
	assert_int_equal(b->scan.hashed, 3);
	nanosleep(&past, NULL);
	assert_int_equal(scan(b), 0);
	assert_int_equal(b->scan.hashed, 3);
	assert_int_equal(scan(b), 0);
	assert_int_equal(b->scan.hashed, 0);
	assert_int_equal(b->tree.count, 3);

	/* the same size and an old mtime: the ctime tells */
	file("a", "uno");
	utimensat(AT_FDCWD, "a", old, 0);
	assert_int_equal(rename("b", "d"), 0);
	assert_int_equal(scan(b), 0);
	assert_int_equal(b->scan.hashed, 2);
	assert_non_null(tree_find(&b->tree, "d"));
	assert_null(tree_find(&b->tree, "b"));

	/* no cache, a damaged one: read all */
	file("../state/scan-cache", "garbage");
	assert_int_equal(scan(b), 0);
	assert_int_equal(b->scan.hashed, 3);
	close(b->scan.state_dir);
	b->scan.state_dir = -1;
	assert_int_equal(scan(b), 0);
	assert_int_equal(b->scan.hashed, 3);
}

/* A file that never stays as it is while it is read. */
static void
changing(void **state)
{
	struct bench *b = *state;
	pid_t writer;
	int fd;

	file("fine", "x");
	file("log", "");
	assert_int_equal(truncate("log", 64 << 20), 0);
	writer = fork();
	assert_true(writer >= 0);
	if (writer == 0) {
		fd = open("log", O_WRONLY);
		for (unsigned i = 0;; i++) {
			if (pwrite(fd, &i, sizeof(i), 0) < 0)
				_exit(1);
			usleep(500);
		}
	}
	refuses(b, "fail a file changes while it is read: log|");
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	finds(b, "fine log", "");
}

static void
cancelled(void **state)
{
	struct bench *b = *state;
	int fds[2];

	file("a", "x");
	assert_int_equal(pipe(fds), 0);
	b->scan.cancel_fd = fds[0];
	assert_int_equal(scan(b), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	file("a", "y");
	assert_int_equal(scan(b), -ferry_ECANCELLED);
	assert_string_equal(b->err.id, "cancelled");
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(plain_files),
		TEST(excludes),
		TEST(never_published),
		TEST(own_site_file),
		cmocka_unit_test(key_heads),
		TEST(links_inside),
		TEST(one_after_the_other),
		TEST(open_source),
		TEST(links_that_leave),
		TEST(loops),
		TEST(special_files),
		TEST(unreadable),
		TEST(no_source),
		TEST(too_deep),
		TEST(too_long),
		TEST(reads_what_changed),
		TEST(changing),
		TEST(cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
