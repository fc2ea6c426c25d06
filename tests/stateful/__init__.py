"""The real services under random interleavings, and their deliberate breaks."""
