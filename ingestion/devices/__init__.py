"""Devices that were never built: their messages, their faults, and the exact truth about both."""
