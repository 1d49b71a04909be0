/* Escape text for a page, within elements and quoted attributes.  Hub. */
#include "cmd/html.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/text.h"

/* UTF-8 without control characters. */
static void
put(FILE *to, const char *s, size_t n)
{
	for (const char *end = s + n; s < end; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		case '\'':
			fputs("&#39;", to);
			break;
		default:
			fputc(*s, to);
		}
	}
}

/* NULL: out of memory.  The caller frees it. */
static char *
show(const char *s, char *(*how)(char *, size_t, const char *, bool))
{
	const size_t size = 4 * strlen(s) + 1;
	char *shown = malloc(size);

	return shown != NULL ? how(shown, size, s, true) : NULL;
}

void
html_text(FILE *to, const char *text)
{
	char *shown = show(text, text_show);

	if (shown != NULL)
		put(to, shown, strlen(shown));
	else
		fputs("(out of memory)", to);
	free(shown);
}

void
html_path(FILE *to, const char *path)
{
	char *shown = show(path, text_escape), *slash;
	size_t folders;

	if (shown == NULL) {
		fputs("(out of memory)", to);
		return;
	}
	slash = strrchr(shown, '/');
	folders = slash != NULL ? (size_t)(slash + 1 - shown) : 0;
	/* what is written from right to left stays within */
	fputs("<bdi class=\"path\">", to);
	if (folders > 0) {
		fputs("<span>", to);
		put(to, shown, folders);
		fputs("</span>", to);
	}
	put(to, shown + folders, strlen(shown + folders));
	fputs("</bdi>", to);
	free(shown);
}
