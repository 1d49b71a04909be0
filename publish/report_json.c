/* One event as one line of JSON: NDJSON v1, sandferry(1).  Hub; no I/O. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/path.h"
#include "sandferry.h"

/* Output that goes on counting when it no longer fits. */
struct json {
	char *dst;
	size_t size, len;
	bool comma; /* a member stands before */
};

static void
put_char(struct json *j, char c)
{
	if (j->len + 1 < j->size)
		j->dst[j->len] = c;
	j->len++;
}

static void
put_raw(struct json *j, const char *s)
{
	while (*s != '\0')
		put_char(j, *s++);
}

/*
 * Bytes of the well-formed character at s, 0 when it is broken.
 */
static size_t
char_len(const char *s, size_t left)
{
	size_t n;

	for (n = 1; n <= 4 && n <= left; n++)
		if (path_utf8_ok(s, n))
			return n;
	return 0;
}

static void
put_text(struct json *j, const char *s)
{
	size_t left = strlen(s), n;
	unsigned char c;
	char hex[8];

	put_char(j, '"');
	for (; left > 0; s += n, left -= n) {
		c = (unsigned char)*s;
		n = 1;
		if (c == '"' || c == '\\') {
			put_char(j, '\\');
			put_char(j, *s);
		} else if (c < 0x20 || c == 0x7f) {
			snprintf(hex, sizeof(hex), "\\u%04x", c);
			put_raw(j, hex);
		} else if (c < 0x80) {
			put_char(j, *s);
		} else if ((n = char_len(s, left)) > 0) {
			for (size_t i = 0; i < n; i++)
				put_char(j, s[i]);
		} else {
			n = 1;
			put_raw(j, "\\ufffd");
		}
	}
	put_char(j, '"');
}

static void
put_key(struct json *j, const char *key)
{
	if (j->comma)
		put_char(j, ',');
	j->comma = true;
	put_char(j, '"');
	put_raw(j, key);
	put_raw(j, "\":");
}

static void
member_text(struct json *j, const char *key, const char *s)
{
	if (s == NULL)
		return;
	put_key(j, key);
	put_text(j, s);
}

static void
member_number(struct json *j, const char *key, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	put_key(j, key);
	put_raw(j, text);
}

static void
member_bool(struct json *j, const char *key, bool v)
{
	put_key(j, key);
	put_raw(j, v ? "true" : "false");
}

/* Milliseconds, printed without asking the locale for its decimal point. */
static void
member_seconds(struct json *j, double seconds)
{
	uint64_t ms = seconds > 0 ? (uint64_t)(seconds * 1000 + 0.5) : 0;
	char text[32];

	snprintf(text, sizeof(text), "%llu.%03u",
	    (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));
	put_key(j, "seconds");
	put_raw(j, text);
}

static void
put_base64(struct json *j, const char *s)
{
	size_t left = strlen(s), n;
	char text[8];

	put_char(j, '"');
	for (; left > 0; s += n, left -= n) {
		n = left < 3 ? left : 3;
		hash_base64(s, n, text);
		put_raw(j, text);
	}
	put_char(j, '"');
}

static void
member_path(struct json *j, const char *path)
{
	if (path == NULL)
		return;
	if (path_utf8_ok(path, strlen(path))) {
		member_text(j, "path", path);
	} else {
		put_key(j, "path_b64");
		put_base64(j, path);
	}
}

static void
begin_object(struct json *j)
{
	put_char(j, '{');
	j->comma = false;
}

static void
end_object(struct json *j)
{
	put_char(j, '}');
	j->comma = true;
}

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
put_progress(struct json *j, const struct ferry_event *e)
{
	member_text(j, "phase", phase_name(e->phase));
	member_number(j, "files_done", e->files_done);
	member_number(j, "files_total", e->files_total);
	member_number(j, "bytes_done", e->bytes_done);
	member_number(j, "bytes_total", e->bytes_total);
	member_path(j, e->path);
}

static void
put_step(struct json *j, const struct ferry_event *e)
{
	static const char *const names[] = { "add", "update", "remove", "skip",
		"wait" };

	member_text(
	    j, "change", (size_t)e->change < 5 ? names[e->change] : "?");
	member_path(j, e->path);
	member_number(j, "size_before", e->size_before);
	member_number(j, "size_after", e->size_after);
	member_text(j, "reason", e->text);
}

