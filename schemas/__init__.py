"""JSON Schemas of the files that goalkeeper reads and writes (data only)."""
