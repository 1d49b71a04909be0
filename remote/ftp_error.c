/* Why an FTP session is over, in words.  Worker. */
#include <string.h>

#include "base/err.h"
#include "remote/ftp_engine.h"

static const struct {
	CURLcode curl;
	enum ferry_code code;
	const char *id, *words, *hint;
} ends[] = {
	{ CURLE_USE_SSL_FAILED, ferry_EPOLICY, "ftp_no_tls",
	    "the server refuses to encrypt the session",
	    "Ask the provider for FTPS or SFTP; nothing was sent in clear." },
	{ CURLE_SSL_PINNEDPUBKEYNOTMATCH, ferry_EREACH, "ftp_key_changed",
	    "the server shows another key than the one that was trusted",
	    "Run it again; if it happens again, somebody may be in between." },
	{ CURLE_PEER_FAILED_VERIFICATION, ferry_EREACH, "ftp_tls",
	    "the server's certificate is not the one that was trusted",
	    "Run it again; if it happens again, somebody may be in between." },
	{ CURLE_SSL_CONNECT_ERROR, ferry_EREACH, "ftp_tls",
	    "the TLS handshake failed",
	    "Ask the provider which versions of TLS the server takes." },
};

/* The server ended it for want of a certificate, or of another one. */
static bool
is_about_client(const struct ftp *f, struct ferry_error *err)
{
	if (!ftp_client_alert(f->alert) ||
	    (!f->client_asked && f->client == NULL))
		return false;
	if (f->client == NULL) {
		err_set(err, ferry_ELOGIN, "ftp_client_wanted",
		    "the server wants a client certificate, and none is "
		    "granted");
		err_hint(err,
		    "Grant the one that the provider gave you: sandferry "
		    "access add --client-cert FILE --key FILE");
		return true;
	}
	err_set(err, ferry_ELOGIN, "ftp_client_refused",
	    "the server does not accept the client certificate: %s",
	    SSL_alert_desc_string_long(f->alert));
	err_hint(err,
	    "Ask the provider which authority and which kinds of key it "
	    "takes; certificates in between belong into the same file.");
	return true;
}

int
ftp_error(const struct ftp *f, struct ferry_error *err)
{
	enum ferry_code code = f->ready ? ferry_ELOST : ferry_EREACH;
	char text[WORKER_MSG_TEXT];
	size_t i;

	if (!f->ready && is_about_client(f, err))
		return -ferry_ELOGIN;
	ftp_reply_text(&f->reply, text, sizeof(text));
	if (f->silent && f->epsv_said) {
		err_set(err, code, "ftp_no_epsv",
		    "the server has no answer to EPSV");
		err_hint(err, "Run it again: it is asked for PASV then.");
		return -(int)code;
	}
	if (f->silent) {
		err_set(err, code, "server_silent",
		    "the server has been silent for %u s",
		    f->config.silence_ms / 1000);
		err_hint(err,
		    "Run the same command again; --stall-timeout waits "
		    "longer.");
		return -(int)code;
	}
	if (f->dial_errno != 0) {
		err_set(err, code, f->ready ? "ftp_data" : "ftp_failed",
		    "no %s connection to the server: %s",
		    f->ready ? "data" : "further", strerror(f->dial_errno));
		err_hint(err,
		    "Ask the provider for the range of passive ports; a "
		    "firewall on either side may close them.");
		return -(int)code;
	}
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends[i].curl == f->curl) {
			err_set(err, ends[i].code, ends[i].id, "%s%s%s",
			    ends[i].words, f->alert != 0 ? ": " : "",
			    f->alert != 0 ? SSL_alert_desc_string_long(f->alert)
					  : "");
			err_hint(err, "%s", ends[i].hint);
			return -(int)ends[i].code;
		}
	if (ftp_reply_is_crowded(&f->reply)) {
		err_set(err, ferry_EBUSY, "ftp_busy",
		    "the server takes no more connections: %s", text);
		err_hint(err, "Run it again later, or with less connections.");
		if (err != NULL)
			err->wire_code = (int)f->reply.code;
		return -ferry_EBUSY;
	}
	err_set(err, code, code == ferry_ELOST ? "ftp_lost" : "ftp_failed",
	    "the server ended the session%s%s (%s)",
	    text[0] != '\0' ? ": " : "", text, curl_easy_strerror(f->curl));
	err_hint(err, "Run again to resume where this run ended.");
	if (err != NULL)
		err->wire_code = (int)f->reply.code;
	return -(int)code;
}
