/*
 * sandferry: carry a web site out of a sandbox to its server.
 *
 * The only installed header of libsandferry; sandferry-embedding(7) is the
 * guide, libsandferry(3) the reference.  From top to bottom: the site, what a
 * job may use, the job, its events, its questions, its plan, its results.
 *
 * A job runs one verb for one site: a publish, a plan (a publish with dry_run),
 * an undo, a status, a verify are all jobs.  ferry_job_start() runs it on a
 * thread of the library's own, and ferry_job_dispatch() calls back with what
 * happens when the application's main loop is ready for it; ferry_job_run() is
 * both in one call.  A question (is this the server's key?  what is the
 * passphrase?) is an event, too, answered with ferry_job_answer().
 *
 * Names     begin with ferry_ (macros: FERRY_); each is there since 0.1, unless
 *           it says otherwise.
 * Growth    Structs grow at their end, enums by new values: an application
 *           passes over what it does not know.  A struct that it brings begins
 *           with its own size.  Those that stand within others or in arrays
 *           stay as they are: ferry_plan_id, ferry_claim, ferry_host_finding,
 *           ferry_endpoint.
 * Errors    Functions that return int return 0 or a negated enum ferry_code,
 *           and tell more in the struct ferry_error that the caller brings
 *           (NULL: no, thanks).  Out-parameters are set in any case: to NULL
 *           where there is nothing.
 * Owners    What a function gives by `struct ... **out' is the caller's, until
 *           the _free() of its kind, which takes NULL as well.  Arguments stay
 *           the caller's and are copied, where nothing else is said.  What an
 *           event points to is valid during the callback.
 * Threads   Nothing is shared between two jobs, two sites, two plans: each may
 *           live on a thread of its own, at the same time.  One of them is used
 *           by one thread at a time; ferry_job_answer() and ferry_job_cancel()
 *           come from any.
 * Units     Bytes, seconds, ports in the host's order.  Texts are UTF-8 without
 *           control characters ("escaped"); paths are bytes as on disk, with
 *           '/', and may be anything but NUL.
 * Manners   Nothing is written to stdout or stderr, nothing asked on the
 *           terminal; cwd, umask, locale, environment, signal handlers and the
 *           children of others stay as they are; nothing ever exits.
 */
#ifndef SANDFERRY_H
#define SANDFERRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is declared here is exported, all else of the library is hidden. */
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

#define FERRY_VERSION "0.1.0"

/* The library's version, as FERRY_VERSION was then.  Static storage. */
const char *ferry_version(void);

/* What the caller can do about a failure; equals the command's exit status. */
enum ferry_code {
	ferry_OK = 0, /* published, or nothing to do */
	ferry_EINTERNAL = 1, /* a bug, or out of memory */
	ferry_EUSAGE = 2, /* wrong arguments or configuration */
	ferry_EPENDING = 3, /* there are changes to publish */
	ferry_ELOGIN = 10, /* the server refused the login */
	ferry_EHOSTKEY = 11, /* host key or certificate unknown */
	ferry_EHOSTCHANGED = 12, /* host key changed */
	ferry_ESECRET = 13, /* a passphrase or password is needed */
	ferry_EKEY = 14, /* key unreadable or not granted */
	ferry_EPOLICY = 15, /* refused by policy */
	ferry_EREACH = 20, /* cannot reach the server */
	ferry_ELOST = 21, /* connection lost; run again to resume */
	ferry_EBUSY = 22, /* server busy */
	ferry_EDENIED = 30, /* the server refused an operation */
	ferry_EFULL = 31, /* disk full or quota reached on the server */
	ferry_EDRIFT = 32, /* the server's files are not what we left */
	ferry_ELOCKED = 33, /* somebody else is publishing */
	ferry_EGUARD = 40, /* too many removals, or a like guard */
	ferry_ESOURCE = 41, /* the source is empty, torn or unreadable */
	ferry_EVERIFY = 50, /* what arrived is not what was sent */
	ferry_EPARTIAL = 51, /* some, not all, was committed */
	ferry_EWALL = 60, /* the worker died, lied, or has no wall */
	ferry_ECANCELLED = 128, /* cancelled; the command adds the signal */
};

/*
 * Why a call failed.  The caller's, filled in where a call fails; nothing in it
 * is to be freed.
 */
struct ferry_error {
	int code; /* enum ferry_code */
	int os_errno; /* or 0 */
	int wire_code; /* SFTP status or FTP reply code, or 0 */
	char id[32]; /* stable name: "host_key_changed" */
	char text[240]; /* one line, control bytes escaped */
	char hint[240]; /* what to do next, or "" */
};

/* ---- The site ------------------------------------------------------------- */

/* What to publish, and where. */
struct ferry_site;

