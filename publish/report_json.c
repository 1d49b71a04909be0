/* One event as one line of JSON: NDJSON v1, sandferry(1).  Hub; no I/O. */
#include "publish/ndjson.h"
#include "sandferry.h"

static const char *
verdict_name(enum ferry_host_verdict v)
{
	static const char *const names[] = { "trusted", "unknown", "new_type",
		"changed", "revoked" };

	return (size_t)v < sizeof(names) / sizeof(names[0]) ? names[v] : "?";
}

static const char *
phase_name(enum ferry_phase p)
{
	static const char *const names[] = { "connect", "scan", "plan", "stage",
		"commit", "clean", "verify" };

	return (size_t)p < sizeof(names) / sizeof(names[0]) ? names[p] : "?";
}

static void
put_progress(struct ndjson *j, const struct ferry_event *e)
{
	ndjson_text(j, "phase", phase_name(e->phase));
	ndjson_number(j, "files_done", e->files_done);
	ndjson_number(j, "files_total", e->files_total);
	ndjson_number(j, "bytes_done", e->bytes_done);
	ndjson_number(j, "bytes_total", e->bytes_total);
	ndjson_path(j, e->path);
}

static void
put_step(struct ndjson *j, const struct ferry_event *e)
{
	static const char *const names[] = { "add", "update", "remove", "skip",
		"wait" };

	ndjson_text(
	    j, "change", (size_t)e->change < 5 ? names[e->change] : "?");
	ndjson_path(j, e->path);
	ndjson_number(j, "size_before", e->size_before);
	ndjson_number(j, "size_after", e->size_after);
	ndjson_text(j, "reason", e->text);
}

static void
put_error(struct ndjson *j, const struct ferry_error *error)
{
	if (error == NULL)
		return;
	ndjson_text(j, "id", error->id);
	ndjson_number(j, "code", (uint64_t)error->code);
	ndjson_text(j, "text", error->text);
	if (error->hint[0] != '\0')
		ndjson_text(j, "hint", error->hint);
}

static void
put_finding(
    struct ndjson *j, const char *key, const struct ferry_host_finding *f)
{
	if (f->path == NULL)
		return;
	ndjson_key(j, key);
	ndjson_open(j, '{');
	ndjson_path(j, f->path);
	ndjson_text(j, "verdict", verdict_name(f->verdict));
	if (f->line > 0) {
		ndjson_number(j, "line", f->line);
		ndjson_text(j, "key_type", f->type);
		ndjson_text(j, "fingerprint", f->fingerprint);
	}
	ndjson_close(j, '}');
}

static void
put_certificate(struct ndjson *j, const struct ferry_certificate *c)
{
	if (c == NULL)
		return;
	ndjson_key(j, "certificate");
	ndjson_open(j, '{');
	ndjson_text(j, "subject", c->subject);
	ndjson_text(j, "issuer", c->issuer);
	ndjson_text(j, "names", c->names);
	ndjson_number(j, "since", c->since > 0 ? (uint64_t)c->since : 0);
	ndjson_number(j, "until", c->until > 0 ? (uint64_t)c->until : 0);
	ndjson_bool(j, "chain_ok", c->chain_ok);
	ndjson_bool(j, "name_ok", c->name_ok);
	ndjson_text(j, "why", c->why);
	ndjson_text(j, "version", c->version);
	ndjson_close(j, '}');
}

static void
put_host(struct ndjson *j, const struct ferry_host_report *h)
{
	if (h == NULL)
		return;
	ndjson_text(j, "host", h->host);
	ndjson_number(j, "port", h->port);
	ndjson_text(j, "key_type", h->type);
	ndjson_text(j, "fingerprint", h->fingerprint);
	ndjson_text(j, "verdict", verdict_name(h->verdict));
	ndjson_bool(j, "from_fallback", h->from_fallback);
	ndjson_bool(j, "pinned", h->pinned);
	put_finding(j, "own", &h->own);
	put_finding(j, "fallback", &h->fallback);
	put_finding(j, "system", &h->system);
	ndjson_text(j, "line", h->line);
	ndjson_number(j, "pins", h->pins);
	ndjson_text(j, "command", h->command);
	put_certificate(j, h->certificate);
}

