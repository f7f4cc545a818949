"""Steps and bootstrap actions that really run: as processes of this machine."""
