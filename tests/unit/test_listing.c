/* Lines of FTP listings as real servers and odd ones print them. */
#include "remote/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { NOW = 1795328000 }; /* 2026-11-22 06:13:20 */

struct sample {
	const char *line;
	enum listing_kind kind;
	unsigned mode;
	uint64_t size, mtime;
	const char *name;
};

static void
check(enum listing_kind kind, const struct listing *l, const struct sample *s)
{
	if (kind != s->kind || l->mode != s->mode || l->size != s->size ||
	    l->mtime != s->mtime || strcmp(l->name, s->name) != 0)
		fail_msg("\"%s\": kind %d, mode %o, size %llu, mtime %llu, "
			 "name \"%s\"",
		    s->line, kind, (unsigned)l->mode,
		    (unsigned long long)l->size, (unsigned long long)l->mtime,
		    l->name);
}

static void
reads_ls(void **state)
{
	static const struct sample samples[] = {
		/* vsftpd */
		{ "drwx------    3 54321    54321        4096 Nov 22 06:13 .s",
		    LISTING_ENTRY, 040700, 4096, 1795327980, ".s" },
		{ "-rw-r--r--    1 54321    54321      300024 Nov 22 06:13 x",
		    LISTING_ENTRY, 0100644, 300024, 1795327980, "x" },
		{ "lrwxrwxrwx    1 0        0               1 Nov 22 06:13 "
		  "l -> x",
		    LISTING_ENTRY, 0120777, 1, 1795327980, "l" },
		{ "drwxr-xr-x    2 0        0            4096 Nov 22 06:13 .",
		    LISTING_SELF, 0, 0, 0, "" },
		/* proftpd; last year; tomorrow belongs to last year */
		{ "-rw-------   1 ferryman ferryman       12 Nov 14  2023 "
		  "a b.txt",
		    LISTING_ENTRY, 0100600, 12, 1699920000, "a b.txt" },
		{ "-rw-r--r--   1 u g 5 Nov 24 06:13 old", LISTING_ENTRY,
		    0100644, 5, 1763964780, "old" },
		/* pure-ftpd; setuid, sticky, an ACL */
		{ "drwxr-xr-t+   2 54321      www-data       4096 Feb 29  2024 "
		  " leading",
		    LISTING_ENTRY, 040755, 4096, 1709164800, " leading" },
		/* no group; ISO dates; day before month; Novell's is odd */
		{ "-rw-r--r-- 1 owner 1803 Jul 10 2001 tcp.c", LISTING_ENTRY,
		    0100644, 1803, 994723200, "tcp.c" },
		{ "-rw-r--r-- 1 u g 7 2024-02-29 12:30 iso", LISTING_ENTRY,
		    0100644, 7, 1709209800, "iso" },
		{ "-rw-r--r-- 1 u g 7 29 Feb 2024 day", LISTING_ENTRY, 0100644,
		    7, 1709164800, "day" },
		{ "total 12", LISTING_SELF, 0, 0, 0, "" },
		{ "d [R----F--] supervisor 512 Jan 16 18:53 login", LISTING_ODD,
		    0, 0, 0, "" },
		/* hostile */
		{ "-rw-r--r-- 1 u g 7 Feb 29 2024 ../x", LISTING_EVIL, 0, 0, 0,
		    "" },
		{ "-rw-r--r-- 1 u g 7 Feb 29 2024 ", LISTING_EVIL, 0, 0, 0,
		    "" },
		{ "-rw-r--r-- 1 u g 99999999999999999999 Feb 29 2024 x",
		    LISTING_ODD, 0, 0, 0, "" },
		{ "", LISTING_ODD, 0, 0, 0, "" },
		{ "          ", LISTING_ODD, 0, 0, 0, "" },
		{ "\x1b[31m", LISTING_ODD, 0, 0, 0, "" },
	};
	struct listing l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		check(listing_list(
			  samples[i].line, strlen(samples[i].line), NOW, &l),
		    &l, &samples[i]);
}

