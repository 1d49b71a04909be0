/* Where a run's running remarks go; there is no global log. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_TRACE };

struct log {
	enum log_level level; /* say nothing above it */
	void (*sink)(void *ctx, enum log_level level, const char *line);
	void *ctx;
};

/* One line, control bytes escaped; log NULL, or one without a sink, is fine. */
void log_line(const struct log *log, enum log_level level, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

#endif
