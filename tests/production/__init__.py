"""Production as the README says it: its commands, the files of deploy/, a network that is not loopback."""
