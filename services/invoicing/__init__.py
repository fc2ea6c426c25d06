"""From an order to its invoice in the bookkeeping: pre-flight, the press, recovery, numbers, bulk."""
