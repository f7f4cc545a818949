"""Real HDFS and YARN on this machine: Hadoop's own daemons, for each cluster its own."""
