/*
 * The ledger: what we believe is on the server, and how far a publish got.
 * Hub; no I/O: bytes in, bytes out.  Format: sandferry-ledger(5).
 *
 * A file of records that only grows.  Each record carries a check that covers
 * the check before it, so a ledger is one chain: the last check names its
 * whole history, and a copy that ends in it is a prefix.
 *
 *   "sandferry ledger 1\n", then records: u32 length of the body, u8 type,
 *   body, u8[8] check = the first 8 bytes of SHA-256(check before it || type
 *   || body); before the first record it is that of the magic line.
 */
#ifndef PUBLISH_LEDGER_H
#define PUBLISH_LEDGER_H

#include "base/buf.h"
#include "publish/plan.h"
#include "publish/tree.h"
#include "sandferry.h"

#define LEDGER_MAGIC "sandferry ledger 1\n"

enum { LEDGER_CHECK = 8 };

/* A release's number: 15 digits at most, which are a date and a time as well. */
#define LEDGER_RELEASE_MAX UINT64_C(999999999999999)

enum ledger_type {
	LEDGER_BEGIN = 1, /* u64 generation, u64 time, string machine, digest
			   * of the plan, u32 folders, u32 puts, u32
			   * removals, u32 waits */
	LEDGER_PUT, /* string path, digest, u64 size, u64 mtime, u32 mode,
		     * u32 wave */
	LEDGER_REMOVE, /* string path */
	LEDGER_STAGED, /* everything named by puts is staged and verified: the
			 * commit begins; u64 generation */
	LEDGER_END, /* the commit is complete; u64 generation */
	LEDGER_BASE, /* first in a compacted ledger: u64 generation, u64
			 * time, string machine, u32 puts; that many puts and
			 * waits follow and are what is live */
	LEDGER_FOLDER, /* string path: what is below it is staged as one */
	LEDGER_WAIT, /* as a put, then u64 generation, u64 time: a live file,
		      * and when it left the source; both 0: it is back */
	LEDGER_RELEASE, /* u64 number: the begin behind it makes this release
			 * and switches to it; see releases.h */
	LEDGER_RETURN, /* u64 number: the begin behind it switches to this
			* release, which is there; of a base: it is live */
};

enum ledger_state {
	LEDGER_CLEAN, /* ends in `end`, or is empty */
	LEDGER_STAGING, /* ends in a begin without `staged`: only stage */
	LEDGER_COMMITTING, /* `staged` without `end`: roll forward */
};

/* A publish that was completed. */
struct ledger_publish {
	uint64_t generation, time;
	char machine[64];
	size_t begin, end; /* of its records, in the bytes */
	uint64_t release; /* that it made live; 0: the site has none */
};

struct ledger {
	uint64_t generation; /* of the last begin or base; 0: none yet */
	uint64_t time; /* of that, seconds since 1970 */
	char machine[64];
	uint64_t ended; /* generation of the last publish that was completed,
			 * or of a base; 0: none */
	uint64_t release; /* that is live; 0: the site has none */
	uint64_t next; /* of the open publish; or 0 */
	bool makes_next; /* ... which it makes: it was not there before */
	struct tree live; /* what is on the server, sealed; in the state
				 * LEDGER_COMMITTING without the open commit */
	enum ledger_state state;
	struct tree folders; /* of the open publish: placed as a whole; sealed,
			      * paths only */
	struct tree puts; /* of the open publish, in written order */
	struct tree removals; /* of the open publish, paths only */
	struct tree waits; /* of the open publish: what left the source and
			    * stays, or came back */
	struct ledger_publish *history; /* what was not compacted away */
	size_t history_count;
	size_t end; /* bytes of whole records; torn bytes behind */
	size_t begin; /* where the open publish's begin record is */
	unsigned char check[LEDGER_CHECK]; /* of the last whole record */
};

void ledger_init(struct ledger *l);
void ledger_free(struct ledger *l);

/*
 * Parse a whole ledger.  An incomplete last record is a torn append and is
 * left out (l->end tells); anything else that is wrong is corrupt:
 * ferry_EDRIFT, id "ledger_corrupt".
 */
int ledger_parse(
    struct ledger *l, const void *bytes, size_t n, struct ferry_error *err);

/*
 * The same, but stop before the publish after `generation`: what was live when
 * that one was complete.  ferry_EDRIFT, id "ledger_history", when the ledger
 * does not reach back so far.
 */
int ledger_parse_until(struct ledger *l, const void *bytes, size_t n,
    uint64_t generation, struct ferry_error *err);

/*
 * Print records that continue the chain at check, which is moved on.  begin
 * prints the begin record and all that the plan does.
 * ledger_print_magic starts a ledger.  A release is printed right before the
 * begin that it belongs to; made: by that publish.
 */
void ledger_print_magic(struct buf *b, unsigned char check[LEDGER_CHECK]);
void ledger_print_release(struct buf *b, unsigned char check[LEDGER_CHECK],
    uint64_t release, bool made);
void ledger_print_begin(struct buf *b, unsigned char check[LEDGER_CHECK],
    uint64_t generation, uint64_t time, const char *machine,
    const struct plan *plan);
void ledger_print_staged(
    struct buf *b, unsigned char check[LEDGER_CHECK], uint64_t generation);
void ledger_print_end(
    struct buf *b, unsigned char check[LEDGER_CHECK], uint64_t generation);

/* A whole compacted ledger of these live files, in this release or 0. */
void ledger_print_base(struct buf *b, unsigned char check[LEDGER_CHECK],
    uint64_t generation, uint64_t time, const char *machine, uint64_t release,
    const struct tree *live);

/*
 * A whole compacted ledger that still tells of the last `keep` publishes: the
 * rest of these bytes, of which l was parsed.  False: out of memory.
 */
bool ledger_print_compact(struct buf *b, unsigned char check[LEDGER_CHECK],
    const struct ledger *l, const void *bytes, size_t n, size_t keep);

/* The chain: where it starts, and one link further. */
void ledger_chain_start(unsigned char check[LEDGER_CHECK]);
void ledger_chain(unsigned char check[LEDGER_CHECK], uint8_t type,
    const void *body, size_t n);

/* Worth compacting, keeping so many publishes: twice as large, and not small. */
bool ledger_is_fat(const struct ledger *l, size_t keep);

#endif