/*
 * Load a site file.  path NULL: look for sandferry.ini in dir (NULL: the
 * current folder) and its parents.  target NULL: the only one, or the one that
 * `default` names.  ferry_EUSAGE names file and line.
 */
int ferry_site_load(struct ferry_site **out, const char *path, const char *dir,
    const char *target, struct ferry_error *err);

/*
 * A site from memory: text[n] is a sandferry.ini(5), at most 256 KiB.  name
 * stands before the line in errors: "name:7: ..." (NULL: "sandferry.ini").  A
 * relative source is below dir (NULL: the current folder).  target: as above.
 * Nothing is kept of the arguments.
 */
int ferry_site_parse(struct ferry_site **out, const char *text, size_t n,
    const char *name, const char *dir, const char *target,
    struct ferry_error *err);

/*
 * Call fn for each [target] of a site file, in their order; path and dir are
 * those of ferry_site_load().  A file without targets has none to tell.
 */
typedef void ferry_target_fn(void *ctx, const char *name);

int ferry_site_targets(const char *path, const char *dir, ferry_target_fn *fn,
    void *ctx, struct ferry_error *err);

/* A site without a file, to be filled by ferry_site_set(). */
int ferry_site_new(struct ferry_site **out, struct ferry_error *err);

/*
 * Set one key of sandferry.ini(5) ("source", "url", "exclude", ...); keys that
 * may stand several times there add up here.  A relative source is taken from
 * the current folder.  Not while a job has the site.
 */
int ferry_site_set(struct ferry_site *site, const char *key, const char *value,
    struct ferry_error *err);

/* Behind the last of its jobs. */
void ferry_site_free(struct ferry_site *site);

/* ---- Options -------------------------------------------------------------- */

/*
 * How much of a wall a job insists on.  In any case what is missing is told, by
 * a ferry_EVENT_WARNING and by the receipt.
 */
enum ferry_confine {
	ferry_CONFINE_AUTO, /* seccomp around the worker, and all there is */
	ferry_CONFINE_REQUIRE, /* Landlock and seccomp, or ferry_EWALL */
	ferry_CONFINE_OFF, /* none */
};

/* Which plan: what it was made of, and what it does. */
struct ferry_plan_id {
	const char *url; /* of the site; NULL: there is no plan */
	uint64_t generation; /* of the site on the server then */
	unsigned char ledger[8]; /* last check of its sandferry-ledger(5) */
	unsigned char digest[32]; /* over all that the plan does */
};

/*
 * What another tool says that it has put on the server.  It is believed where
 * the file there has this size, and the one in the source this digest too: such
 * a file is not read back.  Paths are below the root.
 */
struct ferry_claim {
	const char *path;
	uint64_t size; /* bytes */
	unsigned char sha256[32];
};

/*
 * Sign data[n] by a key that stays where it is: a security module, another
 * process.  algorithm: "ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512",
 * ...  The signature (RFC 4253, 6.6: string algorithm, string signature) goes
 * into sig, which holds *size bytes; *size becomes its length.  0, or a
 * negative number: refused.  What data is was judged before: the login to the
 * server that has proven itself, as this user, and nothing else.  Called on the
 * job's thread, and may take its time; a server waits for a login for a minute
 * or two.
 */
typedef int ferry_sign_fn(void *ctx, const char *algorithm, const void *data,
    size_t n, void *sig, size_t *size);

/*
 * A stream socket that is connected to host (as the url has it) at this port,
 * which is the library's from then on; or -1, and err says why: a broker may
 * decline (ferry_EPOLICY), and its words and hint are shown.  FTP's data
 * connections ask for the numeric address that the first one leads to.  Called
 * on the job's thread, and may block; cancel_fd turns readable when the job is
 * cancelled.
 */
typedef int ferry_connect_fn(void *ctx, const char *host, unsigned port,
    int cancel_fd, struct ferry_error *err);

/*
 * What a job may use, chosen by the user of this application.  Filled in by
 * ferry_options_init(), then changed.  ferry_job_new() copies it, strings and
 * all.  Paths are bytes as on disk, relative ones from the current folder.
 */
struct ferry_options {
	size_t size; /* sizeof(struct ferry_options) */

	/* The login. */
	const char *key_file; /* the private key that the user selected */
	const char *certificate_file; /* NULL: KEY-cert.pub, if any; "none" */
	bool use_password; /* log in by password, not by key */
	int secret_fd; /* passphrase or password to its end; or -1 */
	const char *credentials_dir; /* key, passphrase, password; or NULL */
	bool keyring; /* look for secrets in the keyring of the desktop */
	bool save_secret; /* and store there what was typed and worked */
	const char *askpass; /* program to ask for secrets with; or NULL */
	bool may_ask; /* somebody can answer questions */

