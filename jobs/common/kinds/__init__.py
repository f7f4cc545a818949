"""The kinds of jobs: `messages` makes rows of raw objects; `derived` makes rows of another table."""
