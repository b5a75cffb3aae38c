"""A run: plan, guard, ledger, runner, supervisor, watchdog and reaper."""
