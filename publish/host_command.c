/* The command that trusts a key, or grants one, as it can be typed.  Hub. */
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "publish/host_parts.h"

#define SITE_FILE_NAME "sandferry.ini"

/* A word of a shell's, quoted if need be; no backslash, which is escaped. */
static void
put_word(struct buf *out, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789%+,-./:=@_~";
	size_t n = strlen(word);

	if (n > 0 && *word != '~' && strspn(word, plain) == n) {
		buf_put(out, word, n);
		return;
	}
	buf_put_u8(out, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			buf_printf(out, "'\"'\"'");
		else
			buf_put_u8(out, (uint8_t)*word);
	}
	buf_put_u8(out, '\'');
}

void
host_command_option(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, " %s%s", name, *value == '-' ? "=" : " ");
	put_word(out, value);
}

/* Is this the file that is found from here without being named? */
static bool
is_found(const char *file)
{
	char dir[4096], path[4096];
	size_t n;

	if (getcwd(dir, sizeof(dir)) == NULL)
		return false;
	while (path_join(path, sizeof(path), dir, SITE_FILE_NAME)) {
		n = strlen(dir);
		if (access(path, F_OK) == 0 || n <= 1)
			return strcmp(path, file) == 0;
		n = (size_t)(strrchr(dir, '/') - dir);
		dir[n > 0 ? n : 1] = '\0';
	}
	return false;
}

void
host_command_begin(
    const struct ferry_job *job, const char *verb, struct buf *out)
{
	const struct ferry_options *o = &job->options;
	const struct ferry_site *site = job->site;

	buf_printf(
	    out, "%s %s", o->command != NULL ? o->command : "sandferry", verb);
	if (site->file == NULL)
		host_command_option(out, "--url", site->url.text);
	else if (!is_found(site->file))
		host_command_option(out, "--config", site->file);
	if (site->file != NULL && site->target[0] != '\0')
		host_command_option(out, "--target", site->target);
}

void
host_command_print(
    const struct ferry_job *job, const char *fingerprint, struct buf *out)
{
	const struct ferry_options *o = &job->options;

	host_command_begin(job, "host trust", out);
	if (o->known_hosts != NULL)
		host_command_option(out, "--known-hosts", o->known_hosts);
	host_command_option(out, "--fingerprint", fingerprint);
}
