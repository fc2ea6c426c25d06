"""The tables. Importing this package knows them all."""

from models.account import LoginSession, Membership, Person, SupportVisit, Tenant, TenantStatus, Throttle, Token
from models.audit import AuditEntry
from models.bookkeeping import Connection, LedgerAccount, LineDefault, SyncRun
from models.bulk import BulkItem, BulkJob
from models.catalogue import Article, Location, Relation
from models.company import Company, Worker
from models.posting import InvoiceNumber, InvoicePosting, InvoicePostingOrder, NumberSeries, PostingAttempt
from models.work_order import WorkOrder, WorkOrderLine

GLOBAL_TABLES = frozenset(
    {"tenant", "person", "membership", "login_session", "token", "throttle", "support_visit", "tenant_status"}
)

__all__ = [
    "GLOBAL_TABLES",
    "Article",
    "AuditEntry",
    "BulkItem",
    "BulkJob",
    "Company",
    "Connection",
    "InvoiceNumber",
    "InvoicePosting",
    "InvoicePostingOrder",
    "LedgerAccount",
    "LineDefault",
    "Location",
    "LoginSession",
    "Membership",
    "NumberSeries",
    "Person",
    "PostingAttempt",
    "Relation",
    "SupportVisit",
    "SyncRun",
    "Tenant",
    "TenantStatus",
    "Throttle",
    "Token",
    "WorkOrder",
    "WorkOrderLine",
    "Worker",
]
