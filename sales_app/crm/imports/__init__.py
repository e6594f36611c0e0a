"""CSV in: read, check every row, stage, and only then bring all rows over at once."""
