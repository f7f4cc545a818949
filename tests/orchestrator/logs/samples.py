"""Logs as users have posted them, shortened; each with its source."""

# https://github.com/snowplow/snowplow/issues/3175
CONTROLLER = """\
2017-03-29T19:05:26.155Z INFO Ensure step 5 jar file command-runner.jar
2017-03-29T19:48:32.155Z WARN Step failed with exitCode -1 and took 2586 seconds
"""

# https://github.com/ldbc/ldbc_snb_datagen_spark/issues/381
LOST_EXECUTORS = """\
22/02/22 14:48:30 INFO BlockManagerInfo: Added broadcast_0_piece0 in memory on 172.31.11.158:36327 (size: 11.2 KiB)
[Stage 3:=============================>                          (103 + 16) / 200]
22/02/22 15:02:23 ERROR YarnScheduler: Lost executor 38 on ip-172-31-39-85.us-east-2.compute.internal: Container from \
a bad node: container_1645539745894_0001_01_000074 on host: ip-172-31-39-85.us-east-2.compute.internal. Exit status: \
137. Diagnostics: [2022-02-22 15:02:23.483]Container killed on request. Exit code is 137
22/02/22 15:02:24 ERROR YarnScheduler: Lost executor 26 on ip-172-31-46-193.us-east-2.compute.internal: Container from \
a bad node: container_1645539745894_0001_01_000048 on host: ip-172-31-46-193.us-east-2.compute.internal. Exit status: \
137. Diagnostics: [2022-02-22 15:02:24.122]Container killed on request. Exit code is 137
"""

# https://github.com/yahoo/TensorFlowOnSpark/issues/134
MEMORY_LIMITS = """\
17/11/25 18:23:24 WARN TaskSetManager: Lost task 3.0 in stage 1.0 (TID 10, harrisburg.cs.colostate.edu, executor 9): \
ExecutorLostFailure (executor 9 exited caused by one of the running tasks) Reason: Container killed by YARN for \
exceeding memory limits. 7.2 GB of 4.2 GB virtual memory used. Consider boosting spark.yarn.executor.memoryOverhead.
"""

# As PySpark 3.5 writes it, by a job of this repository.
PYTHON = """\
24/01/01 10:00:00 INFO SparkContext: Running Spark version 3.5.8
Traceback (most recent call last):
  File "/mnt/tmp/job.py", line 10, in <module>
    main()
  File "/mnt/tmp/job.py", line 7, in main
    run(1)
  File "/mnt/tmp/jobs.zip/jobs/common/runner.py", line 55, in run
    raise ValueError("rows were lost")
ValueError: rows were lost
24/01/01 10:00:05 INFO ShutdownHookManager: Shutdown hook called
"""

JAVA = """\
Exception in thread "main" org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 1.0 failed
\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2856)
\tat org.apache.spark.scheduler.DAGScheduler.abortStage(DAGScheduler.scala:2791)
Caused by: java.nio.file.AccessDeniedException: s3://raw/x: getFileStatus: Access Denied (Status Code: 403)
\tat org.apache.hadoop.fs.s3a.S3AUtils.translateException(S3AUtils.java:275)
\t... 12 more
Caused by: software.amazon.awssdk.services.s3.model.S3Exception: Access Denied
\tat software.amazon.awssdk.core.http.Something(Something.java:1)
"""