	/* FTP's login. */
	bool plain_ftp; /* without TLS is allowed */
	const char *authorities; /* of its TLS, PEM; NULL: the system's */
	const char *client_certificate; /* for its TLS, PEM; of key_file, or
					 * the key is in it; NULL: granted */

	/* Whom to trust. */
	const char *known_hosts; /* private file; NULL: the XDG place */
	const char *fallback_known_hosts; /* NULL: ~/.ssh/known_hosts; "none" */
	const char *system_known_hosts; /* read only; NULL, "none" */
	bool check_host_ip; /* its address, too: ssh_config(5) */

	/* What is kept between jobs. */
	const char *state_dir; /* ledger copies and caches; NULL: XDG */
	const char *access_file; /* grants; NULL: the XDG place; "none" */
	const char *app_secret_file; /* authenticates grants; NULL: XDG */

	/* How it runs. */
	const char *worker; /* path of sandferry-worker, beside which
			     * sandferry-keyring is; NULL: built in */
	enum ferry_confine confine;
	/*
	 * This process has no other job and no other thread: before the first
	 * byte from the server it gives up, for good, all that the job does not
	 * need.  For programs like the command; the library never does it on
	 * its own.
	 */
	bool confine_self;
	int log_level; /* 0 errors ... 4 every door message */
	const char *command; /* how hints call this program; NULL: sandferry */

	/* ferry_PUBLISH, ferry_UNDO and ferry_ADOPT. */
	bool dry_run; /* plan: write nothing on the server */
	bool exit_code; /* with dry_run: what there is to do is
			 * ferry_EPENDING; ferry_STATUS: drift is */
	bool accept_removals; /* the removal guard has been overruled */
	unsigned wait_seconds; /* ferry_PUBLISH: while somebody else does */
	uint64_t generation; /* ferry_UNDO: the publish; 0: the last one */
	/*
	 * ferry_PUBLISH, ferry_UNDO: do exactly this, or nothing.
	 * ferry_EUSAGE, "plan_of_other_site": it is for another url;
	 * ferry_EDRIFT, "plan_outdated": the server is no longer as it was;
	 * ferry_ESOURCE, "plan_differs": the site is not.
	 */
	struct ferry_plan_id plan;

	/* Other verbs. */
	bool content; /* ferry_VERIFY, ferry_ADOPT: read all that is there */
	bool trust_size; /* ferry_ADOPT: of files over 64 KiB */
	bool confirmed; /* ferry_ADOPT, ferry_UNLOCK: without a question */
	bool force; /* ferry_UNLOCK: even if its owner seems to live */
	const char *fingerprint; /* ferry_HOST_TRUST: of the one key to trust */
	bool list_all; /* ferry_HOST_LIST: the files that are only read, too */
	const char *ssh_config; /* ferry_ACCESS_IMPORT: the file */
	bool accept_grants; /* ferry_ACCESS_IMPORT: without a question */
	const char *format; /* ferry_EXPLAIN: a manifest's; NULL: the rights */

	/*
	 * "sftp://user@host": where secret_fd and credentials_dir may be sent
	 * as a password.  NULL: to the url that the application has set; where
	 * a site file names it, to a server that is known.
	 */
	const char *account;
	const struct ferry_claim *claims; /* ferry_ADOPT; or NULL */
	size_t claim_count;

	/*
	 * The private key from the application itself, in place of key_file: at
	 * most one of them.  It needs no grant, for the user has chosen it in
	 * the application; that the server is the right one is judged all the
	 * same, and before the key is touched.
	 */
	int key_fd; /* read from its beginning, if it has one, to its end; stays
		     * the caller's, whose offset moves; or -1 */
	const void *key_data; /* its bytes, copied into locked memory, which
			       * is wiped when the login is done; or NULL */
	size_t key_size;
	ferry_sign_fn *sign; /* it stays elsewhere; SFTP only; or NULL */
	void *sign_ctx;
	const char *public_key; /* of sign, one line: "ssh-ed25519 AAAA..."; or
				 * that of its certificate, which is offered */

	/*
	 * The application's own folder, open: known_hosts, access.ini,
	 * app-secret and state/ are in it, unless one is named above, and made
	 * where they are missing.  Then the library asks neither the
	 * environment nor for the user's home, and ~/.ssh/known_hosts is read
	 * only where it is named.  What is told of these files has their names
	 * in the folder.  It lies neither in the source nor in a folder that
	 * is published to: ferry_ESOURCE.  -1: the XDG places.  The job has a
	 * copy.
	 */
	int storage_fd;
	/*
	 * The folder to publish, open (for reading, or O_PATH): the site needs
	 * no source, and one that it has is not looked at.  A symbolic link in
	 * it with an absolute path leads out of it.  -1: the site's source.
	 * The job has a copy.
	 */
	int source_fd;
	/*
	 * Of a file: url, the folder to publish to, open.  -1: by the path of
	 * the url, and where a site file has that, only if it is granted.  The
	 * job has a copy.
	 */
	int folder_fd;
	const char *folder; /* ferry_ACCESS_ADD: the folder of the file: url */

