"""What object stores can do beside a file system's calls. Not every client of s3:// has it: it is asked for first."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from py4j.protocol import Py4JError, Py4JJavaError

from jobs.common.files.jvm import java_class

_SCHEMES = ("s3://", "s3a://", "s3n://")
_BULK_DELETE = "fs.capability.bulk.delete"
_UPLOADS = "fs.capability.multipart.uploader"
_S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"
_KEY_OF_FIRST_SDK = "com.amazonaws.services.s3.model.DeleteObjectsRequest$KeyVersion"
_KEY_OF_SECOND_SDK = "software.amazon.awssdk.services.s3.model.ObjectIdentifier"
# What S3A itself sends with one request.
_PAGE = 250
log = logging.getLogger("jobs")


def is_object_store(uri: str) -> bool:
    """Tell places where folders are only parts of names, and a file appears whole, with its last byte."""
    return uri.startswith(_SCHEMES)


def one_scheme(uri: str) -> str:
    """Return a URI as it compares with others: the schemes of S3's clients name the same bucket."""
    return f"s3://{uri.split('://', 1)[1]}" if is_object_store(uri) else uri


class ObjectStore:
    """The client of one object store, as Hadoop holds it: S3A, or EMRFS, which has none of this and is left alone."""

    def __init__(self, jvm: Any, system: Any) -> None:
        """Take the JVM and the file system."""
        self._jvm, self._system = jvm, system

    def delete_files(self, uris: Sequence[str]) -> dict[str, str] | None:
        """Delete files by their names with few requests; returns None, with nothing done, where it cannot.

        Folders above stay unmarked, where S3A's own delete puts an empty object in place of one that became empty.

        Returns:
            The files that the store has refused to delete, and why.
        """
        root = self._path(_root(uris[0]))
        if self._system.hasPathCapability(root, _BULK_DELETE):
            return self._delete_in_bulk(root, uris)
        if not self._is_s3a():
            return None
        for page in pages(uris, _PAGE):
            self._remove_keys([_key(uri) for uri in page])
        return {}

    def remove_marker(self, folder: str) -> None:
        """Remove the empty object by which S3A remembers an empty folder, which harms nobody where it stays."""
        if self._is_s3a():
            try:
                self._remove_keys([f"{_key(folder)}/"])
            except Py4JError as fault:
                log.warning("%s/: the mark of an empty folder stays: %s", folder, _said(fault))

    def abort_uploads(self, folder: str) -> None:
        """Abort the uploads below a folder that nobody will complete; they cost money, but are not in the table."""
        path = self._path(folder)
        if not self._system.hasPathCapability(path, _UPLOADS):
            return
        try:
            uploader = self._system.createMultipartUploader(path).build()
            try:
                count = uploader.abortUploadsUnderPath(path).get()
            finally:
                uploader.close()
        except Py4JJavaError as fault:
            log.warning("%s: open uploads could not be listed or aborted: %s", folder, _said(fault))
            return
        if count:
            log.info("%s: %d open uploads of a run that was cut off aborted", folder, count)

    def _delete_in_bulk(self, root: Any, uris: Sequence[str]) -> dict[str, str]:
        refused = {}
        bulk = self._system.createBulkDelete(root)
        try:
            for page in pages(uris, bulk.pageSize()):
                for failure in bulk.bulkDelete(self._list(self._path(uri) for uri in page)):
                    refused[str(failure.getKey().toString())] = str(failure.getValue())
        finally:
            bulk.close()
        return refused

    def _remove_keys(self, keys: Sequence[str]) -> None:
        """Call S3A's own batch of keys, for Hadoop before 3.4.1, and for marks of folders, which are no path's."""
        if self._is_first_sdk():
            version = java_class(self._jvm, _KEY_OF_FIRST_SDK)
            self._system.removeKeys(self._list(version(key) for key in keys), False, None)
        else:
            identifier = java_class(self._jvm, _KEY_OF_SECOND_SDK)
            self._system.removeKeys(self._list(identifier.builder().key(key).build() for key in keys), False)

    def _is_first_sdk(self) -> bool:
        return str(java_class(self._jvm, "org.apache.hadoop.util.VersionInfo").getVersion()).startswith(
            "3.3."
        )

    def _is_s3a(self) -> bool:
        return str(self._system.getClass().getName()) == _S3A

    def _list(self, items: Iterable[Any]) -> Any:
        found = java_class(self._jvm, "java.util.ArrayList")()
        for item in items:
            found.add(item)
        return found

    def _path(self, uri: str) -> Any:
        return java_class(self._jvm, "org.apache.hadoop.fs.Path")(uri)


def pages(uris: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    """Cut a list into parts of no more than `size`."""
    return (uris[start : start + size] for start in range(0, len(uris), size))


def _root(uri: str) -> str:
    return "/".join(uri.split("/", 3)[:3]) + "/"


def _key(uri: str) -> str:
    return uri.split("/", 3)[3]


def _said(fault: Py4JError) -> str:
    return str(fault.java_exception.toString()) if isinstance(fault, Py4JJavaError) else str(fault)
