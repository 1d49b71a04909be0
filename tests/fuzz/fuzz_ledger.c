/* A ledger from a server that means ill: no crash, and what is read holds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "publish/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge_tree(const struct tree *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (!path_relative_ok(t->files[i].path) ||
		    t->files[i].mode > 07777)
			abort();
}

/* With the checks made right, so that the fuzzer gets behind them. */
static void
mend(uint8_t *p, size_t n)
{
	size_t pos = strlen(LEDGER_MAGIC), length;
	unsigned char check[LEDGER_CHECK];

	if (n < pos)
		return;
	memcpy(p, LEDGER_MAGIC, pos);
	ledger_chain_start(check);
	while (n - pos >= 5 + LEDGER_CHECK) {
		length = (size_t)p[pos + 2] << 8 | p[pos + 3];
		if (p[pos] != 0 || p[pos + 1] != 0 || length > 16384 ||
		    length > n - pos - 5 - LEDGER_CHECK)
			return;
		ledger_chain(check, p[pos + 4], p + pos + 5, length);
		memcpy(p + pos + 5 + length, check, LEDGER_CHECK);
		pos += 5 + length + LEDGER_CHECK;
	}
}

static void
parse(const uint8_t *data, size_t size)
{
	struct ferry_error err;
	struct ledger l, again;

	ledger_init(&l);
	ledger_init(&again);
	if (ledger_parse(&l, data, size, &err) == 0) {
		judge_tree(&l.live);
		judge_tree(&l.puts);
		judge_tree(&l.removals);
		(void)ledger_is_fat(&l, 3);
		/* what counts as whole is whole */
		if (l.end > size ||
		    ledger_parse(&again, data, l.end, &err) != 0 ||
		    again.end != l.end || again.live.count != l.live.count ||
		    again.state != l.state)
			abort();
	}
	ledger_free(&l);
	ledger_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *mended = malloc(size + 1);

	if (mended == NULL)
		return 0;
	if (size > 0)
		memcpy(mended, data, size);
	mend(mended, size);
	parse(data, size);
	parse(mended, size);
	free(mended);
	return 0;
}
