/*
 * Who may do what: the table, and nothing else.  Hub and worker.
 *
 * A worker has no right on any file and none on the network: what it works
 * with is handed to it, open and connected.  One that publishes to a folder of
 * this machine has that folder, and no socket; one that looks at a page, no
 * file.  The hub of the command keeps
 * what the site needs and gives up the rest.
 */
#include "confine/role.h"

#include <string.h>
#include <sys/resource.h>

#include "base/limits.h"

enum {
	HUB = 1 << ROLE_HUB,
	FTP = 1 << ROLE_FTP,
	HTTP = 1 << ROLE_HTTP,
	FOLDER = 1 << ROLE_FOLDER,
	REMOTE = 1 << ROLE_SFTP | FTP, /* they publish to a server */
	SENDERS = REMOTE | FOLDER,
	WORKERS = SENDERS | HTTP,
	READ_WRITE = ROLE_READ | ROLE_WRITE,
	RUN = ROLE_READ | ROLE_EXECUTE,
};

const struct role_right role_rights[] = {
	/* files: the hub's alone */
	{ HUB, ROLE_FILE, ROLE_READ, ROLE_SITE, 0, "the site",
	    "it is what is published", "there would be nothing to publish" },
	{ HUB, ROLE_FILE, ROLE_READ, ROLE_SITE_FILE, 0, "the site file",
	    "it says what goes where", "every setting would be an option" },
	{ HUB, ROLE_FILE, ROLE_READ, ROLE_KEY, 0, "the private key",
	    "the user selected it for this login", "there would be no login" },
	{ HUB, ROLE_FILE, ROLE_READ, ROLE_FALLBACK, 0, "fallback known hosts",
	    "a host that ssh knows needs no question",
	    "such hosts would be unknown" },
	{ HUB, ROLE_FILE, READ_WRITE, ROLE_KNOWN_HOSTS, 0, "own known hosts",
	    "accepted host keys are recorded there",
	    "every run would ask again" },
	{ HUB, ROLE_FILE, READ_WRITE, ROLE_STATE, 0, "own state",
	    "what is on the server, and the files' digests",
	    "every run would read and ask for everything" },
	{ HUB, ROLE_FILE, READ_WRITE, ROLE_ACCESS, 0, "access file",
	    "which key the user allowed for which site",
	    "the key would have to be named in each run" },
	{ HUB, ROLE_FILE, RUN, ROLE_WORKER, 0, "the worker",
	    "a process of its own reads the server's bytes",
	    "nothing could be published" },
	{ HUB, ROLE_FILE, RUN, ROLE_LOADER, 0, "the loader",
	    "it starts the worker", "the worker would not start" },
	{ HUB, ROLE_FILE, ROLE_READ, ROLE_LIBRARIES, 0, "system libraries",
	    "the worker is linked with them", "the worker would not start" },
	{ HUB, ROLE_FILE, READ_WRITE, ROLE_NULL, 0, "/dev/null",
	    "the worker's standard input", "the worker would not start" },
	{ HUB, ROLE_FILE, ROLE_READ, ROLE_TUNING, 0, "network limits",
	    "how large a buffer the kernel would give",
	    "a long fast line would not be filled" },
	{ HUB, ROLE_FILE, ROLE_READ, ROLE_CREDENTIALS, 0, "credentials",
	    "the service manager keeps a passphrase or password there",
	    "an unattended login would fail" },
	{ HUB, ROLE_FILE, READ_WRITE, ROLE_TERMINAL, 0, "the terminal",
	    "questions are asked there", "nobody could be asked" },

	/* the hub's as well: what it starts has no more than it has */
	{ HUB | FOLDER, ROLE_FILE, READ_WRITE | ROLE_SYMLINK, ROLE_TARGET, 0,
	    "the target", "a folder of this machine is published to",
	    "there would be nowhere to publish to" },

	/* what is handed over, already open */
	{ WORKERS, ROLE_DESCRIPTOR, 0, ROLE_NOWHERE, 0, "door",
	    "the only way to the hub: orders come in, answers go out",
	    "the worker would have no work" },
	{ WORKERS, ROLE_DESCRIPTOR, 0, ROLE_NOWHERE, 0, "output",
	    "a pipe for its last words, which the hub escapes and caps",
	    "a crash would be silent" },
	{ REMOTE | HTTP, ROLE_DESCRIPTOR, 0, ROLE_NOWHERE, 0,
	    "connected socket", "the server's bytes",
	    "there would be no server" },
	{ SENDERS, ROLE_DESCRIPTOR, 0, ROLE_NOWHERE, 0, "files in flight",
	    "the files being sent, read-only",
	    "there would be nothing to send" },
	{ FTP | HTTP, ROLE_DESCRIPTOR, 0, ROLE_NOWHERE, 0, "authorities",
	    "who may vouch for a certificate, read-only",
	    "no certificate could be judged" },

	/* the network */
	{ HUB, ROLE_CONNECT, 0, ROLE_NOWHERE, 0, "connect",
	    "TCP to the site's server, in check to its web server; the socket "
	    "goes to the worker",
	    "the server could not be reached" },

	/* system calls */
	{ HUB, ROLE_CALLS, ROLE_CALLS_ANY, ROLE_NOWHERE, 0, "calls",
	    "all but those that listen, trace, load or change the system",
	    "the command could not run" },
	{ WORKERS, ROLE_CALLS, ROLE_CALLS_MEMORY, ROLE_NOWHERE, 0, "memory",
	    "memory to work in, never executable",
	    "nothing could be computed" },
	{ WORKERS, ROLE_CALLS, ROLE_CALLS_PROCESS, ROLE_NOWHERE, 0, "process",
	    "the time, locks, randomness and its own end",
	    "neither timeouts nor encryption would work" },
	{ WORKERS, ROLE_CALLS, ROLE_CALLS_FILES, ROLE_NOWHERE, 0, "descriptors",
	    "reading, writing, closing what it was given",
	    "a file could not be sent" },
	{ WORKERS, ROLE_CALLS, ROLE_CALLS_DOOR, ROLE_NOWHERE, 0, "messages",
	    "messages through the door, with a descriptor",
	    "the worker would be deaf" },
	{ REMOTE | HTTP, ROLE_CALLS, ROLE_CALLS_STREAM, ROLE_NOWHERE, 0,
	    "stream", "bytes over a socket that is connected already",
	    "the server could not be talked to" },
	{ FTP | HTTP, ROLE_CALLS, ROLE_CALLS_PEER, ROLE_NOWHERE, 0, "peer",
	    "libcurl asks a socket for its addresses and its errors",
	    "neither FTP nor a look at the site would start" },
	{ FOLDER, ROLE_CALLS, ROLE_CALLS_FOLDER, ROLE_NOWHERE, 0, "names",
	    "making, moving and removing what is beneath the folder",
	    "nothing could be put there" },

	/* limits */
	{ HUB | WORKERS, ROLE_LIMIT, RLIMIT_CORE, ROLE_NOWHERE, 0, "core dumps",
	    "keys and passwords are in memory",
	    "a crash could write them to the disk" },
	{ WORKERS, ROLE_LIMIT, RLIMIT_DATA, ROLE_NOWHERE, LIMIT_WORKER_MEMORY,
	    "memory limit", "what a server says must not fill the machine",
	    "a hostile server could use up all memory" },
	{ WORKERS, ROLE_LIMIT, RLIMIT_AS, ROLE_NOWHERE, LIMIT_WORKER_SPACE,
	    "address space", "there is memory that the other does not count",
	    "a worker that was taken over could use up all memory" },
	{ SENDERS, ROLE_LIMIT, RLIMIT_CPU, ROLE_NOWHERE, LIMIT_WORKER_CPU,
	    "CPU limit", "days of honest work, and not for ever",
	    "a worker that was taken over could compute for others" },
	{ HTTP, ROLE_LIMIT, RLIMIT_CPU, ROLE_NOWHERE, LIMIT_HTTP_CPU,
	    "seconds of CPU", "it looks at a few pages",
	    "a worker that was taken over could compute for others" },
	{ REMOTE, ROLE_LIMIT, RLIMIT_FSIZE, ROLE_NOWHERE, LIMIT_LEDGER,
	    "file size", "the ledger that it fetches has a limit",
	    "a hostile server could fill the disk" },
	{ HTTP, ROLE_LIMIT, RLIMIT_FSIZE, ROLE_NOWHERE, 0, "no files",
	    "it writes none", "a hole elsewhere could fill the disk" },
	{ WORKERS, ROLE_LIMIT, RLIMIT_NPROC, ROLE_NOWHERE, 0, "processes",
	    "it is one process with one thread", "it could start others" },

	{ 0, 0, 0, 0, 0, NULL, NULL, NULL },
};

static const char *const names[ROLE_COUNT] = { "hub", "sftp", "ftp", "http",
	"folder" };

const char *
role_name(enum role role)
{
	return names[role];
}

bool
role_parse(const char *name, enum role *out)
{
	unsigned i;

	for (i = 0; i < ROLE_COUNT; i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum role)i;
			return true;
		}
	}
	return false;
}

unsigned
role_calls(enum role role)
{
	const struct role_right *r;
	unsigned calls = 0;

	for (r = role_rights; r->name != NULL; r++)
		if ((r->roles >> role & 1) != 0 && r->kind == ROLE_CALLS)
			calls |= r->what;
	return calls;
}

unsigned
role_access(enum role role, enum role_place place)
{
	const struct role_right *r;
	unsigned access = 0;

	for (r = role_rights; r->name != NULL; r++)
		if ((r->roles >> role & 1) != 0 && r->kind == ROLE_FILE &&
		    r->place == place)
			access |= r->what;
	return access;
}
