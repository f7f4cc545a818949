"""The same device messages to the same table by several engines, measured in turns."""
