"""The torture of the exactly-once promise: processes killed at every step, crowds of pressers, a bad far side."""
