"""The rules of the house, as functions: each takes a root folder and returns the faults found below it."""
