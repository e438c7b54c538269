"""Scorecards and problems as text; nothing here computes."""
