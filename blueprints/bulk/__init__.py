"""Many orders at once: the preview, the press, and the job that follows."""
