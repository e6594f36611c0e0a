"""What comes by itself: the morning brief, and the prep before a call with a customer."""
