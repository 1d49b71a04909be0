/* A plan that somebody edited: no crash, and only one that is whole is taken. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/plan_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan_file *f;
	struct ferry_plan_id plan;
	struct ferry_error err;

	if (plan_file_parse(
		&f, (const char *)data, size, "plan", &plan, &err) == 0) {
		if (f == NULL || plan.url == NULL ||
		    plan.generation > INT64_MAX)
			abort();
	} else if (f != NULL || plan.url != NULL) {
		abort();
	}
	plan_file_free(f);
	return 0;
}