	/*
	 * Who makes all sockets, for an application that may not, or has a way
	 * of its own; nothing is looked up then.  NULL: the library does.  Not
	 * together with confine_self, which would end such rights.
	 */
	ferry_connect_fn *connect;
	void *connect_ctx;

	unsigned run; /* ferry_LOG: all of this run; 1: the newest; 0: a list */
	bool follow; /* ferry_LOG, run 1: go on with what comes, until the job
		      * is cancelled */
};

/*
 * Fill in the defaults of a struct of so many bytes: nothing is asked, all is
 * kept in the XDG places.  Not a byte more is touched, however the struct has
 * grown in the library since the application was built.
 */
void ferry_options_fill(struct ferry_options *o, size_t size);

/* The same for a struct as this header has it. */
static inline void
ferry_options_init(struct ferry_options *o)
{
	ferry_options_fill(o, sizeof(*o));
}

/* ---- The job -------------------------------------------------------------- */

enum ferry_verb {
	ferry_PUBLISH, /* or plan, with dry_run */
	ferry_HOST_SHOW, /* fetch the host key and judge it */
	ferry_HOST_TRUST, /* the same, then record it as trusted */
	ferry_HOST_FORGET, /* drop its private known_hosts lines */
	ferry_HOST_LIST, /* all that is recorded; the site may be empty */
	ferry_ACCESS_ADD, /* grant key_file to the site; nothing is dialled */
	ferry_ACCESS_LIST, /* all grants; the site may be empty */
	ferry_ACCESS_REMOVE, /* take the site's grant back */
	ferry_ACCESS_IMPORT, /* grant what ssh_config has for the host */
	ferry_EXPLAIN, /* each right, or a manifest; the site may be empty */
	/*
	 * Try all that a publish needs, on the real server; nothing is written
	 * there but a probe in our own folder, which is removed again.  Fails
	 * as the first thing that failed.  The site needs no source.
	 */
	ferry_CHECK,
	/*
	 * What was published, against what is there now: times and sizes, or
	 * the listings that have them.  Nothing is written there.  No source.
	 */
	ferry_STATUS,
	/*
	 * The same as a verdict: ferry_EVERIFY when a file is missing, or has
	 * another size or, with `content', other bytes.
	 */
	ferry_VERIFY,
	/*
	 * Record what is on the server already and equal to the source as
	 * published.  In place of a ledger that is lost or damaged, too: that
	 * is asked first.  With dry_run, say what would be recorded.
	 */
	ferry_ADOPT,
	/*
	 * Show who holds the lock and since when; take it away, when that is
	 * confirmed.  ferry_ELOCKED: there was a sign of life in the last two
	 * minutes, and no `force'.  In the summary, `removed' says it is gone.
	 */
	ferry_UNLOCK,
	/*
	 * Bring back what was live before a publish, from the copies that the
	 * server keeps; a publish of its own, so it can be undone.  The site
	 * needs no source.
	 */
	ferry_UNDO,
	/*
	 * The last runs for the site's url: those that changed or verified what
	 * is there.  Each is a ferry_EVENT_RUN, and, if it ended, a
	 * ferry_EVENT_LINE with its summary, as ferry_event_json() had it.  With
	 * `run' all that one of them told.  Nothing is dialled.
	 */
	ferry_LOG,
};

struct ferry_event;

/* Told what happens, by ferry_job_run() or ferry_job_dispatch(). */
typedef void ferry_event_fn(void *ctx, const struct ferry_event *event);

/* One verb, once. */
struct ferry_job;

/*
 * A job borrows the site until it is freed, and copies the options (NULL: the
 * defaults).  Nothing happens yet.
 */
int ferry_job_new(struct ferry_job **out, const struct ferry_site *site,
    enum ferry_verb verb, const struct ferry_options *options,
    struct ferry_error *err);

/*
 * Run the job on this thread to its end.  Questions come as events and are
 * answered from inside the callback; one left unanswered is refused.  Returns
 * 0 or the negated code, with err filled in.  Once per job.
 */
int ferry_job_run(struct ferry_job *job, ferry_event_fn *on_event, void *ctx,
    struct ferry_error *err);

/*
 * Run the job on a thread of the library's own, in place of ferry_job_run().
 * What it has to say waits for ferry_job_dispatch(): nothing is called on
 * another thread than that one.
 */
int ferry_job_start(struct ferry_job *job, ferry_event_fn *on_event, void *ctx,
    struct ferry_error *err);

