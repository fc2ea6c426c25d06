"""`make cluster` and `make failover` (python -m tests.cluster [failover]): ORDERS=n for fewer."""

import sys

from tests.cluster.proof import main

sys.exit(main("failover" if "failover" in sys.argv else "cluster"))
