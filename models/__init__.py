"""The tables. Importing this package knows them all."""

from models._scoped import load_lists
from models.account import (
    LoginSession,
    Membership,
    Person,
    RecoveryCode,
    SupportVisit,
    Tenant,
    TenantStatus,
    Throttle,
    Token,
)
from models.administration import Administration
from models.audit import AppendOnly, AuditEntry, AuditSeal, TenantAnchor
from models.billing import BillingClaim, BillingRound, BillingTerm, first_billed
from models.bookkeeping import Connection, LedgerAccount, LineDefault, SyncRun
from models.bulk import BulkItem, BulkJob
from models.catalogue import Article, Location, Relation
from models.company import Company, Worker
from models.due import DueWork
from models.form_done import FormDone
from models.heartbeat import Heartbeat
from models.kept_form import KeptForm
from models.mail import Mail
from models.notice import Notice
from models.payment import Payment
from models.posting import InvoiceNumber, InvoicePosting, NumberSeries, PostingAttempt
from models.reconciliation import Reconciliation, ReconciliationFinding, ReconciliationMonth
from models.search import Searched, SearchWord, add_rows, change_rows
from models.visit import OrderWorker, Visit, VisitWorker
from models.work_order import BY_NUMBER, WorkOrder, WorkOrderLine

GLOBAL_TABLES = frozenset(
    {
        "tenant",
        "person",
        "membership",
        "login_session",
        "token",
        "throttle",
        "support_visit",
        "tenant_status",
        "mail",
        "recovery_code",
        "due_work",
        "heartbeat",
        "notice",
        "form_done",
        "kept_form",
    }
)

__all__ = [
    "BY_NUMBER",
    "GLOBAL_TABLES",
    "Administration",
    "AppendOnly",
    "Article",
    "AuditEntry",
    "AuditSeal",
    "BillingClaim",
    "BillingRound",
    "BillingTerm",
    "BulkItem",
    "BulkJob",
    "Company",
    "Connection",
    "DueWork",
    "FormDone",
    "Heartbeat",
    "InvoiceNumber",
    "InvoicePosting",
    "KeptForm",
    "LedgerAccount",
    "LineDefault",
    "Location",
    "LoginSession",
    "Mail",
    "Membership",
    "Notice",
    "NumberSeries",
    "OrderWorker",
    "Payment",
    "Person",
    "PostingAttempt",
    "Reconciliation",
    "ReconciliationFinding",
    "ReconciliationMonth",
    "RecoveryCode",
    "Relation",
    "SearchWord",
    "Searched",
    "SupportVisit",
    "SyncRun",
    "Tenant",
    "TenantAnchor",
    "TenantStatus",
    "Throttle",
    "Token",
    "Visit",
    "VisitWorker",
    "WorkOrder",
    "WorkOrderLine",
    "Worker",
    "add_rows",
    "change_rows",
    "first_billed",
    "load_lists",
]
