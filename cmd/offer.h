/* What may be typed next on a command line of ours. */
#ifndef CMD_OFFER_H
#define CMD_OFFER_H

/*
 * Print what the shells' completion asks for.  words: what was typed behind the
 * command, the last one (it may be "") up to the cursor; ends in NULL.  The
 * first line is "words", "files" or "folders": what to look for besides; each
 * further one a word that begins as the last one does, a tab, and a few words
 * about it, or none.  Never fails and never connects; what it cannot find out
 * is not offered.
 */
void offer_print(char *const words[]);

#endif
