"""What pages, deeds and rounds cost the database."""
