"""A play e-Boekhouden.nl over real HTTP and real SOAP; it imports nothing of the portal."""
