/*
 * Keep an event beyond its callback: a copy, all the way down.  Hub.
 *
 * A new pointer in one of the public structs gets its line here; the test of
 * this file compares what is printed of an event and of its copy.
 */
#include "publish/event_copy.h"

#include <string.h>

struct copying {
	struct arena *arena;
	bool failed; /* out of memory; said at the end */
};

/* n bytes, or NULL for NULL. */
static void *
bytes(struct copying *c, const void *from, size_t n)
{
	void *to;

	if (from == NULL || n == 0)
		return NULL;
	to = arena_alloc(c->arena, n);
	if (to == NULL) {
		c->failed = true;
		return NULL;
	}
	return memcpy(to, from, n);
}

static void
text(struct copying *c, const char **s)
{
	if (*s == NULL)
		return;
	*s = arena_copy(c->arena, *s, strlen(*s));
	if (*s == NULL)
		c->failed = true;
}

#define STRUCT(c, from) bytes(c, from, sizeof(*(from)))

static void
finding(struct copying *c, struct ferry_host_finding *f)
{
	text(c, &f->path);
	text(c, &f->type);
	text(c, &f->fingerprint);
}

static const struct ferry_certificate *
certificate(struct copying *c, const struct ferry_certificate *from)
{
	struct ferry_certificate *to = STRUCT(c, from);

	if (to == NULL)
		return NULL;
	text(c, &to->subject);
	text(c, &to->issuer);
	text(c, &to->names);
	text(c, &to->why);
	text(c, &to->version);
	return to;
}

static const struct ferry_host_report *
host(struct copying *c, const struct ferry_host_report *from)
{
	struct ferry_host_report *to = STRUCT(c, from);

	if (to == NULL)
		return NULL;
	text(c, &to->host);
	text(c, &to->type);
	text(c, &to->fingerprint);
	finding(c, &to->own);
	finding(c, &to->fallback);
	finding(c, &to->system);
	text(c, &to->line);
	text(c, &to->command);
	to->certificate = certificate(c, from->certificate);
	return to;
}

static const struct ferry_host_entry *
entry(struct copying *c, const struct ferry_host_entry *from)
{
	struct ferry_host_entry *to = STRUCT(c, from);

	if (to == NULL)
		return NULL;
	text(c, &to->path);
	text(c, &to->hosts);
	text(c, &to->type);
	text(c, &to->fingerprint);
	return to;
}

static const struct ferry_grant *
grant(struct copying *c, const struct ferry_grant *from)
{
	struct ferry_grant *to = STRUCT(c, from);

	if (to == NULL)
		return NULL;
	text(c, &to->url);
	text(c, &to->key);
	text(c, &to->certificate);
	text(c, &to->type);
	text(c, &to->comment);
	text(c, &to->fingerprint);
	text(c, &to->host_key);
	text(c, &to->made);
	text(c, &to->used);
	text(c, &to->folder);
	return to;
}

static const struct ferry_question *
question(struct copying *c, const struct ferry_question *from)
{
	struct ferry_question *to = STRUCT(c, from);

	if (to == NULL)
		return NULL;
	text(c, &to->prompt);
	to->host = host(c, from->host);
	to->grant = grant(c, from->grant);
	text(c, &to->key);
	text(c, &to->fingerprint);
	text(c, &to->account);
	text(c, &to->asked);
	return to;
}

static const struct ferry_summary *
summary(struct copying *c, const struct ferry_summary *from)
{
	struct ferry_summary *to = STRUCT(c, from);

	if (to == NULL)
		return NULL;
	text(c, &to->target);
	text(c, &to->url);
	text(c, &to->plan.url);
	return to;
}

static const struct ferry_surroundings *
surroundings(struct copying *c, const struct ferry_surroundings *from)
{
	struct ferry_surroundings *to = STRUCT(c, from);

	if (to == NULL)
		return NULL;
	text(c, &to->sandbox);
	text(c, &to->name);
	text(c, &to->evidence);
	return to;
}

static const struct ferry_right *
right(struct copying *c, const struct ferry_right *from)
{
	struct ferry_right *to = STRUCT(c, from);

	if (to == NULL)
		return NULL;
	text(c, &to->kind);
	text(c, &to->name);
	text(c, &to->access);
	text(c, &to->path);
	text(c, &to->address);
	text(c, &to->why);
	text(c, &to->without);
	text(c, &to->by);
	return to;
}

static const struct ferry_receipt *
receipt(struct copying *c, const struct ferry_receipt *from)
{
	struct ferry_receipt *to = STRUCT(c, from);
	struct ferry_endpoint *e;

	if (to == NULL)
		return NULL;
	to->self = STRUCT(c, from->self);
	to->worker = STRUCT(c, from->worker);
	text(c, &to->looked_up);
	text(c, &to->web_looked_up);
	e = bytes(c, from->endpoints, from->endpoint_count * sizeof(*e));
	for (size_t i = 0; e != NULL && i < from->endpoint_count; i++)
		text(c, &e[i].address);
	to->endpoints = e;
	to->host = host(c, from->host);
	if (e == NULL)
		to->endpoint_count = 0;
	return to;
}

static const struct ferry_check *
check(struct copying *c, const struct ferry_check *from)
{
	struct ferry_check *to = STRUCT(c, from);

	if (to == NULL)
		return NULL;
	text(c, &to->group);
	text(c, &to->check);
	text(c, &to->found);
	text(c, &to->hint);
	return to;
}

static const struct ferry_status *
status(struct copying *c, const struct ferry_status *from)
{
	struct ferry_status *to = STRUCT(c, from);

	if (to == NULL)
		return NULL;
	text(c, &to->machine);
	text(c, &to->owner);
	return to;
}

static const struct ferry_run *
run(struct copying *c, const struct ferry_run *from)
{
	struct ferry_run *to = STRUCT(c, from);

	if (to == NULL)
		return NULL;
	text(c, &to->verb);
	text(c, &to->version);
	text(c, &to->url);
	return to;
}

static const struct ferry_step *
step(struct copying *c, const struct ferry_step *from)
{
	struct ferry_step *to = STRUCT(c, from);

	if (to != NULL)
		text(c, &to->sha256);
	return to;
}

const struct ferry_event *
event_copy(const struct ferry_event *from, struct arena *a)
{
	struct copying c = { .arena = a };
	struct ferry_event *to = STRUCT(&c, from);

	if (to == NULL)
		return NULL;
	text(&c, &to->path);
	text(&c, &to->text);
	to->error = STRUCT(&c, from->error);
	to->question = question(&c, from->question);
	to->host = host(&c, from->host);
	to->summary = summary(&c, from->summary);
	to->entry = entry(&c, from->entry);
	to->grant = grant(&c, from->grant);
	to->surroundings = surroundings(&c, from->surroundings);
	to->right = right(&c, from->right);
	to->receipt = receipt(&c, from->receipt);
	to->check = check(&c, from->check);
	to->status = status(&c, from->status);
	to->run = run(&c, from->run);
	to->step = step(&c, from->step);
	return c.failed ? NULL : to;
}
