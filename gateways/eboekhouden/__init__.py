"""e-Boekhouden.nl: their words, their codes, their SOAP. Nothing outside this folder speaks them."""