/*
 * Readable, for poll(2) and main loops, when there is something to dispatch: at
 * most thirty times a second, but at once for a question or the end.
 * It stays the library's and is neither read nor closed by the application.
 * -1: the job was not started.
 */
int ferry_job_fd(const struct ferry_job *job);

/*
 * Call back with all that has come up, without waiting for more.  1: the job
 * has ended and ferry_EVENT_FINISHED was delivered, now or before; 0: not yet;
 * -ferry_EUSAGE: it was not started, or this is called from a callback.
 * Always on one thread at a time.
 */
int ferry_job_dispatch(struct ferry_job *job);

/*
 * Ask the job to stop: it ends soon, with ferry_ECANCELLED, unless it was done.
 * From any thread and from signal handlers.  What was staged stays there for
 * the next publish.
 */
void ferry_job_cancel(struct ferry_job *job);

/*
 * In any state: one that runs is cancelled and waited for, a question that is
 * open is refused.  From inside a callback it takes effect when that returns,
 * and nothing more is told.
 */
void ferry_job_free(struct ferry_job *job);

/* ---- Events --------------------------------------------------------------- */

enum ferry_phase {
	ferry_PHASE_CONNECT,
	ferry_PHASE_SCAN,
	ferry_PHASE_PLAN,
	ferry_PHASE_STAGE,
	ferry_PHASE_COMMIT,
	ferry_PHASE_CLEAN,
	ferry_PHASE_VERIFY, /* files are read back */
};

enum ferry_change {
	ferry_ADD,
	ferry_UPDATE,
	ferry_REMOVE,
	ferry_SKIP,
	ferry_WAIT, /* it left the source and stays for now; the text says
		     * how long */
};

/* A file, here and there. */
enum ferry_file_state {
	ferry_FILE_CHANGED, /* it is not as it was left there */
	ferry_FILE_MISSING, /* it is no longer there */
	ferry_FILE_UNKNOWN, /* the server does not show it: the text says why */
	ferry_FILE_PENDING, /* of a publish that did not end */
	ferry_FILE_STRANGER, /* there, and not ours; folders end in '/' */
	ferry_FILE_ADOPTED, /* ferry_ADOPT: equal, from now on ours */
	ferry_FILE_DIFFERS, /* ferry_ADOPT: another file is there */
	ferry_FILE_ABSENT, /* ferry_ADOPT: only in the source */
};

enum ferry_event_kind {
	ferry_EVENT_PHASE,
	ferry_EVENT_PROGRESS, /* at most 10 a second */
	ferry_EVENT_STEP, /* one line of the plan */
	ferry_EVENT_NOTE, /* worth knowing */
	ferry_EVENT_WARNING, /* error is set; the run goes on */
	ferry_EVENT_FAILURE, /* error is set: one named thing failed; host is
			      * set when it is the server's key */
	ferry_EVENT_QUESTION,
	ferry_EVENT_HOST, /* the answer of ferry_HOST_SHOW; in ferry_CHECK */
	ferry_EVENT_LOG, /* text; log_level is set */
	ferry_EVENT_FINISHED, /* last, exactly once, whatever happens */
	ferry_EVENT_HOST_ENTRY, /* a line listed or forgotten */
	ferry_EVENT_GRANT, /* a grant made, listed, removed or offered */
	ferry_EVENT_SURROUNDINGS, /* first of ferry_EXPLAIN without a format */
	ferry_EVENT_RIGHT, /* one right, on one path */
	ferry_EVENT_LINE, /* text: a line of the manifest */
	ferry_EVENT_WALL, /* the receipt; just before the summary */
	ferry_EVENT_CHECK, /* error is set where it failed */
	ferry_EVENT_FILE, /* a file of ferry_STATUS, _VERIFY or _ADOPT; size_before
			   * is what is expected, size_after is there */
	ferry_EVENT_STATUS, /* all of it in numbers */
	ferry_EVENT_RUN, /* first of what is kept for ferry_LOG, and by that */
};

/* Valid during the callback only, with everything that it points to. */
struct ferry_event {
	size_t size;
	enum ferry_event_kind kind;
	enum ferry_phase phase;
	double seconds; /* since the job began */
	uint64_t files_done, files_total, bytes_done, bytes_total;
	const char *path; /* bytes as on disk; may not be UTF-8; or NULL */
	enum ferry_change change;
	uint64_t size_before, size_after;
	const char *text; /* reason, note or log line, escaped; or NULL */
	int log_level;
	const struct ferry_error *error;
	const struct ferry_question *question;
	const struct ferry_host_report *host;
	const struct ferry_summary *summary;
	const struct ferry_host_entry *entry; /* ferry_EVENT_HOST_ENTRY */
	const struct ferry_grant *grant; /* ferry_EVENT_GRANT */
	const struct ferry_surroundings *surroundings; /* as named */
	const struct ferry_right *right; /* ferry_EVENT_RIGHT */
	const struct ferry_receipt *receipt; /* ferry_EVENT_WALL */
	const struct ferry_check *check; /* ferry_EVENT_CHECK */
	enum ferry_file_state file_state; /* ferry_EVENT_FILE */
	const struct ferry_status *status; /* ferry_EVENT_STATUS */
	const struct ferry_step *step; /* ferry_EVENT_STEP, of a file that is
					* added or updated; else NULL */
	const struct ferry_run *run; /* ferry_EVENT_RUN */
};

