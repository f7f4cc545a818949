"""The whole road, from devices to the table, as processes that are killed."""
