"""The verbs of the command line: options in, results out."""
