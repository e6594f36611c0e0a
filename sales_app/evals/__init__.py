"""Evaluations of skills: cases with assertions, run against a version, the published one, and no skill at all."""
