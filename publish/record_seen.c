/*
 * "size time check", one line in the state folder, of a copy of the ledger and
 * of the server's, as they were found to be equal.  Hub.
 */
#include "publish/record_seen.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"

enum { LINE = 128 };

static const char NAME[] = "ledger-seen";

static bool
print(struct buf *b, const struct record_seen *s)
{
	buf_printf(b, "%llu %llu ", (unsigned long long)s->size,
	    (unsigned long long)s->mtime);
	for (size_t i = 0; i < LEDGER_CHECK; i++)
		buf_printf(b, "%02x", s->check[i]);
	buf_printf(b, "\n");
	return buf_ok(b);
}

bool
record_seen_load(struct record_seen *s, int state_dir)
{
	unsigned long long size, mtime;
	struct buf was, is;
	bool same = false;

	buf_init(&was, LINE);
	buf_init(&is, LINE);
	if (fs_read(state_dir, NAME, false, &was) == 0 &&
	    sscanf(buf_text(&was), "%llu %llu", &size, &mtime) == 2) {
		s->mtime = mtime;
		same =
		    print(&is, s) && strcmp(buf_text(&was), buf_text(&is)) == 0;
	}
	buf_free(&was);
	buf_free(&is);
	return same && mtime != 0;
}

void
record_seen_save(const struct record_seen *s, int state_dir)
{
	struct buf b;

	buf_init(&b, LINE);
	if (print(&b, s))
		(void)fs_write(state_dir, NAME, b.data, b.len, 0600);
	buf_free(&b);
}
