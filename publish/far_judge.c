/* What became of a step, as an error with its hint.  Hub; one table. */
#include <errno.h>

#include "base/err.h"
#include "publish/far.h"

/* What each result means to the caller; the words stand behind the colon. */
static const struct {
	enum ferry_code code;
	const char *id, *words, *hint;
} results[] = {
	[RESULT_OK] = { ferry_OK, "", "", "" },
	[RESULT_ABSENT] = { ferry_EDENIED, "remote_absent",
	    "no such file or folder on the server",
	    "Does somebody else change the site? Run it again." },
	[RESULT_DENIED] = { ferry_EDENIED, "remote_denied",
	    "permission denied by the server",
	    "Check the owner and mode on the server." },
	[RESULT_FAILED] = { ferry_EDENIED, "remote_failed",
	    "the server could not do it",
	    "Check for a full disk, a quota or a read-only file system on the "
	    "server." },
	[RESULT_UNSUPPORTED] = { ferry_EDENIED, "remote_unsupported",
	    "the server does not support it",
	    "Ask the provider for a server that does, as OpenSSH's for SFTP." },
	[RESULT_SHORT] = { ferry_EVERIFY, "remote_short",
	    "the server holds fewer or more bytes than were sent",
	    "Run it again." },
	[RESULT_SOURCE] = { ferry_ESOURCE, "source_torn",
	    "the file changed or could not be read while it was sent",
	    "Run it again when nothing writes to the source." },
	[RESULT_SKIPPED] = { ferry_ELOST, "not_tried",
	    "the session ended before", "Run it again to resume." },
	[RESULT_EXISTS] = { ferry_EDENIED, "remote_exists",
	    "it is there already",
	    "Does somebody else change the site? Run it again." },
	[RESULT_FULL] = { ferry_EFULL, "remote_full",
	    "the server's disk or quota is full",
	    "Make room on the server, then run it again." },
	[RESULT_AGAIN] = { ferry_EBUSY, "remote_busy",
	    "the server cannot do it now", "Run it again later." },
};

/* The same for a folder of this machine, where it is errno that says why. */
static int
judge_folder(const struct msg_done *done, const char *verb, const char *path,
    struct ferry_error *err)
{
	const int e = (int)(done->status & ~(uint32_t)MSG_FOLDER_ERRNO);
	const enum ferry_code code = results[done->result].code;
	const char *id = results[done->result].id, *hint;

	switch (e) {
	case EXDEV:
		err_set(err, code, "folder_link",
		    "cannot %s %s: a link there leads out of the folder", verb,
		    path);
		hint = "It is not followed. Remove it, or publish to the "
		       "folder that it leads to.";
		break;
	case FOLDER_OTHER:
		err_set(err, code, "folder_other",
		    "cannot %s %s: that is another file system inside the "
		    "folder",
		    verb, path);
		hint = "Nothing can be put in place there at once. Publish to "
		       "each file system of its own.";
		break;
	case EROFS:
		err_set(err, code, "folder_read_only",
		    "cannot %s %s: the file system of the folder is read-only",
		    verb, path);
		hint = "Mount it for writing, or take the lock off the card.";
		break;
	case ENOSPC:
	case EDQUOT:
		err_set(err, code, id, "cannot %s %s: %s", verb, path,
		    e == EDQUOT ? "the quota is reached" : "the disk is full");
		hint = "Make room there, then run it again.";
		break;
	default:
		err_os(err, code, e, id, "cannot %s %s", verb, path);
		hint = code == ferry_EDENIED && (e == EACCES || e == EPERM)
		    ? "Check the owner and mode of the folder."
		    : "Does somebody else change the folder? Run it again.";
	}
	if (err != NULL)
		err->os_errno = e;
	err_hint(err, "%s", hint);
	return -(int)code;
}

int
far_judge(const struct msg_done *done, const char *verb, const char *path,
    struct ferry_error *err)
{
	size_t r = done->result;

	if (r == RESULT_OK)
		return 0;
	if (r >= sizeof(results) / sizeof(results[0]))
		return err_set(err, ferry_EWALL, "worker_result",
		    "the worker reported a result that does not exist: %zu", r);
	if ((done->status & MSG_FOLDER_ERRNO) != 0)
		return judge_folder(done, verb, path, err);
	if (done->text[0] != '\0')
		err_set(err, results[r].code, results[r].id,
		    "cannot %s %s: %s (%s)", verb, path, results[r].words,
		    done->text);
	else
		err_set(err, results[r].code, results[r].id, "cannot %s %s: %s",
		    verb, path, results[r].words);
	if (err != NULL)
		err->wire_code = (int)done->status;
	if (results[r].hint[0] != '\0')
		err_hint(err, "%s", results[r].hint);
	return -(int)results[r].code;
}