static void
put_error(struct json *j, const struct ferry_error *error)
{
	if (error == NULL)
		return;
	member_text(j, "id", error->id);
	member_number(j, "code", (uint64_t)error->code);
	member_text(j, "text", error->text);
	if (error->hint[0] != '\0')
		member_text(j, "hint", error->hint);
}

static void
put_finding(struct json *j, const char *key, const struct ferry_host_finding *f)
{
	if (f->path == NULL)
		return;
	put_key(j, key);
	begin_object(j);
	member_path(j, f->path);
	member_text(j, "verdict", verdict_name(f->verdict));
	if (f->line > 0) {
		member_number(j, "line", f->line);
		member_text(j, "key_type", f->type);
		member_text(j, "fingerprint", f->fingerprint);
	}
	end_object(j);
}

static void
put_certificate(struct json *j, const struct ferry_certificate *c)
{
	if (c == NULL)
		return;
	put_key(j, "certificate");
	begin_object(j);
	member_text(j, "subject", c->subject);
	member_text(j, "issuer", c->issuer);
	member_text(j, "names", c->names);
	member_number(j, "since", c->since > 0 ? (uint64_t)c->since : 0);
	member_number(j, "until", c->until > 0 ? (uint64_t)c->until : 0);
	member_bool(j, "chain_ok", c->chain_ok);
	member_bool(j, "name_ok", c->name_ok);
	member_text(j, "why", c->why);
	member_text(j, "version", c->version);
	end_object(j);
}

static void
put_host(struct json *j, const struct ferry_host_report *h)
{
	if (h == NULL)
		return;
	member_text(j, "host", h->host);
	member_number(j, "port", h->port);
	member_text(j, "key_type", h->type);
	member_text(j, "fingerprint", h->fingerprint);
	member_text(j, "verdict", verdict_name(h->verdict));
	member_bool(j, "from_fallback", h->from_fallback);
	member_bool(j, "pinned", h->pinned);
	put_finding(j, "own", &h->own);
	put_finding(j, "fallback", &h->fallback);
	put_finding(j, "system", &h->system);
	member_text(j, "line", h->line);
	member_number(j, "pins", h->pins);
	member_text(j, "command", h->command);
	put_certificate(j, h->certificate);
}

static void
put_host_entry(struct json *j, const struct ferry_host_entry *entry)
{
	static const char *const markers[] = { NULL, "revoked",
		"cert-authority" };

	if (entry == NULL)
		return;
	member_path(j, entry->path);
	member_number(j, "line", entry->line);
	member_text(j, "hosts", entry->hosts);
	member_bool(j, "hashed", entry->hashed);
	member_bool(j, "only_read", entry->only_read);
	member_text(j, "marker",
	    (size_t)entry->marker < 3 ? markers[entry->marker] : "?");
	member_text(j, "key_type", entry->type);
	member_text(j, "fingerprint", entry->fingerprint);
}

static void
put_grant(struct json *j, const struct ferry_grant *g)
{
	static const char *const states[] = { "good", "forged", "moved",
		"replaced", "unreadable", "sealed", "offered", "certificate" };

	if (g == NULL)
		return;
	member_text(j, "state", (size_t)g->state < 8 ? states[g->state] : "?");
	member_text(j, "url", g->url);
	member_path(j, g->key);
	member_text(j, "certificate", g->certificate);
	member_text(j, "key_type", g->type);
	member_text(j, "comment", g->comment);
	member_text(j, "fingerprint", g->fingerprint);
	member_text(j, "host_key", g->host_key);
	member_text(j, "made", g->made);
	member_text(j, "used", g->used);
}

/* What is known of it, and nothing else. */
static void
member_maybe(struct json *j, const char *key, int known)
{
	if (known >= 0)
		member_bool(j, key, known != 0);
}

static void
put_surroundings(struct json *j, const struct ferry_surroundings *s)
{
	if (s == NULL)
		return;
	member_text(j, "sandbox", s->sandbox);
	if (s->sandbox != NULL) {
		member_text(j, "name", s->name);
		member_text(j, "evidence", s->evidence);
		member_bool(j, "no_network", s->no_network);
	}
	member_number(j, "landlock", (uint64_t)s->landlock);
	member_bool(j, "seccomp", s->seccomp);
	member_maybe(j, "filtered", s->filtered);
	member_maybe(j, "no_new_privs", s->no_new_privs);
}

