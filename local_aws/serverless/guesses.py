"""What AWS does not document, and we had to choose: words, and what happens where nothing is said.

Where AWS's words are known from what users quote, the source stands beside them.
"""

from typing import Final

# https://github.com/gchq/sleeper/issues/1212 quotes the answer to StopApplication.
WRONG_STATE: Final = (
    "Application cannot be {wanted}. Applications must be in one of the following statuses: [{states}]"
)
# Which error is told of a token that was used for another request. Only the operations that make something have
# ConflictException in the model, and it says nothing of states: those have ValidationException everywhere.
TOKEN_CONFLICT: Final = "The client token was used before, with other parameters."  # noqa: S105 - a message
NO_APPLICATION: Final = "Application {id} does not exist"
NO_JOB_RUN: Final = "Job run {id} does not exist"
NO_ATTEMPT: Final = "Attempt {attempt} of job run {id} does not exist"
NO_RESOURCE: Final = "Resource {arn} does not exist"
UNSUPPORTED_ENGINE: Final = "Unsupported engine {engine}"
UNSUPPORTED_RELEASE: Final = (
    "Type '{engine}' is not supported for release label '{label}' or release label does not exist"
)
BAD_WORKER: Final = "Worker configuration {kind} is not supported: {size}"
OVER_MAXIMUM: Final = "Initial capacity exceeds the maximum capacity: {what}"
UNKNOWN_WORKER: Final = "Worker type {kind} is not supported for engine {engine}"
SCHEDULER_RANGE: Final = "{name} must be between {low} and {high}."
SCHEDULER_RELEASE: Final = "Scheduler configuration needs release emr-7.0.0 or later."
JOBS_RUN: Final = "Application cannot be STOPPED. Job runs must be completed or cancelled before."
NOT_STARTED: Final = (
    "Application is not started, and does not start on job submission. Current status: {state}"
)
ENDING: Final = "Job runs cannot be submitted to an application in status {state}"
NO_DRIVER: Final = "A job driver is needed: sparkSubmit for SPARK, hive for HIVE."
WRONG_DRIVER: Final = "The job driver {driver} does not match the engine {engine}."
TIMEOUT_RANGE: Final = "executionTimeoutMinutes must be between {low} and 10080 minutes."
ATTEMPTS_RANGE: Final = "{name} must be between 1 and 10."
ATTEMPTS_RELEASE: Final = "A retry policy needs release emr-7.1.0 or later."
ATTEMPTS_MODE: Final = "{name} is not applicable for mode {mode}."
GRACE_RANGE: Final = "shutdownGracePeriodInSeconds must be 0, or between 15 and 1800."
GRACE_RELEASE: Final = "shutdownGracePeriodInSeconds needs release emr-7.9.0 or later."
CANNOT_CANCEL: Final = "Job run {id} cannot be cancelled. Current status: {state}"
NO_DASHBOARD: Final = "The dashboard of job run {id} is not available in status {state}"
BAD_TOKEN: Final = "Invalid nextToken."  # noqa: S105 - a message
TOO_MANY_TAGS: Final = "A maximum of 200 tags are allowed."

# A user quotes it: the default quota of a new account was reached.
NO_VCPUS: Final = "The account has reached the service limit on the maximum vCPU it can use concurrently"
# The name of the exception is in the driver's log: https://github.com/softeerbootcamp-8th/DE_team4-4una/issues/508
NO_CAPACITY: Final = (
    "ApplicationMaxCapacityExceededException: more than the maximum capacity is needed: {what}"
)
# How a job run that has failed is told of; AWS gives the exit code and the last exceptions.
FAILED: Final = (
    "Job failed, please check complete logs in configured logging destination. ExitCode: {code}. "
    "Last few exceptions: {message}"
)
MOST_DETAILS: Final = 256
CANCELLED_BY_USER: Final = "Job run was cancelled by a request."
TIMED_OUT: Final = "Job run timed out after {minutes} minutes."
QUEUE_TIMED_OUT: Final = "Job run timed out in the queue after {minutes} minutes."
# AWS answers with an empty text, which its own model does not allow.
STATES: Final = {
    "SUBMITTED": "Job run is submitted",
    "QUEUED": "Job run is queued",
    "PENDING": "Job run waits for capacity",
    "SCHEDULED": "Resources are allocated",
    "RUNNING": "Job run runs",
    "SUCCESS": "Job run succeeded",
    "CANCELLING": "Job run is being cancelled",
}
IDLE: Final = "Application was idle for {minutes} minutes"
