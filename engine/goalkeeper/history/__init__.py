"""Scorecards kept in a local store: what was judged when, since when it is so, and what turned."""