static void
put_right(struct json *j, const struct ferry_right *r)
{
	static const char *const enforced[] = { "no", "partly", "yes" };

	if (r == NULL)
		return;
	member_bool(j, "hub", r->hub);
	member_bool(j, "sftp", r->sftp);
	member_bool(j, "ftp", r->ftp);
	member_text(j, "kind", r->kind);
	member_text(j, "name", r->name);
	member_text(j, "access", r->access);
	member_path(j, r->path);
	member_text(j, "address", r->address);
	member_text(j, "why", r->why);
	member_text(j, "without", r->without);
	member_text(j, "enforced",
	    (size_t)r->enforced < 3 ? enforced[r->enforced] : "?");
	member_text(j, "by", r->by);
}

static void
put_question(struct json *j, const struct ferry_question *q)
{
	static const char *const names[] = { "host_key", "passphrase",
		"password", "grant", "confirm" };

	if (q == NULL)
		return;
	member_number(j, "question", q->id);
	member_text(j, "ask", (size_t)q->kind < 5 ? names[q->kind] : "?");
	member_text(j, "prompt", q->prompt);
	member_number(j, "attempt", q->attempt);
	member_bool(j, "echo", q->echo);
	put_host(j, q->host);
	put_grant(j, q->grant);
}

static void
put_summary(struct json *j, const struct ferry_event *e)
{
	const struct ferry_summary *s = e->summary;

	if (s == NULL)
		return;
	member_text(j, "outcome",
	    s->outcome == ferry_OK ? "ok"
		: e->error != NULL ? e->error->id
				   : "failed");
	member_number(j, "code", (uint64_t)s->outcome);
	if (s->outcome != ferry_OK && e->error != NULL) {
		member_text(j, "text", e->error->text);
		if (e->error->hint[0] != '\0')
			member_text(j, "hint", e->error->hint);
	}
	member_bool(j, "dry_run", s->dry_run);
	member_text(j, "target", s->target);
	member_text(j, "url", s->url);
	member_number(j, "generation", s->generation);
	member_number(j, "added", s->added);
	member_number(j, "changed", s->changed);
	member_number(j, "removed", s->removed);
	member_number(j, "unchanged", s->unchanged);
	member_number(j, "waiting", s->waiting);
	member_number(j, "waits_begun", s->waits_begun);
	member_number(j, "waits_ended", s->waits_ended);
	member_number(j, "sent", s->sent);
	member_number(j, "bytes_sent", s->bytes_sent);
	member_number(j, "bytes_planned", s->bytes_planned);
	member_seconds(j, s->seconds);
}

static void
put_wall(struct json *j, const char *key, const struct ferry_wall *w)
{
	if (w == NULL)
		return;
	put_key(j, key);
	begin_object(j);
	member_bool(j, "privileges", w->layers & ferry_WALL_PRIVILEGES);
	member_bool(j, "limits", w->layers & ferry_WALL_LIMITS);
	member_number(j, "landlock", (uint64_t)w->landlock);
	member_bool(j, "seccomp", w->layers & ferry_WALL_SECCOMP);
	end_object(j);
}

static void
put_receipt(struct json *j, const struct ferry_receipt *r)
{
	static const char *const modes[] = { "auto", "require", "off" };
	size_t i;

	if (r == NULL)
		return;
	member_text(
	    j, "confine", (size_t)r->confine < 3 ? modes[r->confine] : "?");
	put_wall(j, "self", r->self);
	put_wall(j, "worker", r->worker);
	member_text(j, "looked_up", r->looked_up);
	if (r->web_looked_up != NULL)
		member_text(j, "web_looked_up", r->web_looked_up);
	put_key(j, "endpoints");
	put_char(j, '[');
	j->comma = false;
	for (i = 0; i < r->endpoint_count; i++) {
		if (i > 0)
			put_char(j, ',');
		begin_object(j);
		member_text(j, "address", r->endpoints[i].address);
		member_number(j, "port", r->endpoints[i].port);
		member_bool(j, "connected", r->endpoints[i].connected);
		end_object(j);
	}
	put_char(j, ']');
	j->comma = true;
}

