"""Verbs a person would say. A service owns its transaction and knows no HTTP."""
