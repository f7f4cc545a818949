"""One module for each stream, with one pure function; `registry` knows them all."""
