"""Support staff inside a tenant: consent, visits, the desk."""
