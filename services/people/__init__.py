"""Who may log in and how: passwords, sessions, second factor, invitations, team."""
