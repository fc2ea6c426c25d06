"""Work orders: making, listing, planning and carrying them out, and what of them needs attention."""
