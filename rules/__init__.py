"""Metrics and KPIs shipped with goalkeeper (data only)."""