static void
reads_windows(void **state)
{
	static const struct sample samples[] = {
		{ "11-22-26  06:15AM       <DIR>          my site",
		    LISTING_ENTRY, 040000, 0, 1795328100, "my site" },
		{ "02-29-2024  12:30 PM             1234 index.html",
		    LISTING_ENTRY, 0100000, 1234, 1709209800, "index.html" },
		{ "02-29-24  12:30AM             1234 a", LISTING_ENTRY,
		    0100000, 1234, 1709166600, "a" },
		{ "13-29-24  12:30AM             1234 a", LISTING_ODD, 0, 0, 0,
		    "" },
	};
	struct listing l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		check(listing_list(
			  samples[i].line, strlen(samples[i].line), NOW, &l),
		    &l, &samples[i]);
}

static void
reads_mlsd(void **state)
{
	static const struct sample samples[] = {
		/* proftpd */
		{ "modify=20231114221320;perm=adfrw;size=12;type=file;"
		  "unique=FE00U1;UNIX.group=54321;UNIX.groupname=x;"
		  "UNIX.mode=0600;UNIX.owner=54321; a b;c.txt",
		    LISTING_ENTRY, 0100600, 12, 1700000000, "a b;c.txt" },
		{ "type=cdir;modify=20231114221320; .", LISTING_SELF, 0, 0, 0,
		    "" },
		/* pure-ftpd */
		{ "type=dir;sizd=4096;modify=20231114221320;UNIX.mode=0755;"
		  "unique=fe00g1; stage",
		    LISTING_ENTRY, 040755, 0, 1700000000, "stage" },
		{ "Type=OS.unix=slink:/etc;Size=4;Modify=20231114221320.5; l",
		    LISTING_ENTRY, 0120000, 4, 1700000000, "l" },
		{ "type=file;size=4294967296;  blank", LISTING_ENTRY, 0100000,
		    4294967296, 0, " blank" },
		/* hostile */
		{ "type=file;size=1; a/b", LISTING_EVIL, 0, 0, 0, "" },
		{ "type=file;size=1; ..", LISTING_SELF, 0, 0, 0, "" },
		{ "type=file;size=1;", LISTING_ODD, 0, 0, 0, "" },
		{ "type=file;size=-1; x", LISTING_ENTRY, 0100000, 0, 0, "x" },
		{ "nonsense x", LISTING_ODD, 0, 0, 0, "" },
		{ "", LISTING_ODD, 0, 0, 0, "" },
	};
	struct listing l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		check(
		    listing_mlsd(samples[i].line, strlen(samples[i].line), &l),
		    &l, &samples[i]);
}

static void
knows_what_mlst_is_about(void **state)
{
	static const char folder[] = " type=cdir;modify=20231114221320; /a/b";
	static const char nul[] = "type=file;size=1; a\0b";
	struct listing l;

	(void)state;
	assert_int_equal(
	    listing_mlst(folder, sizeof(folder) - 1, &l), LISTING_ENTRY);
	assert_true(S_ISDIR(l.mode));
	assert_int_equal(listing_mlsd(nul, sizeof(nul) - 1, &l), LISTING_EVIL);
}

static void
reads_times(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t time;
	} samples[] = {
		{ "19700101000000", true, 0 },
		{ "20240229123000", true, 1709209800 },
		{ "20240229123000.123", true, 1709209800 },
		{ "20241329123000", false, 0 },
		{ "19691231235959", false, 0 },
		{ "2024022912300", false, 0 },
		{ "20240229123000Z", false, 0 },
	};
	uint64_t t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		assert_int_equal(
		    listing_time(samples[i].text, strlen(samples[i].text), &t),
		    samples[i].good);
		assert_true(t == samples[i].time);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_ls),
		cmocka_unit_test(reads_windows),
		cmocka_unit_test(reads_mlsd),
		cmocka_unit_test(knows_what_mlst_is_about),
		cmocka_unit_test(reads_times),
	};

	return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
