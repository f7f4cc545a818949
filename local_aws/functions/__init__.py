"""Lambda functions on this machine: each in a process of its own, from the code that CreateFunction was given."""
