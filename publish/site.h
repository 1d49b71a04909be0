/*
 * The site: what to publish and where, from sandferry.ini(5) or set key by
 * key.  Hub.  One table of keys serves the file, ferry_site_set() and the
 * manual; an unknown key is an error with file:line and a suggestion.
 */
#ifndef PUBLISH_SITE_H
#define PUBLISH_SITE_H

#include "base/glob.h"
#include "base/hash.h"
#include "sandferry.h"

enum site_scheme { SITE_SFTP, SITE_FTP, SITE_FTPS, SITE_FILE };
enum site_symlinks { SITE_FOLLOW, SITE_SKIP };
enum site_layout { SITE_FLAT, SITE_RELEASES }; /* see releases.h */
enum site_compression {
	SITE_COMPRESS_AUTO, /* see line.h */
	SITE_COMPRESS_YES,
	SITE_COMPRESS_NO,
};
/* What texts are compressed to, beforehand. */
enum site_form { SITE_GZIP, SITE_BROTLI, SITE_FORMS };
/* What is on the server is not as we left it: */
enum site_drift { SITE_DRIFT_STOP, SITE_DRIFT_KEEP, SITE_DRIFT_OVERWRITE };

enum { SITE_MAX_PINS = 16, SITE_MAX_CONNECTIONS = 8 };

struct site_url {
	enum site_scheme scheme;
	char *user; /* NULL: the login name of the user */
	char *host; /* without brackets */
	unsigned port; /* the scheme's default filled in */
	char *path; /* as the server gets it: "/abs/olute", or "below/the/
			 * login/folder" for /~/..., "." for /~; no final '/' */
	char *text; /* canonical, for people: sftp://user@[::1]:2222/path */
};

struct ferry_site {
	char *file; /* of the site file, or NULL */
	char *target; /* "production", or "" */
	char *source; /* absolute path of the folder to publish */
	int source_fd; /* the same, open, goes first; or -1.  Not the site's */
	struct site_url url;
	char pins[SITE_MAX_PINS][HASH_FINGERPRINT_SIZE];
	unsigned pin_count;
	char tls_pins[SITE_MAX_PINS][HASH_FINGERPRINT_SIZE];
	unsigned tls_pin_count;
	enum site_compression compression; /* of the SSH connection */
	unsigned connections; /* FTP; 0: as many as help */
	struct glob_list exclude;
	enum site_symlinks symlinks;
	enum site_layout layout;
	bool precompress[SITE_FORMS]; /* see sidecar.h */
	enum site_drift drift;
	unsigned keep; /* publishes that can be undone; 3 */
	uint64_t keep_bytes; /* for them; 1 GiB */
	unsigned grace_publishes, grace_days; /* one of both, or neither */
	char *remote_state; /* our folder there, as url.path; NULL: in it */
	bool durable; /* fsync on the server */
	bool keep_times; /* FTP: a round trip for each file */
	bool allow_empty; /* an empty source is meant */
	bool strict_links; /* refuse references to files that are not there */
	char *site_url; /* where visitors see it, "https://host/", or NULL */
	bool hash_known_hosts;
	unsigned file_mode, dir_mode; /* 0644, 0755 */
	unsigned connect_seconds; /* 15 */
	unsigned silence_seconds; /* 30 */
	unsigned max_removals; /* 20 */
	unsigned max_removals_percent; /* 10 */
};

/* Everything that must be there is there: source, url, a user, ... */
int site_judge(const struct ferry_site *site, struct ferry_error *err);

/* Is it a server that speaks FTP, with or without TLS? */
bool site_is_ftp(const struct ferry_site *site);

/* Or is it a folder of this machine? */
bool site_is_folder(const struct ferry_site *site);
/* Where the far side's paths begin: url.path, or "." in a folder. */
const char *site_root(const struct ferry_site *site);

/* curl's path rules; percent-decoding; passwords in a URL are refused. */
int
site_parse_url(struct site_url *out, const char *text, struct ferry_error *err);
/* The same without the source. */
int site_judge_remote(const struct ferry_site *site, struct ferry_error *err);
void site_free_url(struct site_url *url);

/*
 * Take the keys of this target (NULL: the only one, or the default) from the
 * text of a site file.  name stands before the line number in errors; relative
 * paths are taken from the folder base (NULL: there may be none).
 */
int site_parse(struct ferry_site *site, const char *text, size_t n,
    const char *name, const char *base, const char *target,
    struct ferry_error *err);

/* Is there a source?  What it is called: its path, or "the source". */
bool site_has_source(const struct ferry_site *site);
const char *site_source_label(const struct ferry_site *site);

/* A folder name for the state of this url: readable and unique. */
void site_state_name(const struct ferry_site *site, char *dst, size_t size);

/* The same for its source, within that folder: "source-0123456789abcdef". */
enum { SITE_SOURCE_NAME = 32 };
void
site_source_name(const struct ferry_site *site, char dst[SITE_SOURCE_NAME]);

#endif
