"""What a ledger account is for, in our words; a gateway translates its own categories into these."""

from __future__ import annotations

PROFIT_AND_LOSS = "profit_and_loss"  # where sales and costs are booked
BALANCE = "balance"
MONEY = "money"  # cash and bank
RECEIVABLE = "receivable"
PAYABLE = "payable"
VAT = "vat"
OTHER = "other"
CATEGORIES = (PROFIT_AND_LOSS, BALANCE, MONEY, RECEIVABLE, PAYABLE, VAT, OTHER)
