"""Objects to messages: which objects there are, what their bytes decode to, which values those hold."""
