"""Another bookkeeping behind the port: what belongs to e-Boekhouden stays in its gateway."""
