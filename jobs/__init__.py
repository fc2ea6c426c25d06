"""What the worker runs. Rows in the database are the truth; the queue only wakes it up."""
