/*
 * SFTP version 3 packets (draft-ietf-secsh-filexfer-02; extensions: OpenSSH
 * PROTOCOL, section 4).  Worker.  Printing requests, parsing replies; no I/O
 * and no state.
 */
#ifndef REMOTE_SFTP_MSG_H
#define REMOTE_SFTP_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	SFTP_VERSION = 3,
	SFTP_HEADER = 9, /* u32 length, u8 type, u32 id */
	/* what a WRITE costs beside handle and data */
	SFTP_WRITE_OVERHEAD = SFTP_HEADER + 4 + 8 + 4,
};

enum sftp_type {
	SSH_FXP_INIT = 1,
	SSH_FXP_VERSION = 2,
	SSH_FXP_OPEN = 3,
	SSH_FXP_CLOSE = 4,
	SSH_FXP_READ = 5,
	SSH_FXP_WRITE = 6,
	SSH_FXP_LSTAT = 7,
	SSH_FXP_FSTAT = 8,
	SSH_FXP_SETSTAT = 9,
	SSH_FXP_FSETSTAT = 10,
	SSH_FXP_OPENDIR = 11,
	SSH_FXP_READDIR = 12,
	SSH_FXP_REMOVE = 13,
	SSH_FXP_MKDIR = 14,
	SSH_FXP_RMDIR = 15,
	SSH_FXP_STAT = 17,
	SSH_FXP_RENAME = 18,
	SSH_FXP_READLINK = 19,
	SSH_FXP_SYMLINK = 20,
	SSH_FXP_STATUS = 101,
	SSH_FXP_HANDLE = 102,
	SSH_FXP_DATA = 103,
	SSH_FXP_NAME = 104,
	SSH_FXP_ATTRS = 105,
	SSH_FXP_EXTENDED = 200,
	SSH_FXP_EXTENDED_REPLY = 201,
};

enum sftp_status {
	SSH_FX_OK = 0,
	SSH_FX_EOF = 1,
	SSH_FX_NO_SUCH_FILE = 2,
	SSH_FX_PERMISSION_DENIED = 3,
	SSH_FX_FAILURE = 4,
	SSH_FX_BAD_MESSAGE = 5,
	SSH_FX_OP_UNSUPPORTED = 8,
};

enum sftp_open_flag {
	SSH_FXF_READ = 0x01,
	SSH_FXF_WRITE = 0x02,
	SSH_FXF_CREAT = 0x08,
	SSH_FXF_TRUNC = 0x10,
	SSH_FXF_EXCL = 0x20,
};

enum sftp_attr_flag {
	SSH_FILEXFER_ATTR_SIZE = 0x01,
	SSH_FILEXFER_ATTR_UIDGID = 0x02,
	SSH_FILEXFER_ATTR_PERMISSIONS = 0x04,
	SSH_FILEXFER_ATTR_ACMODTIME = 0x08,
};

struct sftp_attrs {
	uint32_t flags; /* which of these are there */
	uint64_t size;
	uint32_t permissions, atime, mtime;
};

struct sftp_blob {
	const unsigned char *p; /* into the packet */
	size_t n;
};

/* A whole request, appended to b. */
void sftp_msg_init(struct buf *b);
void sftp_msg_open(struct buf *b, uint32_t id, const char *path, uint32_t flags,
    uint32_t mode);
void sftp_msg_path(struct buf *b, uint32_t id, enum sftp_type type,
    const char *path); /* LSTAT STAT OPENDIR REMOVE RMDIR READLINK */
void sftp_msg_mode(struct buf *b, uint32_t id, enum sftp_type type,
    const char *path, uint32_t mode); /* MKDIR SETSTAT */
void
sftp_msg_rename(struct buf *b, uint32_t id, const char *from, const char *to);
/*
 * The draft has the link first.  OpenSSH got it the wrong way round and kept it
 * (PROTOCOL, 4.1), and so do servers that want to be of use with it.
 */
void sftp_msg_symlink(
    struct buf *b, uint32_t id, const char *held, const char *link);
void sftp_msg_handle(struct buf *b, uint32_t id, enum sftp_type type,
    struct sftp_blob handle); /* FSTAT READDIR CLOSE */
void sftp_msg_read(struct buf *b, uint32_t id, struct sftp_blob handle,
    uint64_t offset, uint32_t length);
/* A WRITE but for its last `length` bytes, which the caller appends. */
void sftp_msg_write(struct buf *b, uint32_t id, struct sftp_blob handle,
    uint64_t offset, uint32_t length);
void sftp_msg_fsetstat(struct buf *b, uint32_t id, struct sftp_blob handle,
    const struct sftp_attrs *attrs);
/* "name", then one or two strings (b NULL: one; both NULL: none). */
void sftp_msg_extended(struct buf *b, uint32_t id, const char *name,
    const struct sftp_blob *first, const struct sftp_blob *second);

/* copy-data: so many bytes, at the same offset in both. */
void sftp_msg_copy(struct buf *b, uint32_t id, struct sftp_blob from,
    uint64_t offset, uint64_t length, struct sftp_blob to);

/*
 * Is there a whole packet at p?  Its size with the length field; 0: not yet;
 * -1: a length that no honest server sends.
 */
long sftp_msg_frame(const unsigned char *p, size_t n);

struct sftp_reply {
	uint8_t type; /* STATUS HANDLE DATA NAME ATTRS
				 * EXTENDED_REPLY, or VERSION */
	uint32_t id; /* VERSION: the version */
	uint32_t status; /* STATUS */
	uint32_t count; /* NAME: how many follow in rest */
	struct sftp_blob blob; /* STATUS text, HANDLE, DATA */
	struct sftp_attrs attrs; /* ATTRS */
	struct buf_reader rest; /* NAME, EXTENDED_REPLY, VERSION */
};

/* Parse one whole packet (with its length field).  False: malformed. */
bool sftp_msg_parse(const unsigned char *p, size_t n, struct sftp_reply *out);

/* The next name of a NAME reply; false when malformed or none is left. */
bool sftp_msg_next_name(
    struct sftp_reply *r, struct sftp_blob *name, struct sftp_attrs *attrs);

/* The next extension pair of a VERSION reply. */
bool sftp_msg_next_extension(
    struct sftp_reply *r, struct sftp_blob *name, struct sftp_blob *value);

#endif
