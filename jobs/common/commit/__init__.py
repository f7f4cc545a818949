"""A commit that survives a kill at any moment (decision D5): staged, journaled, added, removed, published."""
