/* What the command says, and on which stream.  Hub (the command). */
#include "cmd/ui.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/manager.h"
#include "cmd/stop.h"
#include "cmd/text.h"

enum {
	PLAIN_EVERY = 10, /* seconds */
	NARROW = 60, /* columns: no room to begin far from the left */
	WIDE = 100, /* what is longer is hard to read */
};

/*
 * The environment is asked, not setlocale(3): a machine may lack the locale
 * that its own terminal speaks.
 */
static bool
speaks_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = getenv(names[i]);
		if (value == NULL || value[0] == '\0')
			continue;
		value = strchr(value, '.');
		return value != NULL &&
		    (strncasecmp(value, ".UTF-8", 6) == 0 ||
			strncasecmp(value, ".UTF8", 5) == 0);
	}
	return false;
}

static bool
is_capable(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term != NULL && strcmp(term, "dumb") != 0;
}

static bool
wants_color(enum options_color color, int fd)
{
	const char *no = getenv("NO_COLOR");

	if (color != COLOR_AUTO)
		return color == COLOR_ALWAYS;
	return (no == NULL || no[0] == '\0') && is_capable(fd);
}

void
ui_init(struct ui *ui, const struct options *o)
{
	memset(ui, 0, sizeof(*ui));
	ui->utf8 = speaks_utf8();
	ui->color_out = wants_color(o->color, STDOUT_FILENO);
	ui->color_err = wants_color(o->color, STDERR_FILENO);
	ui->quiet = o->quiet;
	ui->json = o->json;
	ui->verbose = o->verbose;
	ui->journal = manager_is_journal(STDERR_FILENO);
	ui->manager = manager_connect();
	ui->redraw = !ui->quiet && !ui->json && is_capable(STDERR_FILENO);
	progress_init(&ui->progress);
}

const char *
ui_arrow(const struct ui *ui)
{
	return ui->utf8 ? "\xe2\x86\x92" : "->";
}

static const char *
start(bool on, enum ui_color color)
{
	/* No yellow, which nobody can read on white. */
	static const char *const codes[] = { "", "\033[31m", "\033[32m",
		"\033[35m", "\033[1m" };

	return on ? codes[color] : "";
}

static const char *
stop(bool on, enum ui_color color)
{
	return on && color != UI_PLAIN ? "\033[0m" : "";
}

void
ui_wipe(struct ui *ui)
{
	stop_wipe_line();
	ui->drawn = false;
}

/* What was printed before comes first, where both streams are one file. */
static void
in_order(struct ui *ui)
{
	ui_wipe(ui);
	errno = 0;
	if (fflush(stdout) != 0 && ui->out_errno == 0)
		ui->out_errno = errno != 0 ? errno : EIO;
}

void
ui_output_lost(const struct ui *ui, int error)
{
	fprintf(stderr, "%ssandferry: cannot write to standard output: %s\n",
	    ui_mark(ui, UI_ERROR), strerror(error));
}

void
ui_end(struct ui *ui)
{
	in_order(ui);
}

