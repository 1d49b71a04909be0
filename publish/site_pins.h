/* Fingerprints of servers' keys, as a site or its user writes them.  Hub. */
#ifndef PUBLISH_SITE_PINS_H
#define PUBLISH_SITE_PINS_H

#include "publish/site.h"

/* Is it "SHA256:" and 43 digits?  ferry_EUSAGE says what is wrong. */
int site_judge_fingerprint(const char *value, struct ferry_error *err);

/*
 * One more, unless it is there.  key is the setting's name, for errors:
 * ferry_EUSAGE where the value is none, or there are SITE_MAX_PINS already.
 */
int site_add_pin(char pins[][HASH_FINGERPRINT_SIZE], unsigned *count,
    const char *key, const char *value, struct ferry_error *err);

#endif
