"""The work_orders area."""
