/*
 * rights [names]: the one table of rights as it stands in SECURITY.md, or the
 * names alone.  A tool of the tests; linked with confine/role.c.
 */
#include <stdio.h>
#include <string.h>

#include "confine/role.h"

static const char *
whose(const struct role_right *r)
{
	const unsigned remote = 1 << ROLE_SFTP | 1 << ROLE_FTP,
		       workers = remote | 1 << ROLE_FOLDER;

	if (r->roles == 1 << ROLE_HUB)
		return "hub";
	if (r->roles == workers)
		return "workers";
	if (r->roles == remote)
		return "SFTP, FTP workers";
	if (r->roles == (workers | 1 << ROLE_HUB))
		return "all";
	if (r->roles == 1 << ROLE_FOLDER)
		return "folder worker";
	if (r->roles == (1 << ROLE_FOLDER | 1 << ROLE_HUB))
		return "hub, folder worker";
	return r->roles == 1 << ROLE_FTP ? "FTP worker" : "SFTP worker";
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
		printf("| %s | %s | ", whose(r), r->name);
		print_what(r);
		printf(" | %s | %s |\n", r->why, r->without);
	}
	return 0;
}
