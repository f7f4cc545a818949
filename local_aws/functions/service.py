"""Invoke, the one operation of Lambda that moto leaves to Docker; functions are made by moto's CreateFunction."""

import re
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

from local_aws.functions.host import Code, Host, Result

PATH: Final = re.compile(r"/2015-03-31/functions/(?P<name>[^/]+)/invocations/?")


class UnknownFunctionError(Exception):
    """There is no function of that name or ARN."""


class Functions:
    """Functions by their names; each that was updated is started anew."""

    def __init__(self, folder: Path, region: str, variables: Mapping[str, str]) -> None:
        """Run functions below a folder, which is cleared; `variables` are those that each of them has."""
        self._folder, self._region, self._variables = folder, region, variables
        self._lock = threading.Lock()
        self._hosts: dict[str, Host] = {}
        shutil.rmtree(folder, ignore_errors=True)

    def invoke(self, name: str, payload: bytes) -> Result:
        """Invoke a function by its name or ARN.

        Raises:
            UnknownFunctionError: There is none.
        """
        return self._host(name).invoke(payload)

    def close(self) -> None:
        """End all functions."""
        with self._lock:
            for host in self._hosts.values():
                host.close()
            self._hosts.clear()

    def _host(self, name: str) -> Host:
        code = self._code(name)
        with self._lock:
            host = self._hosts.get(code.name)
            if host is None or host.code != code:
                if host is not None:
                    host.close()
                folder = self._folder / code.name
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                host = self._hosts[code.name] = Host(code, folder, self._variables)
            return host

    def _code(self, name: str) -> Code:
        backend = lambda_backends[DEFAULT_ACCOUNT_ID][self._region]
        try:
            found = backend.get_function(name.removesuffix(":$LATEST"))
        except UnknownFunctionException as fault:
            raise UnknownFunctionError(name) from fault
        return Code(
            name=found.function_name,
            arn=found.function_arn,
            archive=found.code_bytes or b"",
            handler=str(found.handler),
            variables=dict(found.environment_vars),
            timeout_s=float(found.timeout),
            memory_mib=int(found.memory_size),
        )
