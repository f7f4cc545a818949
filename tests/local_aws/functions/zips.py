"""Code of functions for tests."""

import io
import zipfile

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
# Ends each record with a newline; does worse where an event asks for it.
HANDLER = """
import base64, json, os, sys, time

CALLS = 0

def handler(event, context):
    global CALLS
    CALLS += 1
    print("called", context.aws_request_id)
    if event.get("exit"):
        os._exit(3)
    if event.get("sleep"):
        time.sleep(60)
    if event.get("large"):
        return "x" * event["large"]
    if event.get("raise"):
        raise ValueError("as was asked for")
    if "records" in event:
        return {"records": [
            {"recordId": each["recordId"], "result": "Ok",
             "data": base64.b64encode(base64.b64decode(each["data"]) + b"\\n").decode()}
            for each in event["records"]
        ]}
    return {
        "calls": CALLS,
        "name": context.function_name,
        "has_time": 0 < context.get_remaining_time_in_millis() <= 30_000,
        "variable": os.environ.get("GIVEN"),
        "secret": os.environ.get("OF_THE_USER"),
        "folder": os.path.exists("handlers.py"),
    }
"""


def zipped(source: str = HANDLER, name: str = "handlers.py") -> bytes:
    """Pack a module."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, source)
    return made.getvalue()
