"""The native engine of the fast reader: all that needs pyarrow, DuckDB, NumPy or isal, and nothing that Spark needs."""
