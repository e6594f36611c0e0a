"""Skills in the copilot's run: chosen by slash or by description, then collected, composed, checked and published."""