size_t
ui_columns(int fd)
{
	struct winsize size;

	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

static size_t
fitting(size_t margin, size_t columns)
{
	const bool fits = columns >= NARROW && margin <= columns / 2;

	return fits || margin < 4 ? margin : 4;
}

/* Words behind `used` columns, and below `margin` on further lines. */
static void
flow(FILE *to, size_t columns, size_t used, size_t margin, const char *text)
{
	size_t n;

	if (columns == 0) {
		fputs(text, to);
		return;
	}
	margin = fitting(margin, columns);
	for (;;) {
		n = text_fit(text, columns > used ? columns - used : 0);
		fwrite(text, 1, n, to);
		for (text += n; *text == ' ';)
			text++;
		if (*text == '\0')
			break;
		fprintf(to, "\n%*s", (int)margin, "");
		used = margin;
	}
}

static size_t
readable(size_t columns)
{
	return columns < WIDE ? columns : WIDE;
}

/* The command that a hint ends in, which has to stay whole to be copied. */
static char *
command_of(char *hint)
{
	static const char *const begins[] = { ": sandferry ", ": chmod ",
		": install ", ": docker ", ": flatpak ", ": snap " };
	char *at = NULL;

	for (size_t i = 0; at == NULL && i < sizeof(begins) / sizeof(begins[0]);
	     i++)
		at = strstr(hint, begins[i]);
	return at;
}

static void
print_hint(FILE *to, size_t columns, size_t margin, char *hint)
{
	char *command = columns > 0 ? command_of(hint) : NULL;

	if (columns > 0)
		margin = fitting(margin, columns);
	if (command != NULL)
		command[1] = '\0';
	fprintf(to, "%*s", (int)margin, "");
	flow(to, readable(columns), margin, margin, hint);
	if (command != NULL)
		fprintf(to, "\n%*s%s", (int)margin, "", command + 2);
	fputc('\n', to);
}

void
ui_text(struct ui *ui, enum ui_color color, const char *lead, const char *text)
{
	const size_t margin = text_columns(lead);

	if (ui->quiet || ui->out_errno != 0)
		return;
	ui_wipe(ui);
	errno = 0;
	printf("%s%s", start(ui->color_out, color), lead);
	flow(stdout, readable(ui_columns(STDOUT_FILENO)), margin, margin, text);
	puts(stop(ui->color_out, color));
	if (ferror(stdout))
		ui->out_errno = errno != 0 ? errno : EIO;
}

void
ui_hint(struct ui *ui, size_t margin, const char *hint)
{
	char text[4 * sizeof(((struct ferry_error *)0)->hint)];

	if (ui->quiet || ui->out_errno != 0)
		return;
	ui_wipe(ui);
	text_show(text, sizeof(text), hint, ui->utf8);
	print_hint(stdout, ui_columns(STDOUT_FILENO), margin, text);
}

void
ui_out(struct ui *ui, enum ui_color color, const char *format, ...)
{
	va_list ap;

	if (ui->quiet || ui->out_errno != 0)
		return;
	ui_wipe(ui);
	errno = 0;
	fputs(start(ui->color_out, color), stdout);
	va_start(ap, format);
	vfprintf(stdout, format, ap);
	va_end(ap);
	fputs(stop(ui->color_out, color), stdout);
	fputc('\n', stdout);
	if (ferror(stdout))
		ui->out_errno = errno != 0 ? errno : EIO;
}

const char *
ui_mark(const struct ui *ui, enum ui_level level)
{
	static const char *const marks[] = { [UI_ERROR] = "<3>",
		[UI_WARNING] = "<4>",
		[UI_NOTICE] = "<5>",
		[UI_INFO] = "<6>",
		[UI_DEBUG] = "<7>" };

	return ui->journal ? marks[level] : "";
}

static void __attribute__((format(printf, 3, 0)))
talk(struct ui *ui, enum ui_level level, const char *format, va_list ap)
{
	char line[8192];

	if (ui->quiet)
		return;
	in_order(ui);
	fputs(ui_mark(ui, level), stderr);
	vsnprintf(line, sizeof(line), format, ap);
	flow(stderr, ui_columns(STDERR_FILENO), 0, 2, line);
	fputc('\n', stderr);
}

void
ui_say(struct ui *ui, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	talk(ui, UI_INFO, format, ap);
	va_end(ap);
}

void
ui_log(struct ui *ui, enum ui_level level, const char *format, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, format);
	talk(ui, level, format, ap);
	va_end(ap);
	/* what came of it, and what goes on */
	if (ui->manager < 0 || level != UI_NOTICE)
		return;
	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	manager_tell(ui->manager, line);
}

void
ui_status(struct ui *ui, const char *format, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	manager_tell(ui->manager, line);
}

