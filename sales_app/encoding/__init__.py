"""What the best reps do, drawn from calls of won and lost deals, or told in an interview, and written into a skill's next draft.

Numbers are computed; a model only words them; people decide line by line.
"""
