"""Run by Tryton's own Python (benchmarks/tryton.py): makes a company with so many sales of five lines, in one database.

Arguments: the configuration, the database, how many. Prints the number of one of them.
"""

from __future__ import annotations

import sys
from decimal import Decimal

from trytond import config

CUSTOMERS, AT_ONCE = 50, 50


def main(configuration: str, database: str, many: int) -> None:
    """Make them through Tryton's own models."""
    config.update_etc(configuration)
    from trytond.pool import Pool
    from trytond.transaction import Transaction

    Pool.start()
    pool = Pool(database)
    with Transaction().start(database, 0):
        pool.init()
    with Transaction().start(database, 0) as transaction:
        currency, company, party, user, sale, unit = (
            pool.get(name)
            for name in ("currency.currency", "company.company", "party.party", "res.user", "sale.sale", "product.uom")
        )
        (euro,) = currency.create([{"name": "Euro", "symbol": "€", "code": "EUR"}])
        address = [("create", [{"street": "Dorpsstraat 1", "city": "Waterveen"}])]
        parties = party.create([{"name": f"Familie {n}", "addresses": address} for n in range(CUSTOMERS + 1)])
        (ours,) = company.create([{"party": parties[CUSTOMERS].id, "currency": euro.id}])
        (admin,) = user.search([("login", "=", "admin")])
        user.write([admin], {"companies": [("add", [ours.id])], "company": ours.id})
        (hour,) = unit.search([("symbol", "=", "h")])
        with transaction.set_context(company=ours.id, companies=[ours.id]):
            for begin in range(0, many, AT_ONCE):
                made = sale.create([
                    {
                        "company": ours.id, "currency": euro.id, "party": parties[n % CUSTOMERS].id,
                        "invoice_address": parties[n % CUSTOMERS].addresses[0].id,
                        "shipment_address": parties[n % CUSTOMERS].addresses[0].id,
                        "number": f"2026-{n:06d}", "description": "Onderhoud ketel",
                        "lines": [("create", [
                            {"description": f"Regel {at}", "quantity": 2.5, "unit": hour.id, "unit_price": Decimal(9)}
                            for at in range(5)
                        ])],
                    }
                    for n in range(begin, begin + AT_ONCE)
                ])  # fmt: skip
    print(made[0].id)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
