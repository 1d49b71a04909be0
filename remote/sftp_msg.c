/* SFTP version 3 packets: print requests, parse replies.  Worker. */
#include "remote/sftp_msg.h"

#include <string.h>

#include "base/limits.h"

/* Begin a packet; its length is filled in by end(). */
static size_t
begin(struct buf *b, enum sftp_type type, uint32_t id)
{
	size_t at = b->len;

	buf_put_u32(b, 0);
	buf_put_u8(b, type);
	buf_put_u32(b, id);
	return at;
}

static void
end(struct buf *b, size_t at, size_t to_follow)
{
	size_t n;

	if (!buf_ok(b))
		return;
	n = b->len - at - 4 + to_follow;
	b->data[at] = (unsigned char)(n >> 24);
	b->data[at + 1] = (unsigned char)(n >> 16);
	b->data[at + 2] = (unsigned char)(n >> 8);
	b->data[at + 3] = (unsigned char)n;
}

static void
put_mode(struct buf *b, uint32_t mode)
{
	buf_put_u32(b, SSH_FILEXFER_ATTR_PERMISSIONS);
	buf_put_u32(b, mode);
}

void
sftp_msg_init(struct buf *b)
{
	end(b, begin(b, SSH_FXP_INIT, SFTP_VERSION), 0);
}

void
sftp_msg_open(
    struct buf *b, uint32_t id, const char *path, uint32_t flags, uint32_t mode)
{
	size_t at = begin(b, SSH_FXP_OPEN, id);

	buf_put_cstring(b, path);
	buf_put_u32(b, flags);
	if (flags & SSH_FXF_CREAT)
		put_mode(b, mode);
	else
		buf_put_u32(b, 0);
	end(b, at, 0);
}

void
sftp_msg_path(struct buf *b, uint32_t id, enum sftp_type type, const char *path)
{
	size_t at = begin(b, type, id);

	buf_put_cstring(b, path);
	end(b, at, 0);
}

void
sftp_msg_mode(struct buf *b, uint32_t id, enum sftp_type type, const char *path,
    uint32_t mode)
{
	size_t at = begin(b, type, id);

	buf_put_cstring(b, path);
	put_mode(b, mode);
	end(b, at, 0);
}

void
sftp_msg_rename(struct buf *b, uint32_t id, const char *from, const char *to)
{
	size_t at = begin(b, SSH_FXP_RENAME, id);

	buf_put_cstring(b, from);
	buf_put_cstring(b, to);
	end(b, at, 0);
}

void
sftp_msg_symlink(struct buf *b, uint32_t id, const char *held, const char *link)
{
	size_t at = begin(b, SSH_FXP_SYMLINK, id);

	buf_put_cstring(b, held);
	buf_put_cstring(b, link);
	end(b, at, 0);
}

void
sftp_msg_handle(
    struct buf *b, uint32_t id, enum sftp_type type, struct sftp_blob handle)
{
	size_t at = begin(b, type, id);

	buf_put_string(b, handle.p, handle.n);
	end(b, at, 0);
}

void
sftp_msg_read(struct buf *b, uint32_t id, struct sftp_blob handle,
    uint64_t offset, uint32_t length)
{
	size_t at = begin(b, SSH_FXP_READ, id);

	buf_put_string(b, handle.p, handle.n);
	buf_put_u64(b, offset);
	buf_put_u32(b, length);
	end(b, at, 0);
}

void
sftp_msg_write(struct buf *b, uint32_t id, struct sftp_blob handle,
    uint64_t offset, uint32_t length)
{
	size_t at = begin(b, SSH_FXP_WRITE, id);

	buf_put_string(b, handle.p, handle.n);
	buf_put_u64(b, offset);
	buf_put_u32(b, length);
	end(b, at, length);
}

void
sftp_msg_fsetstat(struct buf *b, uint32_t id, struct sftp_blob handle,
    const struct sftp_attrs *attrs)
{
	size_t at = begin(b, SSH_FXP_FSETSTAT, id);

	buf_put_string(b, handle.p, handle.n);
	buf_put_u32(b, attrs->flags);
	if (attrs->flags & SSH_FILEXFER_ATTR_SIZE)
		buf_put_u64(b, attrs->size);
	if (attrs->flags & SSH_FILEXFER_ATTR_PERMISSIONS)
		buf_put_u32(b, attrs->permissions);
	if (attrs->flags & SSH_FILEXFER_ATTR_ACMODTIME) {
		buf_put_u32(b, attrs->atime);
		buf_put_u32(b, attrs->mtime);
	}
	end(b, at, 0);
}

void
sftp_msg_extended(struct buf *b, uint32_t id, const char *name,
    const struct sftp_blob *first, const struct sftp_blob *second)
{
	size_t at = begin(b, SSH_FXP_EXTENDED, id);

	buf_put_cstring(b, name);
	if (first != NULL)
		buf_put_string(b, first->p, first->n);
	if (second != NULL)
		buf_put_string(b, second->p, second->n);
	end(b, at, 0);
}

