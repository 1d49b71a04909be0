"""The properties: the same examples each time, or PROPERTY_EXAMPLES=N any ones."""
import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import ferry
import planning
import publishing

ferry.judge_layout()
count = int(os.environ.get("PROPERTY_EXAMPLES", 0))
chosen = settings(derandomize=not count, max_examples=count or 20,
                  stateful_step_count=25, database=None, deadline=None,
                  phases=[Phase.generate] + [Phase.shrink] * bool(count),
                  suppress_health_check=HealthCheck.all(), print_blob=False)
chosen(planning.lists_what_differs)()
run_state_machine_as_test(publishing.Publishing, settings=chosen)
print(ferry.Outcome.count, "jobs")
