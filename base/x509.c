/* What a certificate says, as numbers and text.  Hub and worker. */
#include "base/x509.h"

#include <openssl/bio.h>

int64_t
x509_seconds(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;

	if (epoch != NULL)
		(void)ASN1_TIME_diff(&days, &seconds, epoch, t);
	ASN1_TIME_free(epoch);
	return (int64_t)days * 24 * 3600 + seconds;
}

void
x509_print_name(char *dst, size_t size, const X509_NAME *name)
{
	BIO *b = BIO_new(BIO_s_mem());
	int n = 0;

	if (b != NULL && X509_NAME_print_ex(b, name, 0, XN_FLAG_ONELINE) >= 0)
		n = BIO_read(b, dst, (int)size - 1);
	dst[n > 0 ? n : 0] = '\0';
	BIO_free(b);
}