void
sftp_msg_copy(struct buf *b, uint32_t id, struct sftp_blob from,
    uint64_t offset, uint64_t length, struct sftp_blob to)
{
	size_t at = begin(b, SSH_FXP_EXTENDED, id);

	buf_put_cstring(b, "copy-data");
	buf_put_string(b, from.p, from.n);
	buf_put_u64(b, offset);
	buf_put_u64(b, length);
	buf_put_string(b, to.p, to.n);
	buf_put_u64(b, offset);
	end(b, at, 0);
}

long
sftp_msg_frame(const unsigned char *p, size_t n)
{
	struct buf_reader r = buf_read(p, n);
	uint32_t length = buf_get_u32(&r);

	if (r.bad)
		return 0;
	if (length < 5 || length > LIMIT_SFTP_PACKET)
		return -1;
	return n - 4 >= length ? (long)length + 4 : 0;
}

static void
get_attrs(struct buf_reader *r, struct sftp_attrs *a)
{
	uint32_t extended;
	size_t n;

	memset(a, 0, sizeof *a);
	a->flags = buf_get_u32(r);
	if (a->flags & SSH_FILEXFER_ATTR_SIZE)
		a->size = buf_get_u64(r);
	if (a->flags & SSH_FILEXFER_ATTR_UIDGID)
		(void)buf_get_u64(r);
	if (a->flags & SSH_FILEXFER_ATTR_PERMISSIONS)
		a->permissions = buf_get_u32(r);
	if (a->flags & SSH_FILEXFER_ATTR_ACMODTIME) {
		a->atime = buf_get_u32(r);
		a->mtime = buf_get_u32(r);
	}
	if ((a->flags & 0x80000000) == 0)
		return;
	for (extended = buf_get_u32(r); extended > 0 && !r->bad; extended--) {
		(void)buf_get_string(r, &n, LIMIT_SFTP_PACKET);
		(void)buf_get_string(r, &n, LIMIT_SFTP_PACKET);
	}
}

static struct sftp_blob
get_blob(struct buf_reader *r, size_t max)
{
	struct sftp_blob b;

	b.p = buf_get_string(r, &b.n, max);
	return b;
}

bool
sftp_msg_parse(const unsigned char *p, size_t n, struct sftp_reply *out)
{
	struct buf_reader r = buf_read(p, n);

	memset(out, 0, sizeof *out);
	(void)buf_get_u32(&r);
	out->type = buf_get_u8(&r);
	out->id = buf_get_u32(&r);
	switch (out->type) {
	case SSH_FXP_STATUS:
		out->status = buf_get_u32(&r);
		/* the text and its language are missing in old servers */
		if (!r.bad && r.left == 0)
			return true;
		out->blob = get_blob(&r, LIMIT_SFTP_PACKET);
		if (!r.bad && r.left == 0)
			return true;
		(void)get_blob(&r, LIMIT_SFTP_PACKET);
		return buf_get_end(&r);
	case SSH_FXP_HANDLE:
		out->blob = get_blob(&r, LIMIT_SFTP_HANDLE);
		return buf_get_end(&r) && out->blob.n > 0;
	case SSH_FXP_DATA:
		out->blob = get_blob(&r, LIMIT_SFTP_PACKET);
		return buf_get_end(&r);
	case SSH_FXP_ATTRS:
		get_attrs(&r, &out->attrs);
		return buf_get_end(&r);
	case SSH_FXP_NAME:
		out->count = buf_get_u32(&r);
		out->rest = r;
		/* a name takes two strings and flags: 12 bytes at least */
		return !r.bad && out->count <= r.left / 12;
	case SSH_FXP_EXTENDED_REPLY:
	case SSH_FXP_VERSION:
		out->rest = r;
		return !r.bad;
	default:
		return false;
	}
}

bool
sftp_msg_next_name(
    struct sftp_reply *r, struct sftp_blob *name, struct sftp_attrs *attrs)
{
	if (r->count == 0)
		return false;
	r->count--;
	*name = get_blob(&r->rest, LIMIT_SFTP_PACKET);
	(void)get_blob(&r->rest, LIMIT_SFTP_PACKET); /* ls -l's line */
	get_attrs(&r->rest, attrs);
	return !r->rest.bad && (r->count > 0 || r->rest.left == 0);
}

bool
sftp_msg_next_extension(
    struct sftp_reply *r, struct sftp_blob *name, struct sftp_blob *value)
{
	if (r->rest.bad || r->rest.left == 0)
		return false;
	*name = get_blob(&r->rest, LIMIT_SFTP_PACKET);
	*value = get_blob(&r->rest, LIMIT_SFTP_PACKET);
	return !r->rest.bad;
}
