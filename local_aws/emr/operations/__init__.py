"""EMR's operations: each takes the account and a request that its shape allows, and returns an answer."""
