"""The demo story, told against a real play bookkeeping."""
