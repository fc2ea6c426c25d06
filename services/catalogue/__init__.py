"""What an order names: relations, articles, locations; read in from the bookkeeping, and changed there."""