static void
put_check(struct json *j, const struct ferry_event *e)
{
	static const char *const states[] = { "ok", "warn", "fail", "skip" };
	const struct ferry_check *c = e->check;

	if (c == NULL)
		return;
	member_text(j, "group", c->group);
	member_text(j, "check", c->check);
	member_text(j, "state", (size_t)c->state < 4 ? states[c->state] : "?");
	member_text(j, "found", c->found);
	if (c->hint[0] != '\0')
		member_text(j, "hint", c->hint);
	if (e->error != NULL) {
		member_text(j, "id", e->error->id);
		member_number(j, "code", (uint64_t)e->error->code);
	}
}

static void
put_file(struct json *j, const struct ferry_event *e)
{
	static const char *const states[] = { "changed", "missing", "unknown",
		"pending", "stranger", "adopted", "differs", "absent" };

	member_text(j, "state",
	    (size_t)e->file_state < 8 ? states[e->file_state] : "?");
	member_path(j, e->path);
	member_number(j, "size_before", e->size_before);
	member_number(j, "size_after", e->size_after);
	member_text(j, "reason", e->text);
}

static void
put_status(struct json *j, const struct ferry_status *s)
{
	static const char *const progress[] = { "ended", "staging",
		"committing" };

	if (s == NULL)
		return;
	member_number(j, "generation", s->generation);
	member_number(j, "time", s->time > 0 ? (uint64_t)s->time : 0);
	member_text(j, "machine", s->machine);
	member_text(j, "progress",
	    (size_t)s->progress < 3 ? progress[s->progress] : "?");
	member_number(j, "files", s->files);
	member_number(j, "bytes", s->bytes);
	member_number(j, "same", s->same);
	member_number(j, "changed", s->changed);
	member_number(j, "missing", s->missing);
	member_number(j, "unknown", s->unknown);
	member_number(j, "pending", s->pending);
	member_number(j, "strangers", s->strangers);
	member_number(j, "left_files", s->left_files);
	member_number(j, "left_bytes", s->left_bytes);
	member_text(j, "owner", s->owner);
	if (s->owner == NULL)
		return;
	member_number(j, "locked", s->locked > 0 ? (uint64_t)s->locked : 0);
	if (s->age >= 0)
		member_number(j, "age", (uint64_t)s->age);
}

static void
put_log(struct json *j, const struct ferry_event *e)
{
	static const char *const names[] = { "error", "warning", "info",
		"debug", "trace" };

	member_text(j, "level",
	    e->log_level >= 0 && e->log_level < 5 ? names[e->log_level] : "?");
	member_text(j, "text", e->text);
}

static void
put_body(struct json *j, const struct ferry_event *e)
{
	switch (e->kind) {
	case ferry_EVENT_PHASE:
		member_text(j, "phase", phase_name(e->phase));
		break;
	case ferry_EVENT_PROGRESS:
		put_progress(j, e);
		break;
	case ferry_EVENT_STEP:
		put_step(j, e);
		break;
	case ferry_EVENT_NOTE:
		member_text(j, "text", e->text);
		break;
	case ferry_EVENT_WARNING:
	case ferry_EVENT_FAILURE:
		member_path(j, e->path);
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
	case ferry_EVENT_SUMMARY:
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
		member_text(j, "text", e->text);
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
	}
}

size_t
ferry_event_json(const struct ferry_event *event, char *dst, size_t size)
{
	static const char *const types[] = { "phase", "progress", "step",
		"note", "warning", "failure", "question", "host", "log",
		"summary", "host_entry", "grant", "surroundings", "right",
		"line", "wall", "check", "file", "status" };
	struct json j = { .dst = dst, .size = size };

	begin_object(&j);
	member_number(&j, "v", 1);
	member_text(&j, "type",
	    (size_t)event->kind < sizeof(types) / sizeof(types[0])
		? types[event->kind]
		: "?");
	put_body(&j, event);
	end_object(&j);
	if (size > 0)
		dst[j.len < size ? j.len : size - 1] = '\0';
	return j.len;
}
