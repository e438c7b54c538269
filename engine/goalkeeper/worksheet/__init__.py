"""The planning worksheet: the answers of a strategist, the numbers they are about, and the goal file they make."""
