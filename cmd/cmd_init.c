/*
 * init: four questions, a test on the real server, sandferry.ini and the grant.
 * Hub (the command).
 *
 * Nothing is kept before the test has ended well, or somebody has said that it
 * is to be kept all the same; but for the server's key, which was asked about.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/ask.h"
#include "cmd/cmd.h"
#include "cmd/init_parts.h"
#include "cmd/stop.h"
#include "cmd/text.h"

enum { TRIES = 3 /* of the test */ };

enum question { /* bits */
	SOURCE = 1 << 0,
	ADDRESS = 1 << 1,
	KEY = 1 << 2,
	SITE_URL = 1 << 3,
	ALL = SOURCE | ADDRESS | KEY | SITE_URL,
};

struct init {
	struct ui *ui;
	const struct options *o;
	bool asks; /* somebody is there */
	unsigned asked; /* enum question: before; flags count once */
	struct init_answers a;
};

/* ---- Asking ---- */

static int
stopped(struct ferry_error *err)
{
	options_error(err, "Nothing was written.", "stopped");
	err->code = ferry_ECANCELLED;
	return -ferry_ECANCELLED;
}

/*
 * What was given by its flag, the first time, or is typed now.  Returns 1: there
 * is something to judge, 0: nobody can be asked, or a negated code.
 */
static int
get(struct init *in, enum question q, const char *flag, const char *prompt,
    const char *preset, char dst[INIT_LINE], struct ferry_error *err)
{
	const bool first = (in->asked & q) == 0;

	in->asked |= q;
	if (first && flag != NULL) {
		snprintf(dst, INIT_LINE, "%s", flag);
		return 1;
	}
	if (!in->asks)
		return 0;
	return ask_typed(in->ui, prompt, preset, dst, INIT_LINE) ? 1
								 : stopped(err);
}

/* Nobody can answer: that is the end; else it is asked again. */
static bool
goes_on(struct init *in, const struct ferry_error *err)
{
	if (!in->asks)
		return false;
	in->ui->said[0] = '\0';
	ui_error(in->ui, err);
	return true;
}

/* Line by line, for each is wrapped to the terminal. */
static void
say_lines(struct ui *ui, const char *words)
{
	size_t n;

	for (; *words != '\0'; words += n + (words[n] == '\n')) {
		n = strcspn(words, "\n");
		ui_say(ui, "%.*s", (int)n, words);
	}
}

/* The first time, and while nobody has given the answer already. */
static void
explain(
    const struct init *in, enum question q, const char *flag, const char *words)
{
	if (in->asks && (in->asked & q) == 0 && flag == NULL)
		say_lines(in->ui, words);
}

static int
ask_source(struct init *in, struct ferry_error *err)
{
	const char *flag = options_value(in->o, "source");
	char here[INIT_LINE], preset[PATH_MAX], typed[INIT_LINE], shown[4096],
	    words[4200];
	int r;

	init_folder_look(preset, here, sizeof(here));
	if (in->a.source[0] != '\0')
		snprintf(preset, sizeof(preset), "%s", in->a.source);
	explain(in, SOURCE, flag,
	    "\n1. The folder with the finished site, as visitors are to see "
	    "it.");
	snprintf(words, sizeof(words), "   Here: %s",
	    text_escape(shown, sizeof(shown), here, in->ui->utf8));
	if (here[0] != '\0')
		explain(in, SOURCE, flag, words);
	for (;;) {
		r = get(in, SOURCE, flag, "   Folder", preset, typed, err);
		if (r < 0)
			return r;
		if (r == 0)
			return options_error(err, "Name it: --source FOLDER",
			    "the folder to publish is not named");
		if (typed[0] != '\0' &&
		    init_folder_judge(in->a.source, typed, err))
			return 0;
		if (typed[0] != '\0' && !goes_on(in, err))
			return -err->code;
	}
}

