"""Tests of the services over a real database and a real sandbox."""
