"""The parts of migration 0011; each has upgrade() and downgrade(), run inside its transaction."""
