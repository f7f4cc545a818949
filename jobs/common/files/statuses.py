"""What Hadoop says of many files, in one answer of the JVM.

Asked status by status, field by field, 5,000 objects took 18 s of CPU: each call through py4j costs a tenth of a
millisecond, and a status takes ten. So a small class of Java writes them down where they are. Spark itself compiles its
queries by Janino, which is therefore wherever Spark is.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

from jobs.common.files.entries import Entry
from jobs.common.files.jvm import java_class

_CLASS: Final = "Statuses"
_FIELDS: Final = 5
# A text of some megabytes.
_PAGE: Final = 10_000
# The end of each field: no file system has it in a name.
_END: Final = "\0"
# `\\0` is Java's escape. Of one object, some of S3A's answers have the etag in quotes and some bare.
_SOURCE: Final = """
import java.io.FileNotFoundException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.EtagSource;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.util.functional.RemoteIterators;

public class Statuses {
    public RemoteIterator iterator(Object statuses) {
        return RemoteIterators.remoteIteratorFromArray((FileStatus[]) statuses);
    }

    public String page(RemoteIterator statuses, int most) throws Exception {
        StringBuilder told = new StringBuilder();
        for (int count = 0; count < most && statuses.hasNext(); count++) {
            tell((FileStatus) statuses.next(), told);
        }
        return told.toString();
    }

    public String found(String uris, Configuration configuration) throws Exception {
        StringBuilder told = new StringBuilder();
        String[] each = uris.split("\\0");
        for (int place = 0; place < each.length; place++) {
            Path path = new Path(each[place]);
            try {
                tell(path.getFileSystem(configuration).getFileStatus(path), told);
            } catch (FileNotFoundException fault) {
                told.append("\\0\\0\\0\\0\\0");
            }
        }
        return told.toString();
    }

    private void tell(FileStatus status, StringBuilder told) {
        String etag = status instanceof EtagSource ? ((EtagSource) status).getEtag() : null;
        told.append(status.getPath()).append('\\0').append(status.isDirectory()).append('\\0');
        told.append(status.getLen()).append('\\0').append(status.getModificationTime()).append('\\0');
        told.append(etag == null ? "" : etag.replace("\\"", "")).append('\\0');
    }
}
"""


class Statuses:
    """The JVM's statuses as entries."""

    def __init__(self, jvm: Any, configuration: Any) -> None:
        """Take the JVM and the Hadoop configuration."""
        self._told, self._configuration = _compiled(jvm), configuration

    def of_array(self, statuses: Any) -> list[Entry]:
        """Return the entries of an array of `FileStatus`."""
        return list(self.of_iterator(self._told.iterator(statuses)))

    def of_iterator(self, statuses: Any) -> Iterator[Entry]:
        """Yield the entries of a `RemoteIterator` of `FileStatus`, as its pages come."""
        while told := self._told.page(statuses, _PAGE):
            yield from (entry for entry in _entries(told) if entry)

    def find(self, uris: Iterable[str]) -> list[Entry | None]:
        """Return what bears exactly these names, or nothing, one for each."""
        return _entries(self._told.found(_END.join(uris), self._configuration))


def _entries(told: str) -> list[Entry | None]:
    fields = told.split(_END)[:-1]
    return [_entry(*fields[start : start + _FIELDS]) for start in range(0, len(fields), _FIELDS)]


def _entry(uri: str, is_folder: str, size: str, modified: str, etag: str) -> Entry | None:
    if not uri:
        return None
    if is_folder == "true":
        return Entry(uri, 0, int(modified), None, is_folder=True)
    return Entry(uri, int(size), int(modified), etag or None, is_folder=False)


@lru_cache(maxsize=1)
def _compiled(jvm: Any) -> Any:
    compiler = java_class(jvm, "org.codehaus.janino.SimpleCompiler")()
    of_hadoop = java_class(jvm, "java.lang.Class").forName("org.apache.hadoop.fs.Path").getClassLoader()
    compiler.setParentClassLoader(of_hadoop)
    compiler.cook(_SOURCE)
    return compiler.getClassLoader().loadClass(_CLASS).newInstance()