static void
put_host_entry(struct ndjson *j, const struct ferry_host_entry *entry)
{
	static const char *const markers[] = { NULL, "revoked",
		"cert-authority" };

	if (entry == NULL)
		return;
	ndjson_path(j, entry->path);
	ndjson_number(j, "line", entry->line);
	ndjson_text(j, "hosts", entry->hosts);
	ndjson_bool(j, "hashed", entry->hashed);
	ndjson_bool(j, "only_read", entry->only_read);
	ndjson_text(j, "marker",
	    (size_t)entry->marker < 3 ? markers[entry->marker] : "?");
	ndjson_text(j, "key_type", entry->type);
	ndjson_text(j, "fingerprint", entry->fingerprint);
}

static void
put_grant(struct ndjson *j, const struct ferry_grant *g)
{
	static const char *const states[] = { "good", "forged", "moved",
		"replaced", "unreadable", "sealed", "offered", "certificate" };

	if (g == NULL)
		return;
	ndjson_text(j, "state", (size_t)g->state < 8 ? states[g->state] : "?");
	ndjson_text(j, "url", g->url);
	ndjson_path(j, g->folder != NULL ? g->folder : g->key);
	ndjson_text(j, "certificate", g->certificate);
	ndjson_text(j, "key_type", g->type);
	ndjson_text(j, "comment", g->comment);
	ndjson_text(j, "fingerprint", g->fingerprint);
	ndjson_text(j, "host_key", g->host_key);
	ndjson_text(j, "made", g->made);
	ndjson_text(j, "used", g->used);
}

/* What is known of it, and nothing else. */
static void
member_maybe(struct ndjson *j, const char *key, int known)
{
	if (known >= 0)
		ndjson_bool(j, key, known != 0);
}

static void
put_surroundings(struct ndjson *j, const struct ferry_surroundings *s)
{
	if (s == NULL)
		return;
	ndjson_text(j, "sandbox", s->sandbox);
	if (s->sandbox != NULL) {
		ndjson_text(j, "name", s->name);
		ndjson_text(j, "evidence", s->evidence);
		ndjson_bool(j, "no_network", s->no_network);
	}
	ndjson_number(j, "landlock", (uint64_t)s->landlock);
	ndjson_bool(j, "seccomp", s->seccomp);
	member_maybe(j, "filtered", s->filtered);
	member_maybe(j, "no_new_privs", s->no_new_privs);
}

static void
put_right(struct ndjson *j, const struct ferry_right *r)
{
	static const char *const enforced[] = { "no", "partly", "yes" };

	if (r == NULL)
		return;
	ndjson_bool(j, "hub", r->hub);
	ndjson_bool(j, "sftp", r->sftp);
	ndjson_bool(j, "ftp", r->ftp);
	ndjson_bool(j, "folder", r->folder);
	ndjson_bool(j, "http", r->http);
	ndjson_text(j, "kind", r->kind);
	ndjson_text(j, "name", r->name);
	ndjson_text(j, "access", r->access);
	ndjson_path(j, r->path);
	ndjson_text(j, "address", r->address);
	ndjson_text(j, "why", r->why);
	ndjson_text(j, "without", r->without);
	ndjson_text(j, "enforced",
	    (size_t)r->enforced < 3 ? enforced[r->enforced] : "?");
	ndjson_text(j, "by", r->by);
}

static void
put_question(struct ndjson *j, const struct ferry_question *q)
{
	static const char *const names[] = { "host_key", "passphrase",
		"password", "grant", "confirm" };

	if (q == NULL)
		return;
	ndjson_number(j, "question", q->id);
	ndjson_text(j, "ask", (size_t)q->kind < 5 ? names[q->kind] : "?");
	ndjson_text(j, "prompt", q->prompt);
	ndjson_number(j, "attempt", q->attempt);
	ndjson_bool(j, "echo", q->echo);
	put_host(j, q->host);
	put_grant(j, q->grant);
	ndjson_path(j, q->key);
	ndjson_text(j, "fingerprint", q->fingerprint);
	ndjson_text(j, "account", q->account);
	ndjson_text(j, "asked", q->asked);
}

