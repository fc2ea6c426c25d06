"""The posting protocol in every order of events: the model, its check, and its deliberate breaks."""