/*
 * One event as one line of NDJSON v1 without its newline, into dst[size].
 * Returns the length that it needs, like snprintf(3).
 */
size_t
ferry_event_json(const struct ferry_event *event, char *dst, size_t size);

/* ---- Questions ------------------------------------------------------------ */

enum ferry_question_kind {
	ferry_ASK_HOST_KEY, /* answer yes or no */
	ferry_ASK_PASSPHRASE, /* of the private key file */
	ferry_ASK_PASSWORD, /* of the account, or a server's prompt */
	ferry_ASK_GRANT, /* answer yes or no */
	ferry_ASK_CONFIRM, /* answer yes or no */
};

struct ferry_question {
	uint64_t id;
	enum ferry_question_kind kind;
	const char *prompt; /* one escaped line */
	unsigned attempt; /* 1, 2, 3 */
	bool echo; /* what is typed may be shown */
	const struct ferry_host_report *host; /* ferry_ASK_HOST_KEY */
	const struct ferry_grant *grant; /* ferry_ASK_GRANT */

	/* Of a secret, for words of the application's own.  NULL: not known. */
	const char *key; /* ferry_ASK_PASSPHRASE: its file, bytes as on disk;
			  * NULL: the application handed the key over */
	const char *fingerprint; /* the same: "SHA256:..."; NULL: the file
				  * does not tell it without the passphrase */
	const char *account; /* ferry_ASK_PASSWORD: "sftp://me@example.org" */
	const char *asked; /* the same: by the server, in these words, escaped;
			    * NULL: it wants the account's password */
};

/*
 * Answer a question, from its callback or, where the job was started, at any
 * later time and from any thread: yes or no, and for a secret its n bytes,
 * which are copied into locked memory.  A no to a host key may bring the n
 * bytes of the fingerprint that the user has instead: the job then fails as it
 * does when a key has changed, and does not tell how to trust this one.
 */
int ferry_job_answer(struct ferry_job *job, uint64_t question, bool yes,
    const void *secret, size_t n);

/* ---- The plan ------------------------------------------------------------- */

/* What a file is to be. */
struct ferry_step {
	const char *sha256; /* of its bytes, in hex */
	unsigned mode; /* permission bits */
	unsigned wave; /* of the commit: all of one before the next */
};

/* What is to happen to one file. */
struct ferry_planned {
	size_t size; /* of this struct, as the library knows it */
	const char *path; /* bytes as on disk, below source and root */
	enum ferry_change change; /* never ferry_SKIP */
	const char *reason; /* one line: "content changed" */
	uint64_t size_before, size_after; /* bytes; 0: not there */
	const char *sha256; /* of what it is to be, in hex; NULL: no bytes go */
	unsigned mode; /* the same: permission bits */
	unsigned wave; /* of the commit: all of one before the next */
};

/*
 * A plan to walk, and to run: the job that is to do exactly this, or nothing,
 * gets its identity as options.plan.
 */
struct ferry_plan;

/*
 * What a ferry_PUBLISH or ferry_UNDO with dry_run has planned, or one that was
 * held to another plan, which is refused: what differs is to be seen.  (One
 * that publishes tells its steps as events.)  From the callback of
 * ferry_EVENT_FINISHED on, and once: the caller frees it, and it outlives the
 * job.  It is there even if a guard forbids it (ferry_EGUARD).  ferry_EUSAGE:
 * the job has not finished, or has none.
 */
int ferry_job_plan(
    struct ferry_plan **out, struct ferry_job *job, struct ferry_error *err);

/*
 * Its files in the order of the commit, then those that wait.  NULL: there is
 * no such one.  What it points to is the plan's.
 */
size_t ferry_plan_count(const struct ferry_plan *plan);
const struct ferry_planned *
ferry_plan_at(const struct ferry_plan *plan, size_t i);

/* For options.plan, and to be kept; the plan's. */
const struct ferry_plan_id *ferry_plan_identity(const struct ferry_plan *plan);

void ferry_plan_free(struct ferry_plan *plan);

/* ---- Results -------------------------------------------------------------- */

