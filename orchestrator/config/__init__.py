"""Files that people write: read with their lines, held against AWS's model, and made into requests."""
