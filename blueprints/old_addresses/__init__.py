"""Addresses that are called otherwise now."""

from blueprints.old_addresses.views import blueprint

__all__ = ["blueprint"]
