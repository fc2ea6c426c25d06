"""The main jobs in real Chromium."""
