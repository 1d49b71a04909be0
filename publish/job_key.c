/*
 * The key that the application itself hands over: taken when the job is made,
 * read when the server is trusted, wiped when the login is done.  Hub.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "publish/job.h"

bool
job_has_key(const struct ferry_job *job)
{
	return job->key.given || job->options.sign != NULL;
}

static int
usage(struct ferry_error *err, const char *id, const char *text)
{
	err_set(err, ferry_EUSAGE, id, "%s", text);
	err_hint(err, "Set one of key_file, key_fd, key_data and sign.");
	return -ferry_EUSAGE;
}

static int
judge(const struct ferry_options *o, struct ferry_error *err)
{
	const int keys = (o->key_file != NULL) + (o->key_fd >= 0) +
	    (o->key_data != NULL) + (o->sign != NULL);

	if (keys > 1)
		return usage(
		    err, "key_twice", "ferry_options names more than one key");
	if ((o->sign != NULL) != (o->public_key != NULL))
		return err_set(err, ferry_EUSAGE, "sign_alone",
		    "ferry_options.sign and public_key go together");
	if (o->key_size > LIMIT_KEY_FILE)
		return err_set(err, ferry_EUSAGE, "key_too_large",
		    "ferry_options.key_data is larger than %d bytes: it is no "
		    "key",
		    LIMIT_KEY_FILE);
	return 0;
}

int
job_key_take(struct ferry_job *job, struct ferry_error *err)
{
	struct ferry_options *o = &job->options;
	const void *data = o->key_data;
	const int fd = o->key_fd;
	int rc = judge(o, err);

	/* not the job's own: nobody is to use them */
	o->key_data = NULL;
	o->key_fd = -1;
	if (rc != 0)
		return rc;
	job->key.given = data != NULL || fd >= 0;
	if (data != NULL) {
		job->key.bytes = secret_copy(data, o->key_size);
		return job->key.bytes != NULL ? 0 : err_memory(err);
	}
	if (fd < 0)
		return 0;
	job->key.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (job->key.fd < 0)
		return err_os(err, ferry_EUSAGE, errno, "key_fd",
		    "ferry_options.key_fd is no open descriptor");
	return 0;
}

static int
read_fd(struct job_key *k, struct ferry_error *err)
{
	int e;

	(void)lseek(k->fd, 0, SEEK_SET); /* a pipe has no beginning */
	k->bytes = secret_read(k->fd, LIMIT_KEY_FILE);
	e = errno;
	close(k->fd);
	k->fd = -1;
	if (k->bytes != NULL)
		return 0;
	return err_os(err, ferry_EKEY, e, "key_unreadable",
	    "cannot read the key that was handed over");
}

int
job_key_read(
    struct secret **out, struct ferry_job *job, struct ferry_error *err)
{
	struct job_key *k = &job->key;
	int rc = 0;

	*out = NULL;
	if (k->bytes == NULL && k->fd >= 0)
		rc = read_fd(k, err);
	if (rc == 0 && k->bytes == NULL)
		return err_set(err, ferry_EINTERNAL, "key_forgotten",
		    "the key that was handed over was wiped already");
	if (rc == 0) {
		*out = secret_copy(k->bytes->data, k->bytes->len);
		rc = *out != NULL ? 0 : err_memory(err);
	}
	return rc;
}

void
job_key_forget(struct ferry_job *job)
{
	secret_free(job->key.bytes);
	job->key.bytes = NULL;
	if (job->key.fd >= 0)
		close(job->key.fd);
	job->key.fd = -1;
}