/* A user and a folder on the server, where the address has none. */
static int
complete(struct init *in, struct init_address *a, struct ferry_error *err)
{
	const char *user = getenv("USER");
	char typed[INIT_LINE];

	if (a->missing != 0 && !in->asks)
		return options_error(err,
		    "Give all of it: --url sftp://USER@HOST/FOLDER, or "
		    "USER@HOST:FOLDER",
		    "the address names no %s",
		    (a->missing & INIT_NO_USER) != 0 ? "user"
						     : "folder on the server");
	while ((a->missing & INIT_NO_USER) != 0) {
		if (!ask_typed(in->ui, "   User name there",
			user != NULL ? user : "", typed, sizeof(typed)))
			return stopped(err);
		if (typed[0] != '\0')
			init_address_set_user(a, typed);
	}
	if ((a->missing & INIT_NO_FOLDER) != 0)
		say_lines(in->ui,
		    "   The folder there: /var/www/html, or www below the "
		    "login folder.\n"
		    "   A dot is the login folder itself.");
	while ((a->missing & INIT_NO_FOLDER) != 0) {
		if (!ask_typed(
			in->ui, "   Folder there", "", typed, sizeof(typed)))
			return stopped(err);
		if (typed[0] != '\0')
			init_address_set_folder(a, typed);
	}
	return 0;
}

static int
ask_address(struct init *in, struct ferry_error *err)
{
	const char *flag = options_value(in->o, "url");
	char typed[INIT_LINE], shown[4 * INIT_URL];
	struct init_address address;
	int r;

	explain(in, ADDRESS, flag,
	    "\n2. Where it goes, as for ssh: me@example.org, or "
	    "me@example.org:/var/www/html.\n"
	    "   Or ftp.example.org, or a folder of this machine, as "
	    "/srv/www.");
	for (;;) {
		r = get(in, ADDRESS, flag, "   Address", in->a.url, typed, err);
		if (r < 0)
			return r;
		if (r == 0)
			return options_error(err, "Name it: --url ADDRESS",
			    "the address to publish to is not named");
		if (typed[0] == '\0')
			continue;
		r = init_address_parse(&address, typed, err)
		    ? complete(in, &address, err)
		    : -ferry_EUSAGE;
		if (r == -ferry_ECANCELLED)
			return r;
		if (r == 0 && init_address_print(in->a.url, &address, err))
			break;
		in->a.url[0] = '\0';
		if (!goes_on(in, err))
			return -err->code;
	}
	if (strcmp(typed, in->a.url) != 0)
		ui_say(in->ui, "   That is %s",
		    text_escape(shown, sizeof(shown), in->a.url, in->ui->utf8));
	return 0;
}

static bool
is_sftp(const struct init *in)
{
	return strncmp(in->a.url, "sftp:", 5) == 0;
}

/* Nothing to be asked: what FTP's flags name, or a folder's owner. */
static void
leave_key(struct init *in)
{
	const bool ftp = strncmp(in->a.url, "ftp", 3) == 0;

	in->a.key[0] = '\0';
	in->a.password = false;
	if (ftp && in->o->client_certificate != NULL && in->o->key_file != NULL)
		init_folder_expand(in->a.key, in->o->key_file);
	if (ftp)
		explain(in, KEY, NULL,
		    "\n3. FTP wants a password, which is asked for in a "
		    "moment and kept nowhere.");
	in->asked |= KEY;
}

static int
ask_key(struct init *in, struct ferry_error *err)
{
	const char *flag = in->o->use_password ? "password" : in->o->key_file;
	char typed[INIT_LINE];
	int r;

	if (!is_sftp(in)) {
		leave_key(in);
		return 0;
	}
	explain(in, KEY, flag,
	    "\n3. Your private key file for it, as ~/.ssh/id_ed25519; none "
	    "is looked for.\n"
	    "   To make one: ssh-keygen -t ed25519 -f ~/.ssh/site_key\n"
	    "   and give site_key.pub to your provider.\n"
	    "   Or by password, which is asked for and kept nowhere.");
	for (;;) {
		r = get(in, KEY, flag, "   Key file, or password",
		    in->a.key[0] != '\0' ? in->a.key : "password", typed, err);
		if (r < 0)
			return r;
		if (r == 0)
			return options_error(err,
			    "Name it: --key FILE, or say --password",
			    "neither a key nor a password is to be used");
		in->a.key[0] = '\0';
		in->a.password = strcmp(typed, "password") == 0;
		if (in->a.password ||
		    init_folder_judge_key(in->a.key, typed, err))
			return 0;
		in->a.key[0] = '\0';
		if (!goes_on(in, err))
			return -err->code;
	}
}

