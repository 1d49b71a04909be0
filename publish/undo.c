/* Find what was live before a publish, in the ledger's history.  Hub. */
#include "publish/undo.h"

#include <string.h>

#include "base/err.h"
#include "publish/kept.h"
#include "publish/releases.h"

static int
judge_server(struct transfer *t, struct ferry_error *err)
{
	if (far_is_ftp(&t->far))
		err_set(err, ferry_EDENIED, "undo_unavailable",
		    "over FTP no old versions are kept, so nothing can be "
		    "undone");
	else if (!releases_wanted(t) && !kept_can(&t->far))
		err_set(err, ferry_EDENIED, "undo_unavailable",
		    "the server has no hard links and makes no copies, so no "
		    "old versions are kept, and nothing can be undone");
	else
		return 0;
	err_hint(err, "Publish an older state of the source instead.");
	return -ferry_EDENIED;
}

static int
no_such_publish(
    const struct ledger *l, uint64_t generation, struct ferry_error *err)
{
	err_set(err, ferry_EUSAGE, "no_such_publish",
	    "publish %llu is not in the history of this site, which goes from "
	    "%llu to %llu",
	    (unsigned long long)generation,
	    (unsigned long long)l->history[0].generation,
	    (unsigned long long)l->history[l->history_count - 1].generation);
	err_hint(err, "Leave the number out to undo the last one.");
	return -ferry_EUSAGE;
}

int
undo_find(struct transfer *t, uint64_t generation, struct ledger *then,
    struct ferry_error *err)
{
	const struct record *r = &t->record;
	const struct ledger *l = &r->ledger;
	size_t i = l->history_count;
	int rc = judge_server(t, err);

	if (rc != 0)
		return rc;
	if (i == 0)
		return err_set(err, ferry_EUSAGE, "nothing_to_undo",
		    "nothing that was published here can be undone");
	while (i-- > 0)
		if (generation == 0 || l->history[i].generation == generation)
			return ledger_parse(
			    then, r->bytes.data, l->history[i].begin, err);
	return no_such_publish(l, generation, err);
}