static void
put_summary(struct ndjson *j, const struct ferry_event *e)
{
	const struct ferry_summary *s = e->summary;

	if (s == NULL)
		return;
	ndjson_text(j, "outcome",
	    s->outcome == ferry_OK ? "ok"
		: e->error != NULL ? e->error->id
				   : "failed");
	ndjson_number(j, "code", (uint64_t)s->outcome);
	if (s->outcome != ferry_OK && e->error != NULL) {
		ndjson_text(j, "text", e->error->text);
		if (e->error->hint[0] != '\0')
			ndjson_text(j, "hint", e->error->hint);
	}
	ndjson_bool(j, "dry_run", s->dry_run);
	ndjson_text(j, "target", s->target);
	ndjson_text(j, "url", s->url);
	ndjson_number(j, "generation", s->generation);
	ndjson_number(j, "added", s->added);
	ndjson_number(j, "changed", s->changed);
	ndjson_number(j, "removed", s->removed);
	ndjson_number(j, "unchanged", s->unchanged);
	ndjson_number(j, "waiting", s->waiting);
	ndjson_number(j, "waits_begun", s->waits_begun);
	ndjson_number(j, "waits_ended", s->waits_ended);
	ndjson_number(j, "sent", s->sent);
	ndjson_number(j, "bytes_sent", s->bytes_sent);
	ndjson_number(j, "bytes_planned", s->bytes_planned);
	ndjson_seconds(j, s->seconds);
}

static void
put_wall(struct ndjson *j, const char *key, const struct ferry_wall *w)
{
	if (w == NULL)
		return;
	ndjson_key(j, key);
	ndjson_open(j, '{');
	ndjson_bool(j, "privileges", w->layers & ferry_WALL_PRIVILEGES);
	ndjson_bool(j, "limits", w->layers & ferry_WALL_LIMITS);
	ndjson_number(j, "landlock", (uint64_t)w->landlock);
	ndjson_bool(j, "seccomp", w->layers & ferry_WALL_SECCOMP);
	ndjson_close(j, '}');
}

static void
put_receipt(struct ndjson *j, const struct ferry_receipt *r)
{
	static const char *const modes[] = { "auto", "require", "off" };
	size_t i;

	if (r == NULL)
		return;
	ndjson_text(
	    j, "confine", (size_t)r->confine < 3 ? modes[r->confine] : "?");
	put_wall(j, "self", r->self);
	put_wall(j, "worker", r->worker);
	ndjson_text(j, "looked_up", r->looked_up);
	ndjson_text(j, "web_looked_up", r->web_looked_up);
	ndjson_key(j, "endpoints");
	ndjson_open(j, '[');
	for (i = 0; i < r->endpoint_count; i++) {
		ndjson_next(j);
		ndjson_open(j, '{');
		ndjson_text(j, "address", r->endpoints[i].address);
		ndjson_number(j, "port", r->endpoints[i].port);
		ndjson_bool(j, "connected", r->endpoints[i].connected);
		if (r->endpoints[i].by_app)
			ndjson_bool(j, "by_app", true);
		ndjson_close(j, '}');
	}
	ndjson_close(j, ']');
	if (r->host == NULL)
		return;
	ndjson_key(j, "host");
	ndjson_open(j, '{');
	put_host(j, r->host);
	ndjson_close(j, '}');
}

static void
put_check(struct ndjson *j, const struct ferry_event *e)
{
	static const char *const states[] = { "ok", "warn", "fail", "skip" };
	const struct ferry_check *c = e->check;

	if (c == NULL)
		return;
	ndjson_text(j, "group", c->group);
	ndjson_text(j, "check", c->check);
	ndjson_text(j, "state", (size_t)c->state < 4 ? states[c->state] : "?");
	ndjson_text(j, "found", c->found);
	if (c->hint[0] != '\0')
		ndjson_text(j, "hint", c->hint);
	if (e->error != NULL) {
		ndjson_text(j, "id", e->error->id);
		ndjson_number(j, "code", (uint64_t)e->error->code);
	}
}

static void
put_file(struct ndjson *j, const struct ferry_event *e)
{
	static const char *const states[] = { "changed", "missing", "unknown",
		"pending", "stranger", "adopted", "differs", "absent" };

	ndjson_text(j, "state",
	    (size_t)e->file_state < 8 ? states[e->file_state] : "?");
	ndjson_path(j, e->path);
	ndjson_number(j, "size_before", e->size_before);
	ndjson_number(j, "size_after", e->size_after);
	ndjson_text(j, "reason", e->text);
}

