"""Our invoices held against theirs (Aansluiting): every night, when this database may be an older copy, and when asked.

`rounds.py` begins a run and carries it out, `holding.py` compares one list, `proving.py` looks up what no list held,
`findings.py` keeps what came of it and takes decisions, `reports.py` shows it. `payments.py` asks afterwards what is
open, `payments_kept.py` keeps it, `paid.py` shows it. What may be said when is decided in
domain/reconciliation.py, domain/posting.py and domain/payment.py.
"""
