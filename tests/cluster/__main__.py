"""`make cluster` (python -m tests.cluster): ORDERS=n for fewer."""

import sys

from tests.cluster.proof import main

sys.exit(main())
