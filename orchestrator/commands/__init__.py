"""Commands: options in, a verb, results out."""