struct ferry_summary {
	int outcome; /* enum ferry_code */
	bool dry_run;
	const char *target; /* "production", or "" */
	const char *url; /* without password */
	uint64_t generation; /* of the site on the server; 0: none */
	uint64_t added, changed, removed, unchanged; /* files, as planned */
	uint64_t sent; /* files that travelled */
	uint64_t bytes_sent, bytes_planned;
	double seconds;
	uint64_t waiting; /* files that left the source and stay for now */
	struct ferry_plan_id plan; /* ferry_PUBLISH: as it was made */
	uint64_t waits_begun; /* of those waiting, the new ones */
	uint64_t waits_ended; /* files that waited and are back */
};

enum ferry_run_state {
	ferry_RUN_GOING_ON,
	ferry_RUN_ENDED, /* well or not: its summary says so */
	ferry_RUN_KILLED, /* it ended without one */
};

/* A run, of which this machine keeps what it told. */
struct ferry_run {
	size_t size;
	const char *verb; /* "publish" */
	int64_t time; /* it began: seconds since 1970 */
	const char *version; /* of the library that ran it; NULL: not told */
	const char *url; /* the same */
	unsigned number; /* ferry_LOG: 1 is the newest; else 0 */
	enum ferry_run_state state;
};

/* How far the last publish got. */
enum ferry_progress {
	ferry_ENDED,
	ferry_STAGING, /* what is live is whole; nothing is lost */
	ferry_COMMITTING, /* some of it is live: the next one finishes it */
};

/* A site as it lies on its server. */
struct ferry_status {
	uint64_t generation; /* of the last publish; 0: none */
	int64_t time; /* of that: seconds since 1970 */
	const char *machine; /* that it came from; escaped */
	enum ferry_progress progress;
	uint64_t files, bytes; /* published */
	uint64_t same, changed, missing, unknown, pending, strangers;
	uint64_t left_files, left_bytes; /* staged, and not used yet */
	const char *owner; /* of the lock: "me@machine", escaped; NULL: none */
	int64_t locked; /* last sign of it, by the server's clock */
	int64_t age; /* seconds since that, by the same; -1: not asked */
};

enum ferry_host_verdict {
	ferry_HOST_TRUSTED,
	ferry_HOST_UNKNOWN,
	ferry_HOST_NEW_TYPE, /* known, but by keys of other types only */
	ferry_HOST_CHANGED, /* another key of this type is recorded */
	ferry_HOST_REVOKED,
};

/* What one known_hosts file says about a host key. */
struct ferry_host_finding {
	const char *path; /* or NULL: there is no such file */
	unsigned line; /* 0: nothing recorded for this host */
	const char *type; /* of the recorded key, "" if none */
	const char *fingerprint; /* of the recorded key, "" if none */
	enum ferry_host_verdict verdict; /* by this file alone */
};

/* What an FTP server's TLS showed. */
struct ferry_certificate {
	const char *subject, *issuer; /* escaped */
	const char *names; /* that it is for: "a.org, *.b.org"; escaped */
	int64_t since, until; /* valid, seconds since 1970 */
	bool chain_ok; /* leads to an authority, and is valid today */
	bool name_ok; /* it is for this host */
	const char *why; /* not chain_ok: in OpenSSL's words */
	const char *version; /* "TLS 1.2" */
};

struct ferry_host_report {
	const char *host;
	unsigned port;
	const char *type; /* "ssh-ed25519" */
	const char *fingerprint; /* "SHA256:..." */
	enum ferry_host_verdict verdict;
	bool from_fallback; /* trusted by the fallback file */
	bool pinned; /* equals a hostkey of the site file */
	struct ferry_host_finding own, fallback;
	const char *line; /* for known_hosts: "[h]:2222 ssh-ed25519 AAAA" */
	struct ferry_host_finding system; /* path NULL: not asked for */
	unsigned pins; /* hostkeys that the site names */
	const char *command; /* for a shell: trusts this key; NULL: none does */
	const struct ferry_certificate *certificate; /* of FTP; else NULL */
};

enum ferry_host_marker {
	ferry_HOST_UNMARKED,
	ferry_HOST_MARKED_REVOKED, /* "@revoked" */
	ferry_HOST_MARKED_AUTHORITY, /* "@cert-authority": not used */
};

/* One line of a known_hosts file. */
struct ferry_host_entry {
	const char *path;
	unsigned line;
	const char *hosts; /* its first field, as written: any bytes */
	bool hashed; /* which hides the host's name: "|1|..." */
	bool only_read; /* not in the private file */
	enum ferry_host_marker marker;
	const char *type; /* of the key */
	const char *fingerprint;
};

