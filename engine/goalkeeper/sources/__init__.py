"""Data files, as columns that are understood."""
