"""The frame that every job stands in: everything but the dataset itself."""