static void
complain(struct ui *ui, enum ui_level level, const struct ferry_error *e)
{
	const bool warns = level == UI_WARNING;
	const enum ui_color color = warns ? UI_MAGENTA : UI_RED;
	const char *lead = warns ? "sandferry: warning: " : "sandferry: ";
	const size_t columns = ui_columns(STDERR_FILENO);
	char text[4 * sizeof(e->text)], hint[4 * sizeof(e->hint)];

	in_order(ui);
	text_show(text, sizeof(text), e->text, ui->utf8);
	text_show(hint, sizeof(hint), e->hint, ui->utf8);
	fprintf(stderr, "%s%ssandferry:%s%s", ui_mark(ui, level),
	    start(ui->color_err, color), stop(ui->color_err, color),
	    lead + strlen("sandferry:"));
	flow(stderr, readable(columns), strlen(lead), strlen("sandferry: "),
	    text);
	fputc('\n', stderr);
	if (hint[0] == '\0')
		return;
	fputs(ui_mark(ui, level), stderr);
	print_hint(stderr, columns, 2, hint);
}

void
ui_error(struct ui *ui, const struct ferry_error *e)
{
	/* What failed by name is often the reason of the whole as well. */
	if (e->text[0] == '\0' || strcmp(e->text, ui->said) == 0)
		return;
	snprintf(ui->said, sizeof(ui->said), "%s", e->text);
	complain(ui, UI_ERROR, e);
}

/* Who wants to hear of problems only has nothing to do about these. */
static bool
is_notice(const struct ferry_error *e)
{
	static const char *const ids[] = {
		"wall_off", "plain_ftp", /* so it was asked for */
		"drift_kept", "drift_absent", "stage_lost", /* mended */
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (strcmp(e->id, ids[i]) == 0)
			return true;
	return false;
}

void
ui_warning(struct ui *ui, const struct ferry_error *e)
{
	if (!ui->quiet || !is_notice(e))
		complain(ui, UI_WARNING, e);
}

static void
draw(struct ui *ui, double seconds)
{
	const pid_t foreground = tcgetpgrp(STDERR_FILENO);
	const size_t columns = ui_columns(STDERR_FILENO);
	char line[PROGRESS_LINE_SIZE];

	/* In the background the line that is being typed is the shell's. */
	if (foreground > 0 && foreground != getpgrp())
		return;
	stop_draw_line(progress_print(
	    &ui->progress, line, (columns > 0 ? columns : 80) - 1, ui->utf8));
	ui->drawn = true;
	ui->drawn_seconds = seconds;
}

/* Where no line can be redrawn: what will be sent, then how far it is. */
static void
print_plain(struct ui *ui, const struct ferry_event *e)
{
	char line[PROGRESS_LINE_SIZE], n[TEXT_NUMBER_SIZE];
	char bytes[TEXT_NUMBER_SIZE];

	if (e->kind == ferry_EVENT_PHASE && e->phase == ferry_PHASE_STAGE &&
	    e->files_total > 0)
		ui_say(ui, "Sending %s %s, %s", text_count(n, e->files_total),
		    e->files_total == 1 ? "file" : "files",
		    text_bytes(bytes, e->bytes_total));
	else if (e->kind == ferry_EVENT_PHASE && ui->verbose > 0)
		ui_say(ui, "%s", progress_phase(e->phase));
	else if (e->seconds >= ui->plain_seconds + PLAIN_EVERY)
		ui_say(ui, "%s",
		    progress_print(&ui->progress, line, 120, ui->utf8));
	else
		return;
	ui->plain_seconds = e->seconds;
}

/* A new phase at once, all else once a second. */
static void
tell_manager(struct ui *ui, const struct ferry_event *e)
{
	char line[PROGRESS_LINE_SIZE];

	if (ui->manager < 0 ||
	    (e->kind != ferry_EVENT_PHASE && e->seconds >= ui->told_seconds &&
		e->seconds < ui->told_seconds + 1))
		return;
	ui->told_seconds = e->seconds;
	ui_status(ui, "%s", progress_print(&ui->progress, line, 200, true));
}

void
ui_progress(struct ui *ui, const struct ferry_event *e)
{
	if (stop_signal() != 0)
		return;
	progress_update(&ui->progress, e, ui->utf8);
	tell_manager(ui, e);
	if (ui->quiet || ui->json)
		return;
	if (!ui->redraw)
		print_plain(ui, e);
	else if (!ui->drawn || e->seconds < ui->drawn_seconds ||
	    e->seconds >= ui->drawn_seconds + 0.1)
		draw(ui, e->seconds);
}