static bool
judge_site_url(
    struct init_answers *a, const char *typed, struct ferry_error *err)
{
	struct ferry_site *site = NULL;
	bool ok;

	snprintf(a->site_url, sizeof(a->site_url), "%s%s",
	    strstr(typed, "://") == NULL ? "https://" : "", typed);
	ok = ferry_site_new(&site, err) == 0 &&
	    ferry_site_set(site, "site-url", a->site_url, err) == 0;
	ferry_site_free(site);
	if (!ok)
		a->site_url[0] = '\0';
	return ok;
}

/* It may be left out. */
static int
ask_site_url(struct init *in, struct ferry_error *err)
{
	const char *flag = options_value(in->o, "site-url");
	char typed[INIT_LINE];
	int r;

	explain(in, SITE_URL, flag,
	    "\n4. What visitors type to see the site, as www.example.org.\n"
	    "   None if nobody can see it yet.");
	for (;;) {
		r = get(in, SITE_URL, flag, "   Visitors type",
		    in->a.site_url[0] != '\0' ? in->a.site_url : "none", typed,
		    err);
		if (r < 0)
			return r;
		in->a.site_url[0] = '\0';
		if (r == 0 || strcmp(typed, "none") == 0 ||
		    judge_site_url(&in->a, typed, err))
			return 0;
		if (!goes_on(in, err))
			return -err->code;
	}
}

static int
ask_all(struct init *in, unsigned questions, struct ferry_error *err)
{
	int r = 0;

	if ((questions & SOURCE) != 0)
		r = ask_source(in, err);
	if (r == 0 && (questions & ADDRESS) != 0)
		r = ask_address(in, err);
	if (r == 0 && (questions & KEY) != 0)
		r = ask_key(in, err);
	if (r == 0 && (questions & SITE_URL) != 0)
		r = ask_site_url(in, err);
	return r;
}

/* ---- The test ---- */

/* Which answers may be wrong, when the test ends so. */
static unsigned
doubtful(int status)
{
	switch (status) {
	case ferry_ELOGIN: /* the user's name, or the key */
		return ADDRESS | KEY;
	case ferry_ESECRET:
	case ferry_EKEY:
		return KEY;
	case ferry_ESOURCE:
		return SOURCE;
	default:
		return ADDRESS;
	}
}

enum next { WRITE, AGAIN, STOP };

/* What is to be done; or a negated code. */
static int
ask_what_next(struct init *in, bool again, struct ferry_error *err)
{
	char typed[INIT_LINE];

	say_lines(in->ui,
	    again ? "\nTry again with other answers, write the file all the "
		    "same, or stop?"
		  : "\nWrite the file all the same, or stop?");
	for (;;) {
		if (!ask_typed(in->ui,
			again ? "   again, write or stop" : "   write or stop",
			again ? "again" : "stop", typed, sizeof(typed)))
			return stopped(err);
		if (strcmp(typed, "stop") == 0)
			return STOP;
		if (strcmp(typed, "write") == 0)
			return WRITE;
		if (again && strcmp(typed, "again") == 0)
			return AGAIN;
	}
}

/*
 * 0: it went well, or is to be written all the same (*tested false); or a
 * negated code; or the test's exit status, which has been said.
 */
