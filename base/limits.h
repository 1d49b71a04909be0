/*
 * Every limit of the product in one place: what is refused above it, and why
 * it is that number.  Bytes unless said otherwise.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
	/* the door between hub and worker */
	LIMIT_MESSAGE = 64 * 1024, /* one message, header included */

	/* a worker's memory: libssh2 keeps every packet that nobody wants */
	LIMIT_WORKER_MEMORY = 256 * 1024 * 1024,
	/* and its addresses, libraries too: mapping them costs memory as well */
	LIMIT_WORKER_SPACE = 2 * LIMIT_WORKER_MEMORY,
	/* seconds of computing: far above any publish */
	LIMIT_WORKER_CPU = 48 * 3600,
	/* the same of one that looks at a few pages */
	LIMIT_HTTP_CPU = 60,

	/* SFTP: OpenSSH's own cap, PROTOCOL and sftp-common.h */
	LIMIT_SFTP_PACKET = 256 * 1024,
	LIMIT_SFTP_HANDLE = 256, /* draft-ietf-secsh-filexfer-02, 6.2 */

	/* a line that carries nothing: many NATs forget it after a minute, ms */
	LIMIT_IDLE = 30 * 1000,

	/* names */
	LIMIT_PATH = 4096, /* a path below the site's root */
	LIMIT_NAME = 255, /* one component of it */
	LIMIT_DEPTH = 128, /* folders inside folders */
	LIMIT_PAGE = 16 * 1024 * 1024, /* read for what it refers to */

	/* files that people write */
	LIMIT_SITE_FILE = 256 * 1024,
	LIMIT_ACCESS_FILE = 256 * 1024,
	LIMIT_SSH_CONFIG = 256 * 1024,
	LIMIT_INI_LINE = 16 * 1024, /* the longest url fits */
	LIMIT_KEY_FILE = 64 * 1024,
	LIMIT_KNOWN_HOSTS = 64 * 1024 * 1024,
	LIMIT_KNOWN_HOSTS_LINE = 64 * 1024, /* one that we write */
	LIMIT_SECRET = 1024, /* a passphrase or password */

	/* what a server may ask a user: a password, a code, and then some */
	LIMIT_PROMPTS = 8, /* at once */
	LIMIT_PROMPT_ROUNDS = 16, /* one after the other, in one login */
	LIMIT_BANNER = 1024, /* what it may say before the login */

	/* work that an encrypted key file may ask for: seconds, not hours */
	LIMIT_BCRYPT_ROUNDS = 2048, /* ssh-keygen -a; its default is 16 */
	LIMIT_PBKDF2_ROUNDS = 10 * 1000 * 1000, /* openssl -iter; 2048 */
	LIMIT_SCRYPT_WORK = 1 << 24, /* N * r * p; openssl's is 1 << 17 */

	/* SSH blobs: RSA 16384 fits, and a talkative authority's certificate */
	LIMIT_KEY_BLOB = 16 * 1024,
	LIMIT_SIGNATURE = 8 * 1024,
	LIMIT_KEX_REPLY = 35000, /* RFC 4253, 6.1: the largest packet */

	/* TLS: the bundle of a system is 200 KiB */
	LIMIT_AUTHORITIES = 4 * 1024 * 1024,
	LIMIT_CERTIFICATE = 16 * 1024, /* one, DER */
	LIMIT_CLIENT_CHAIN = 32 * 1024, /* ours, and its authorities' */
	LIMIT_HANDSHAKE = 44 * 1024, /* with a key it fits through the door */

	/* what is kept of the runs of a site: a first publish of 20,000 files */
	LIMIT_RUNS_KEPT = 50,
	LIMIT_RUN_LOG = 4 * 1024 * 1024, /* of one; its end may come on top */
	LIMIT_RUN_LINE = 64 * 1024, /* a path of 4,096 bytes, escaped, fits */
	LIMIT_RUN_PROGRESS = 10 * 1000, /* milliseconds from one to the next */

	/* a look at what visitors see: one page, or what stands in for it */
	LIMIT_HTTP = 64 * 1024,
	LIMIT_REDIRECTS = 4,

	/* ledger */
	LIMIT_LEDGER_RECORD = 16 * 1024,
	LIMIT_LEDGER = 256 * 1024 * 1024,
};

#endif
