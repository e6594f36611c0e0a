"""AG-UI over HTTP: one POST is one run, answered by the run's events. PROTOCOL.md describes it for clients."""