enum ferry_grant_state {
	ferry_GRANT_GOOD,
	ferry_GRANT_FORGED, /* not made by this application as it stands */
	ferry_GRANT_MOVED, /* there is no such key file (any more) */
	ferry_GRANT_REPLACED, /* the file holds another key */
	ferry_GRANT_UNREADABLE, /* the file cannot be read, or is no key */
	ferry_GRANT_SEALED, /* it tells which key it is to its passphrase only */
	ferry_GRANT_OFFERED, /* not granted: the user is asked */
	ferry_GRANT_CERTIFICATE, /* FTP's is missing, expired or not the key's */
};

/* A key that the user of this application lets a site log in with. */
struct ferry_grant {
	const char *url; /* of the site, with its user */
	const char *key; /* the file: bytes as on disk */
	const char *certificate; /* the same, or "none"; NULL: none named; of
				  * an FTP site: the client certificate */
	const char *type; /* of the key, "ssh-ed25519"; "" if unknown */
	const char *comment; /* in the key, escaped; "" if unknown */
	const char *fingerprint; /* of the key: "SHA256:..." */
	const char *host_key; /* of the server; NULL: the next login's */
	const char *made; /* "2026-01-02T03:04:05Z" */
	const char *used; /* the last login; NULL: none yet */
	enum ferry_grant_state state;
	const char *folder; /* of a file: url, in place of a key; else NULL */
};

enum ferry_check_state {
	ferry_CHECK_OK,
	ferry_CHECK_WARN, /* publishing works, but worse than it could */
	ferry_CHECK_FAIL, /* it does not work, or visitors read what is ours */
	ferry_CHECK_SKIP, /* not tried: something that it needs has failed */
};

/* One thing that a publish needs or uses, and what was found. */
struct ferry_check {
	const char *group; /* a heading: "The server" */
	const char *check; /* a stable name: "host key" */
	enum ferry_check_state state;
	const char *found; /* one escaped line */
	const char *hint; /* what to do about it, or "" */
};

enum ferry_wall_layer { /* bits */
	ferry_WALL_PRIVILEGES = 1 << 0, /* none to gain, not dumpable */
	ferry_WALL_LIMITS = 1 << 1, /* memory, processor time, core dumps */
	ferry_WALL_LANDLOCK = 1 << 2,
	ferry_WALL_SECCOMP = 1 << 3,
};

/* What a process was behind. */
struct ferry_wall {
	unsigned layers; /* enum ferry_wall_layer */
	int landlock; /* its version in force; 0: none */
	int landlock_errno, seccomp_errno; /* why not; or 0 */
};

struct ferry_endpoint {
	const char *address; /* numeric */
	unsigned port;
	bool connected; /* false: it was only tried */
	bool by_app; /* connected by the application: options.connect */
};

/* What a job was behind, and whom it talked to. */
struct ferry_receipt {
	enum ferry_confine confine;
	const struct ferry_wall *self; /* this process; NULL: not sealed */
	const struct ferry_wall *worker; /* NULL: there was none */
	const char *looked_up; /* the name that a resolver got; NULL: none */
	size_t endpoint_count;
	const struct ferry_endpoint *endpoints;
	const char *web_looked_up; /* the same for the host of site-url */
	/*
	 * The server's key that was relied on, as it was judged before anybody
	 * was asked: one that was unknown then has been accepted.  NULL: none
	 * was, for the server showed none or was refused.
	 */
	const struct ferry_host_report *host;
};

enum ferry_enforcement {
	ferry_NOT_ENFORCED,
	ferry_PARTLY_ENFORCED,
	ferry_ENFORCED,
};

/* What a process of ours may do, why, and whether this kernel can see to it. */
struct ferry_right {
	bool hub, sftp, ftp; /* whose: the command's own, its workers' */
	const char *kind; /* file, connect, descriptor, calls or limit */
	const char *name; /* "the site" */
	const char *access; /* "read, write" */
	const char *path; /* of a file: bytes as on disk; NULL: not known */
	const char *address; /* of connect: "example.org:22"; NULL: not known */
	const char *why; /* it is asked for */
	const char *without; /* it: what would break, or could happen */
	enum ferry_enforcement enforced;
	const char *by; /* what enforces it, or what is missing */
	bool folder; /* whose, too: a worker that has a folder, no server */
	bool http; /* whose, too: the one that asks a web server, for check */
};

/* The sandbox that this process is in already, and what the kernel offers. */
struct ferry_surroundings {
	const char *sandbox; /* "Flatpak"; NULL: none that is known */
	const char *name; /* of the app, unit, ...; "" if unknown */
	const char *evidence; /* what says so */
	bool no_network; /* the sandbox is known to have none */
	int landlock; /* version of the interface; 0: none */
	bool seccomp; /* filters can be set */
	int filtered, no_new_privs; /* 1: already so; -1: not known */
};

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
