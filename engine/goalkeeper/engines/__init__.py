"""What reduces sources to small numbers."""