static int
try(struct init *in, bool *tested, struct ferry_error *err)
{
	int status, r;

	for (int tries = 1;; tries++) {
		r = init_write_judge(in->o, &in->a, err);
		if (r != 0)
			return r;
		ui_say(in->ui, "%s", in->asks ? "\nTrying it:" : "Trying it:");
		status = init_try_test(in->ui, in->o, &in->a);
		*tested = status == 0;
		if (status == 0 || stop_signal() != 0)
			return status;
		r = in->asks ? ask_what_next(in, tries < TRIES, err) : STOP;
		if (r == STOP) {
			ui_say(in->ui, "Nothing was written.");
			return status;
		}
		if (r != AGAIN)
			return r;
		r = ask_all(in, doubtful(status), err);
		if (r == 0 && (doubtful(status) & KEY) == 0 && is_sftp(in) &&
		    in->a.key[0] == '\0' && !in->a.password)
			r = ask_key(in, err); /* it was FTP before */
		if (r == 0 && !is_sftp(in))
			leave_key(in);
		if (r != 0)
			return r;
	}
}

/* ---- The end ---- */

/* What has to be said from now on, too, because no file may say it. */
static void
tell_next(struct init *in)
{
	const struct options *o = in->o;
	char dir[PATH_MAX] = "";
	struct ui *ui = in->ui;

	if (o->dir != NULL)
		text_quote(dir, sizeof(dir), o->dir);
	if (in->a.password && !o->save_secret && !o->keyring)
		say_lines(ui,
		    "The password is kept nowhere and asked for each time.\n"
		    "--save-secret stores it in the keyring; sandferry(1) has "
		    "other ways.");
	ui_out(ui, UI_PLAIN, "Next: sandferry%s%s plan%s%s%s",
	    dir[0] != '\0' ? " -C " : "", dir,
	    in->a.password ? " --password" : "",
	    o->save_secret || o->keyring ? " --keyring" : "",
	    o->plain_ftp ? " --plain-ftp" : "");
}

static int
finish(struct init *in, bool tested, struct ferry_error *err)
{
	struct ui *ui = in->ui;
	int status, r;

	status = init_try_grant(ui, in->o, &in->a);
	if (status != 0 && (tested || stop_signal() != 0))
		return status;
	r = init_write_file(in->o, &in->a, err);
	if (r != 0) {
		/* the test took a while: somebody may have written one */
		if (status == 0 && in->a.key[0] != '\0')
			ui_say(ui,
			    "The key is granted all the same: sandferry access "
			    "remove --url %s takes that back.",
			    in->a.url);
		return r;
	}
	ui_say(ui, "%sWrote " INIT_FILE "%s.", in->asks ? "\n" : "",
	    status == 0 && in->a.key[0] != '\0'
		? "; this site may log in with that key from now on"
		: "");
	if (status != 0)
		ui_say(ui,
		    "The key is not granted yet: sandferry access add "
		    "--key FILE");
	if (!tested)
		ui_say(ui, "When the server can be reached: sandferry check");
	tell_next(in);
	return 0;
}

int
cmd_init(struct ui *ui, const struct options *o)
{
	struct init in = {
		.ui = ui, .o = o, .asks = !o->no_input && ask_possible()
	};
	struct ferry_error err;
	bool tested;
	int r;

	memset(&err, 0, sizeof(err));
	stop_watch(NULL, "");
	r = init_write_possible(&err);
	if (r == 0 && in.asks)
		say_lines(ui,
		    "Four questions, then a test of all that publishing "
		    "needs.\nCtrl-C leaves nothing behind.");
	if (r == 0)
		r = ask_all(&in, ALL, &err);
	if (r == 0)
		r = try(&in, &tested, &err);
	if (r == 0)
		r = finish(&in, tested, &err);
	if (r != 0 && stop_signal() != 0) {
		r = 128 + stop_signal();
		ui_say(ui, "Nothing was written.");
	} else if (r < 0) {
		ui->said[0] = '\0';
		ui_error(ui, &err);
		r = -r;
	}
	stop_unwatch();
	ui_end(ui);
	return r;
}
