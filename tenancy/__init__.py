"""The fence between tenants: every read filtered, every foreign write refused, no tenant is an error."""
