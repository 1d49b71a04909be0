/* What an answer about a host key means.  Hub (the command); pure. */
#include <string.h>
#include <strings.h>

#include "cmd/ask.h"

enum { FINGERPRINT_CHARS = 43 }; /* of SHA-256 in base64, unpadded */

enum ask_answer
ask_judge(const char *line, const char *fingerprint)
{
	static const char prefix[] = "SHA256:";
	size_t n;

	line += strspn(line, " \t\r");
	n = strcspn(line, " \t\r\n");
	if (line[n + strspn(line + n, " \t\r\n")] != '\0')
		return ASK_UNCLEAR;
	if (n == 0 || (n == 2 && strncasecmp(line, "no", 2) == 0))
		return ASK_NO;
	if (n == 3 && strncasecmp(line, "yes", 3) == 0)
		return ASK_YES;
	if (n > strlen(prefix) &&
	    strncasecmp(line, prefix, strlen(prefix)) == 0) {
		line += strlen(prefix);
		n -= strlen(prefix);
	} else if (n < FINGERPRINT_CHARS) {
		return ASK_UNCLEAR;
	}
	/* Some panels show the padding that OpenSSH leaves out. */
	if (n > 0 && line[n - 1] == '=')
		n--;
	if (strncmp(fingerprint, prefix, strlen(prefix)) == 0)
		fingerprint += strlen(prefix);
	return n == strlen(fingerprint) && memcmp(line, fingerprint, n) == 0
	    ? ASK_YES
	    : ASK_OTHER_KEY;
}
