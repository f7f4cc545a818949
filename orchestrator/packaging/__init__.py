"""What a cluster gets of this repository: one zip, entry files, bootstrap scripts; each named by its content."""
