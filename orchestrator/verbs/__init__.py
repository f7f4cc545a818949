"""What the commands do, one verb a module, one function each."""
