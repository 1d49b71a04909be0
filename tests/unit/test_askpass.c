/*
 * Goal: which askpass program is used follows ssh(1)'s rules for a terminal, a
 * display and the word of SSH_ASKPASS_REQUIRE; ours goes first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmd/askpass.h"

static void
set(const char *name, const char *value)
{
	if (value != NULL)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void
test_choice(void **state)
{
	static const struct {
		const char *ours, *theirs, *display, *our_word, *their_word;
		const char *alone, *at_terminal; /* what is used */
	} cases[] = {
		{ NULL, NULL, ":0", NULL, "force", NULL, NULL },
		/* ssh's: with a display, and no terminal */
		{ NULL, "ssh", NULL, NULL, NULL, NULL, NULL },
		{ NULL, "ssh", "", NULL, NULL, NULL, NULL },
		{ NULL, "ssh", ":0", NULL, NULL, "ssh", NULL },
		{ NULL, "ssh", ":0", NULL, "never", NULL, NULL },
		{ NULL, "ssh", ":0", NULL, "prefer", "ssh", "ssh" },
		{ NULL, "ssh", NULL, NULL, "prefer", NULL, NULL },
		{ NULL, "ssh", NULL, NULL, "FORCE", "ssh", "ssh" },
		{ NULL, "ssh", ":0", NULL, "perhaps", "ssh", NULL },
		/* ours: whoever sets it means it */
		{ "ours", "ssh", NULL, NULL, NULL, "ours", NULL },
		{ "ours", NULL, NULL, NULL, "prefer", "ours", "ours" },
		{ "ours", NULL, ":0", "never", "force", NULL, NULL },
		{ "ours", NULL, NULL, "force", "never", "ours", "ours" },
		{ "", "ssh", ":0", "", "prefer", "ssh", "ssh" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (int terminal = 0; terminal < 2; terminal++) {
			const char *want =
			    terminal ? cases[i].at_terminal : cases[i].alone;
			const char *got;

			set("SANDFERRY_ASKPASS", cases[i].ours);
			set("SSH_ASKPASS", cases[i].theirs);
			set("DISPLAY", cases[i].display);
			set("WAYLAND_DISPLAY", NULL);
			set("SANDFERRY_ASKPASS_REQUIRE", cases[i].our_word);
			set("SSH_ASKPASS_REQUIRE", cases[i].their_word);
			got = askpass_choose(terminal != 0);
			assert_string_equal(got != NULL ? got : "none",
			    want != NULL ? want : "none");
		}
	}
	set("SANDFERRY_ASKPASS", NULL);
	set("SANDFERRY_ASKPASS_REQUIRE", NULL);
	set("SSH_ASKPASS_REQUIRE", NULL);
	set("SSH_ASKPASS", "ssh");
	set("DISPLAY", NULL);
	set("WAYLAND_DISPLAY", "wayland-0");
	assert_string_equal(askpass_choose(false), "ssh");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
