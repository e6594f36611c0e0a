"""What may be spent on models, per person and in all, by day and month."""
