/*
 * What a worker that was taken over would try.  Worker, of the tests only: one
 * attack is one function, which gives a negated errno, or what it got.
 */
#ifndef TESTS_WALLS_ATTACK_H
#define TESTS_WALLS_ATTACK_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "confine/role.h"

enum attack_end { /* behind the whole wall */
	END_SIGSYS = 1, /* refused loudly: the worker would be gone */
	END_EPERM, /* refused by the filter, or by want of a right */
	END_ENOMEM, /* by a limit */
	END_KILLED, /* by the kernel, without a word */
	END_NOTHING, /* let through: it gains nothing, see why */
	END_EACCES, /* by Landlock */
	END_EXDEV, /* the same, of two folders */
	END_EBADF, /* by the kernel, see why */
	END_EINVAL, /* the same */
	END_TOLD, /* it succeeds, and SECURITY.md says so */
};

/* How it ends in a worker with a folder, which has calls that others lack. */
#define IN_FOLDER(end) ((unsigned)(end) << 8)

/* Bytes; the transfer of such a file is one to come amid. */
enum { ATTACK_LARGE = 100 * 1000 };

enum { ATTACK_PATIENCE = 10 }; /* seconds for one attack */

enum { /* needs */
	HANDED_SOCKET = 1 << 0, /* the server's */
	HANDED_FILE = 1 << 1, /* of the site, read-only */
	HANDED_FOLDER = 1 << 2, /* that is published to */
	FATAL = 1 << 3, /* ends the process that tries it */
};

struct attack {
	const char *name;
	long (*run)(void);
	unsigned end; /* enum attack_end, IN_FOLDER(another) */
	unsigned needs;
	/* what else refuses it, where no layer of ours stands; or NULL */
	const char *why;
};

/* Each list ends with a NULL name. */
extern const struct attack attack_files[], attack_sockets[], attack_handed[],
    attack_processes[], attack_kernel[], attack_memory[], attack_folder[];

/* What the harness set up, and is watching; and what was prepared unsealed. */
struct attack_targets {
	char dir[PATH_MAX]; /* "play" lies in it */
	char key[PATH_MAX], known_hosts[PATH_MAX], site_file[PATH_MAX];
	char abstract[64], host[256]; /* the machine's name, as it is */
	unsigned tcp, tcp6, udp, server; /* ports; 0: there is none */
	pid_t hub, victim;
	void *hub_memory; /* may be read and written there */

	int socket, file, folder; /* handed; or -1 */
	int spare_tcp, spare_udp, spare_unix; /* not connected */
	int pipe[2], hub_pidfd, network, handle_mount, scratch;
	unsigned char handle[256]; /* struct file_handle of the key */
};

extern struct attack_targets targets;

static inline long
attack_result(long r)
{
	return r < 0 ? -errno : r;
}

#define SYS(...) attack_result(syscall(__VA_ARGS__))

/* What the harness asks for: "sealed", "pause", "sign-user", ...; see run. */
bool attack_mode(const char *name);

/* The role that is attacked, if this process has it; see worker_attack.c. */
bool attack_is(enum role role);

/* All that may be tried here, if that is what the harness wants. */
void attack_all(const char *stage);

/* Behind the last of the stages: what a part of the harness asks for. */
void attack_misbehave(void);

/* A path below play; the last one only is good. */
const char *attack_play(const char *name);

#endif
