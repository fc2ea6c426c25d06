"""The work orders area; its modules put their routes on the one blueprint."""

from blueprints.work_orders import credit, invoice, terms, views
from blueprints.work_orders._blueprint import blueprint

__all__ = ["blueprint", "credit", "invoice", "terms", "views"]
