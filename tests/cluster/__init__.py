"""The whole house on more than one machine's worth of processes: nodes behind haproxy, workers, PostgreSQL, Redis."""
