"""Tests: blueprints."""
