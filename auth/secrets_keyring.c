/*
 * Ask the keyring helper.  Hub: what it says is judged like a stranger's.
 */
#include "auth/secrets_keyring.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/secrets_child.h"
#include "base/err.h"

enum {
	MACHINE_MS = 10 * 1000, /* a keyring that is open answers at once */
	PERSON_MS = 120 * 1000, /* somebody types its password */
};

static const char *
words_of(enum keyring_status status)
{
	switch (status) {
	case KEYRING_NOTHING:
		return "it has none";
	case KEYRING_LOCKED:
		return "it is locked";
	case KEYRING_ABSENT:
		return "there is none here";
	case KEYRING_FAILED:
		return "it failed";
	case KEYRING_DONE:
	default:
		return "";
	}
}

/* A failure of the helper is one of the keyring, not of the run. */
static int
say_failure(struct secrets_keyring_said *said, const char *words)
{
	said->status = KEYRING_FAILED;
	snprintf(said->words, sizeof(said->words), "%s", words);
	return 0;
}

static int
judge(const struct secret *bytes, struct secret **out,
    struct secrets_keyring_said *said, struct ferry_error *err)
{
	struct keyring_answer answer;

	if (!keyring_get_answer(&answer, bytes->data, bytes->len))
		return say_failure(said, "its helper gave no answer");
	said->status = answer.status;
	snprintf(said->words, sizeof(said->words), "%s",
	    answer.words[0] != '\0' ? answer.words : words_of(answer.status));
	if (answer.status != KEYRING_DONE)
		return 0;
	*out = secret_copy(answer.secret, answer.secret_len);
	return *out != NULL ? 0 : err_memory(err);
}

int
secrets_keyring_ask(const struct secrets_keyring *k,
    const struct keyring_request *request, struct secret **out,
    struct secrets_keyring_said *said, struct ferry_error *err)
{
	char *const argv[] = { (char *)k->helper, NULL };
	struct secrets_child child = { .name = "its helper",
		.argv = argv,
		.env = k->may_ask ? SECRETS_ENV_FEW : SECRETS_ENV_NO_DISPLAY,
		.timeout_ms = k->may_ask ? PERSON_MS : MACHINE_MS,
		.cancel_fd = k->cancel_fd,
		.outside = k->outside,
		.max = KEYRING_MSG_MAX,
		.quiet = true };
	struct secret *input, *bytes = NULL;
	struct ferry_error failure;
	int rc;

	*out = NULL;
	memset(said, 0, sizeof(*said));
	if (access(k->helper, X_OK) != 0)
		return say_failure(said, "sandferry-keyring is not installed");
	input = keyring_put_request(request);
	if (input == NULL)
		return say_failure(said, "this is too long for it");
	child.input = input;
	rc = secrets_child_run(&bytes, &child, &failure);
	if (rc == 0)
		rc = judge(bytes, out, said, err);
	else if (rc == -ferry_ESECRET)
		rc = say_failure(said, failure.text);
	else if (err != NULL)
		*err = failure;
	secret_free(bytes);
	secret_free(input);
	return rc;
}

int
secrets_keyring_portal(void *ctx, struct secret **out, struct ferry_error *err)
{
	const struct secrets_keyring *k = ctx;
	const struct keyring_request request = {
		.verb = KEYRING_PORTAL_SECRET,
		.may_ask = k->may_ask,
		.secret = (const unsigned char *)"",
	};
	struct secrets_keyring_said said;
	int rc = secrets_keyring_ask(k, &request, out, &said, err);

	if (rc != 0 || *out != NULL)
		return rc;
	err_set(err, ferry_EKEY, "app_secret_portal",
	    "inside Flatpak grants need the Secret portal: %s", said.words);
	err_hint(err,
	    "Unlock the desktop's keyring, or name the key for this "
	    "run: --key FILE.");
	return -ferry_EKEY;
}
