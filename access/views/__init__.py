"""Pages of access: systems, rules, identification, tasks, staff."""
