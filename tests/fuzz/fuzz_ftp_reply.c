/*
 * Fuzz replies: lines as libcurl hands them over.  Whatever comes, the reply
 * stays within its limits, its words are one short line, and its code is one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "remote/ftp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data, *end = p + n, *next;
	char text[WORKER_MSG_TEXT];
	struct ftp_reply r;
	uint64_t number;
	bool good = true;

	ftp_reply_init(&r);
	for (; good && p < end; p = next) {
		next = memchr(p, '\n', (size_t)(end - p));
		next = next == NULL ? end : next + 1;
		good = ftp_reply_line(&r, p, (size_t)(next - p));
		if (r.code != 0 && (r.code < 100 || r.code > 699))
			abort();
		if (ftp_reply_judge(&r) > RESULT_LAST)
			abort();
		if (ftp_reply_number(&r, &number) &&
		    (r.code == 0 || r.count != 1 || number > INT64_MAX))
			abort();
		(void)ftp_reply_is_crowded(&r);
		ftp_reply_text(&r, text, sizeof(text));
		if (strlen(text) >= sizeof(text) || strchr(text, '\n') != NULL)
			abort();
	}
	ftp_reply_free(&r);
	return 0;
}
