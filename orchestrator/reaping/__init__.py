"""Which of our clusters have to end, and their end: from EMR's own answers alone, should all else be lost."""
