/*
 * Hand one clean line to whoever listens.  Runs in the hub and in the worker.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"

enum { LINE_SIZE = 2048 };

void
log_line(const struct log *log, enum log_level level, const char *format, ...)
{
	char raw[LINE_SIZE], line[LINE_SIZE];
	va_list ap;
	int n;

	if (!log || !log->sink || level > log->level)
		return;
	va_start(ap, format);
	n = vsnprintf(raw, sizeof(raw), format, ap);
	va_end(ap);
	if (n < 0)
		return;
	path_escape(line, sizeof(line), raw, strlen(raw));
	log->sink(log->ctx, level, line);
}
