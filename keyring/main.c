/*
 * sandferry-keyring: one question to the desktop's keyring, for the hub, which
 * is kept free of GLib that way.  One message on stdin, one on stdout, and away.
 */
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <signal.h>
#include <sys/prctl.h>
#endif

#include "base/fs.h"
#include "keyring/service.h"

/* Inside Flatpak the portal looks at us to see which application this is. */
static void
keep_to_ourselves(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (access("/.flatpak-info", F_OK) != 0)
		prctl(PR_SET_DUMPABLE, 0);
#endif
}

static struct secret *
read_all(int fd)
{
	struct secret *s = secret_new(KEYRING_MSG_MAX + 1);
	ssize_t n = 1;

	while (s != NULL && n > 0 && s->len < s->cap) {
		n = read(fd, s->data + s->len, s->cap - s->len);
		if (n > 0)
			s->len += (size_t)n;
	}
	return s;
}

static void
run(struct service_answer *answer, const struct keyring_request *request)
{
	if (request->verb == KEYRING_PORTAL_SECRET)
		portal_run(answer);
	else
		service_run(answer, request);
	if (answer->secret != NULL) {
		answer->m.secret = answer->secret->data;
		answer->m.secret_len = answer->secret->len;
	}
}

int
main(void)
{
	struct service_answer answer = {
		.m = { .secret = (const unsigned char *)"" },
	};
	struct keyring_request request;
	struct secret *in, *out;
	int rc = 1;

	keep_to_ourselves();
	in = read_all(STDIN_FILENO);
	if (in == NULL || !keyring_get_request(&request, in->data, in->len))
		_exit(2);
	run(&answer, &request);
	out = keyring_put_answer(&answer.m);
	if (out != NULL &&
	    fs_write_all(STDOUT_FILENO, out->data, out->len) == 0)
		rc = 0;
	secret_free(out);
	secret_free(answer.secret);
	secret_free(in);
	/* GLib's threads are of no more use, nor what they still own. */
	_exit(rc);
}
