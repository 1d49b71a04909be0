/*
 * The site file: whatever its bytes, it parses or says why with a line; what
 * it took, it would take again in its canonical spelling.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "publish/site_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ferry_site *site;
	struct site_url again;
	struct ferry_error err;
	char name[40];

	if (ferry_site_parse(&site, (const char *)data, size, "f.ini", "/base",
		NULL, &err) != 0) {
		if (err.code != ferry_EUSAGE || site != NULL ||
		    strncmp(err.text, "f.ini", 5) != 0)
			abort();
		return 0;
	}
	site_judge(site, NULL);
	site_state_name(site, name, sizeof(name));
	if (strchr(name, '/') != NULL)
		abort();
	if (site->source != NULL && site->source[0] != '/')
		abort();
	if (site->url.text != NULL) {
		if (site_parse_url(&again, site->url.text, &err) != 0 ||
		    strcmp(again.text, site->url.text) != 0 ||
		    strcmp(again.path, site->url.path) != 0 ||
		    strcmp(again.host, site->url.host) != 0)
			abort();
		site_free_url(&again);
	}
	ferry_site_free(site);
	return 0;
}
