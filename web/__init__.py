"""What the app hooks around every request and no view calls: guard, sessions, headers, errors, logs, mail."""