static void
put_status(struct ndjson *j, const struct ferry_status *s)
{
	static const char *const progress[] = { "ended", "staging",
		"committing" };

	if (s == NULL)
		return;
	ndjson_number(j, "generation", s->generation);
	ndjson_number(j, "time", s->time > 0 ? (uint64_t)s->time : 0);
	ndjson_text(j, "machine", s->machine);
	ndjson_text(j, "progress",
	    (size_t)s->progress < 3 ? progress[s->progress] : "?");
	ndjson_number(j, "files", s->files);
	ndjson_number(j, "bytes", s->bytes);
	ndjson_number(j, "same", s->same);
	ndjson_number(j, "changed", s->changed);
	ndjson_number(j, "missing", s->missing);
	ndjson_number(j, "unknown", s->unknown);
	ndjson_number(j, "pending", s->pending);
	ndjson_number(j, "strangers", s->strangers);
	ndjson_number(j, "left_files", s->left_files);
	ndjson_number(j, "left_bytes", s->left_bytes);
	ndjson_text(j, "owner", s->owner);
	if (s->owner == NULL)
		return;
	ndjson_number(j, "locked", s->locked > 0 ? (uint64_t)s->locked : 0);
	if (s->age >= 0)
		ndjson_number(j, "age", (uint64_t)s->age);
}

static void
put_log(struct ndjson *j, const struct ferry_event *e)
{
	static const char *const names[] = { "error", "warning", "info",
		"debug", "trace" };

	ndjson_text(j, "level",
	    e->log_level >= 0 && e->log_level < 5 ? names[e->log_level] : "?");
	ndjson_text(j, "text", e->text);
}

static void
put_run(struct ndjson *j, const struct ferry_run *r)
{
	static const char *const states[] = { "going_on", "ended", "killed" };

	if (r == NULL)
		return;
	ndjson_text(j, "verb", r->verb);
	ndjson_number(j, "time", r->time > 0 ? (uint64_t)r->time : 0);
	ndjson_text(j, "version", r->version);
	ndjson_text(j, "url", r->url);
	if (r->number > 0)
		ndjson_number(j, "number", r->number);
	ndjson_text(j, "state", (size_t)r->state < 3 ? states[r->state] : "?");
}

static void
put_body(struct ndjson *j, const struct ferry_event *e)
{
	switch (e->kind) {
	case ferry_EVENT_PHASE:
		ndjson_text(j, "phase", phase_name(e->phase));
		break;
	case ferry_EVENT_PROGRESS:
		put_progress(j, e);
		break;
	case ferry_EVENT_STEP:
		put_step(j, e);
		break;
	case ferry_EVENT_NOTE:
		ndjson_text(j, "text", e->text);
		break;
	case ferry_EVENT_WARNING:
	case ferry_EVENT_FAILURE:
		ndjson_path(j, e->path);
		put_error(j, e->error);
		put_host(j, e->host);
		break;
	case ferry_EVENT_QUESTION:
		put_question(j, e->question);
		break;
	case ferry_EVENT_HOST:
		put_host(j, e->host);
		break;
	case ferry_EVENT_LOG:
		put_log(j, e);
		break;
	case ferry_EVENT_FINISHED:
		put_summary(j, e);
		break;
	case ferry_EVENT_HOST_ENTRY:
		put_host_entry(j, e->entry);
		break;
	case ferry_EVENT_GRANT:
		put_grant(j, e->grant);
		break;
	case ferry_EVENT_SURROUNDINGS:
		put_surroundings(j, e->surroundings);
		break;
	case ferry_EVENT_RIGHT:
		put_right(j, e->right);
		break;
	case ferry_EVENT_LINE:
		ndjson_text(j, "text", e->text);
		break;
	case ferry_EVENT_WALL:
		put_receipt(j, e->receipt);
		break;
	case ferry_EVENT_CHECK:
		put_check(j, e);
		break;
	case ferry_EVENT_FILE:
		put_file(j, e);
		break;
	case ferry_EVENT_STATUS:
		put_status(j, e->status);
		break;
	case ferry_EVENT_RUN:
		put_run(j, e->run);
		break;
	}
}

size_t
ferry_event_json(const struct ferry_event *event, char *dst, size_t size)
{
	static const char *const types[] = { "phase", "progress", "step",
		"note", "warning", "failure", "question", "host", "log",
		"summary", "host_entry", "grant", "surroundings", "right",
		"line", "wall", "check", "file", "status", "run" };
	struct ndjson j = { .dst = dst, .size = size };

	ndjson_open(&j, '{');
	ndjson_number(&j, "v", 1);
	ndjson_text(&j, "type",
	    (size_t)event->kind < sizeof(types) / sizeof(types[0])
		? types[event->kind]
		: "?");
	put_body(&j, event);
	ndjson_close(&j, '}');
	if (size > 0)
		dst[j.len < size ? j.len : size - 1] = '\0';
	return j.len;
}
