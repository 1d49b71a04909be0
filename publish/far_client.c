/*
 * The client certificate of a job's FTP sessions: read when the first server is
 * trusted, and forgotten with the last session.  Hub.
 */
#include "publish/far_client.h"

#include <string.h>
#include <time.h>

#include "base/err.h"
#include "publish/reach.h"

int
far_client_read(struct client_cert **out, const struct ferry_job *job,
    const char *path, struct ferry_error *err)
{
	struct secret *file = NULL;
	int rc;

	*out = NULL;
	rc = key_read_client_cert(&file, path, err);
	if (rc != 0) {
		if (err->os_errno != 0)
			reach_hint(err, &job->outer, path);
		return rc;
	}
	rc = client_cert_parse(out, file->data, file->len, err);
	secret_free(file);
	if (rc == 0)
		rc = client_cert_judge(*out, NULL, (int64_t)time(NULL), err);
	if (rc != 0) {
		err_prefix(err, "%s", path);
		client_cert_free(*out);
		*out = NULL;
	}
	return rc;
}

int
far_client_take(struct far_client *c, const struct ferry_job *job,
    struct key *key, struct ferry_error *err)
{
	const char *path = job->options.client_certificate;
	int rc = far_client_read(&c->cert, job, path, err);

	c->key = key;
	if (rc == 0) {
		rc = client_cert_judge(c->cert, key, (int64_t)time(NULL), err);
		if (rc != 0)
			err_prefix(err, "%s", path);
	}
	if (rc != 0) {
		far_client_free(c);
		return rc;
	}
	c->session = (struct session_client){ c->key, &c->cert->chain };
	return 0;
}

void
far_client_free(struct far_client *c)
{
	client_cert_free(c->cert);
	key_free(c->key);
	memset(c, 0, sizeof(*c));
}
