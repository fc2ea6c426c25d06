"""Tests of the play e-Boekhouden.nl itself, over real HTTP and SOAP."""
