"""Steps and bootstrap actions as processes of this machine."""
