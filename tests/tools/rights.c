/*
 * rights [names]: the one table of rights as it stands in SECURITY.md, or the
 * names alone.  A tool of the tests; linked with confine/role.c.
 */
#include <stdio.h>
#include <string.h>

#include "confine/role.h"

/* "hub", "workers", "all", "SFTP, FTP workers", "hub, folder worker", ... */
static void
print_whose(const struct role_right *r)
{
	static const char *const names[ROLE_COUNT] = { "hub", "SFTP", "FTP",
		"HTTP", "folder" };
	const unsigned hub = 1 << ROLE_HUB,
		       workers = ((1 << ROLE_COUNT) - 1) & ~hub,
		       some = r->roles & workers;
	const char *comma = "";
	unsigned i;

	if (r->roles == (workers | hub) || some == workers) {
		printf("%s", r->roles & hub ? "all" : "workers");
		return;
	}
	for (i = 0; i < ROLE_COUNT; i++)
		if (r->roles >> i & 1) {
			printf("%s%s", comma, names[i]);
			comma = ", ";
		}
	if (some != 0)
		printf(" worker%s", some & (some - 1) ? "s" : "");
}

static void
print_what(const struct role_right *r)
{
	static const char *const kinds[] = { "", "connect, TCP",
		"handed over, open", "system calls", "" };

	if (r->kind == ROLE_FILE)
		printf("read%s%s", r->what & ROLE_WRITE ? ", write" : "",
		    r->what & ROLE_EXECUTE ? ", execute" : "");
	else if (r->kind == ROLE_LIMIT)
		printf("at most %llu", (unsigned long long)r->value);
	else
		printf("%s", kinds[r->kind]);
}

int
main(int argc, char *argv[])
{
	const struct role_right *r;

	if (argc == 2 && strcmp(argv[1], "names") == 0) {
		for (r = role_rights; r->name != NULL; r++)
			puts(r->name);
		return 0;
	}
	puts("| who | right | what | why | without it |");
	puts("|---|---|---|---|---|");
	for (r = role_rights; r->name != NULL; r++) {
		printf("| ");
		print_whose(r);
		printf(" | %s | ", r->name);
		print_what(r);
		printf(" | %s | %s |\n", r->why, r->without);
	}
	return 0;
}
