"""Jars are fetched once, as they are locked, from a server that private authorities may vouch for."""

import hashlib
import json
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyspark
import pytest

from scripts import jars
from scripts.jars import Jar, JarsError
from tests.scripts.repository import CONTENT, Central

ROOT = Path(__file__).resolve().parents[2]
JAR = Jar("org.example.tools:tool:1.2", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
OTHER = Jar("org.example.tools:other:1.2", JAR.sha256, JAR.size)
PLACE = "/org/example/tools/tool/1.2/tool-1.2.jar"


@pytest.fixture
def central() -> Iterator[Central]:
    """Serve jars."""
    with Central() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def environ(tmp_path: Path, central: Central) -> dict[str, str]:
    """Point the cache at an empty folder and Maven Central at this machine."""
    return {"XDG_CACHE_HOME": str(tmp_path / "a cache"), "DEFAULT_ARTIFACT_REPOSITORY": f"{central.url}/"}


def cached(environ: dict[str, str]) -> list[str]:
    return sorted(path.name for path in Path(environ["XDG_CACHE_HOME"]).rglob("*") if path.is_file())


def test_a_jar_is_fetched_once(central: Central, environ: dict[str, str]) -> None:
    (path,) = jars.fetch([JAR], environ)
    assert path.read_bytes() == CONTENT
    assert jars.fetch([JAR], environ) == [path]
    assert central.asked == [PLACE]


def test_several_who_fetch_at_once_fetch_once(central: Central, environ: dict[str, str]) -> None:
    together = threading.Barrier(4, timeout=30)

    def fetch(_: int) -> list[Path]:
        together.wait()
        return jars.fetch([JAR, OTHER], environ)

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(fetch, range(4)))
    assert [[path.name for path in paths] for paths in found] == [["tool-1.2.jar", "other-1.2.jar"]] * 4
    assert sorted(central.asked) == [PLACE.replace("tool/", "other/").replace("tool-", "other-"), PLACE]
    assert cached(environ) == [".lock", "other-1.2.jar", "tool-1.2.jar"]


def test_a_jar_with_another_hash_is_refused_and_not_kept(central: Central, environ: dict[str, str]) -> None:
    central.content = CONTENT[:-1] + b"?"
    wrong = hashlib.sha256(central.content).hexdigest()
    words = f"tool-1.2.jar: expected {JAR.size} bytes with SHA-256 {JAR.sha256}.* got {JAR.size} with {wrong}"
    with pytest.raises(JarsError, match=words):
        jars.fetch([JAR], environ)
    assert cached(environ) == [".lock"]


def test_a_jar_that_was_damaged_in_the_cache_is_fetched_again(
    central: Central, environ: dict[str, str]
) -> None:
    (path,) = jars.fetch([JAR], environ)
    path.write_bytes(CONTENT[:-1])
    jars.fetch([JAR], environ)
    assert path.read_bytes() == CONTENT
    assert len(central.asked) == 2


@pytest.mark.parametrize("fault", ["cut off", 500, 503])
def test_half_a_download_or_a_busy_server_is_asked_again(
    central: Central, environ: dict[str, str], fault: int | str
) -> None:
    central.faults = [fault, fault]
    (path,) = jars.fetch([JAR], environ)
    assert path.read_bytes() == CONTENT
    assert len(central.asked) == 3


@pytest.mark.parametrize(
    ("fault", "times", "words"), [("cut off", 3, "more expected"), (502, 3, "502"), (404, 1, "404")]
)
def test_what_cannot_be_fetched_is_told_and_nothing_of_it_is_kept(
    central: Central, environ: dict[str, str], fault: int | str, times: int, words: str
) -> None:
    central.faults = [fault] * 9
    with pytest.raises(JarsError, match=rf"tool-1\.2\.jar: expected to fetch this jar, failed: .*{words}"):
        jars.fetch([JAR], environ)
    assert len(central.asked) == times
    assert cached(environ) == [".lock"]


def test_a_private_authority_counts_where_ssl_cert_file_names_it(
    central: Central, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=ours", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    central.socket = context.wrap_socket(central.socket, server_side=True, do_handshake_on_connect=False)
    central.scheme = "https"
    environ |= {"DEFAULT_ARTIFACT_REPOSITORY": central.url}
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(JarsError, match=r"CERTIFICATE_VERIFY_FAILED.*SSL_CERT_FILE"):
        jars.fetch([JAR], environ)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    (path,) = jars.fetch([JAR], environ)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("url", ["ftp://x", "/folder", "file:///folder"])
def test_a_repository_that_is_no_web_address_is_refused(environ: dict[str, str], url: str) -> None:
    with pytest.raises(JarsError, match="DEFAULT_ARTIFACT_REPOSITORY: expected an https:// address, got"):
        jars.fetch([JAR], environ | {"DEFAULT_ARTIFACT_REPOSITORY": url})


@pytest.mark.parametrize("folder", ["relative", "/a,b", "/a:b", "/a*", "/a%20b"])
def test_a_cache_that_spark_cannot_take_jars_from_is_refused(folder: str) -> None:
    with pytest.raises(JarsError, match=rf"{re.escape(folder)}/emr-job-suite/jars: .* set XDG_CACHE_HOME"):
        jars.fetch([JAR], {"XDG_CACHE_HOME": folder})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gcs"], "scripts/jars: 'gcs' is no group of jars; accepted: delta, s3, hadoop\n"),
        (
            ["--release", "emr-6.1.0", "s3"],
            (
                "scripts/jars: --release: 'emr-6.1.0' is not in cluster_configs/catalog/jars.json; "
                "accepted: emr-7.14.0, emr-spark-8.0.0\n"
            ),
        ),
    ],
)
def test_an_unknown_group_or_release_is_refused_with_those_there_are(
    arguments: list[str], words: str
) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "jars.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", words)


@pytest.fixture
def one_jar(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Lock one jar for each group."""
    catalog = tmp_path / "catalog"
    catalog.mkdir()
    groups = {"delta": [vars(JAR)], "s3": [vars(OTHER)]}
    (catalog / "jars.json").write_text(json.dumps({"releases": {"emr-1.0.0": groups}}))
    releases = {"emr-1.0.0": {"spark": pyspark.__version__}}
    (catalog / "releases.json").write_text(json.dumps({"releases": releases}))
    monkeypatch.setattr(jars, "CATALOG", catalog)


@pytest.mark.usefixtures("one_jar")
def test_spark_is_told_of_the_jars_and_of_what_is_asked_for_only(environ: dict[str, str]) -> None:
    folder = Path(environ["XDG_CACHE_HOME"]) / "emr-job-suite" / "jars"
    found = jars.properties(["delta"], environ=environ)
    assert found["spark.jars"] == f"file://{folder}/tool-1.2.jar".replace(" ", "%20")
    assert found["spark.driver.extraClassPath"] == f"{folder}/tool-1.2.jar"
    assert found["spark.sql.extensions"] == "io.delta.sql.DeltaSparkSessionExtension"
    assert not [name for name in found if "s3" in name]
    both = jars.properties(["delta", "s3", "s3"], environ=environ)
    assert both["spark.driver.extraClassPath"] == f"{folder}/tool-1.2.jar:{folder}/other-1.2.jar"
    assert both["spark.hadoop.fs.s3.impl"] == "org.apache.hadoop.fs.s3a.S3AFileSystem"


@pytest.mark.usefixtures("one_jar")
@pytest.mark.parametrize(
    ("given", "endpoint", "secured", "region"),
    [
        ({}, None, None, None),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "x"}, None, None, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, None, None, "eu-west-1"),
        ({"AWS_ENDPOINT_URL": "http://h:1"}, "http://h:1", "false", "us-east-1"),
        (
            {"AWS_ENDPOINT_URL": "http://h:1", "AWS_ENDPOINT_URL_S3": "https://s"},
            "https://s",
            "true",
            "us-east-1",
        ),
        ({"AWS_ENDPOINT_URL": "http://h:1", "AWS_REGION": "eu-west-1"}, "http://h:1", "false", "eu-west-1"),
    ],
)
def test_endpoint_and_region_are_those_of_the_environment(
    environ: dict[str, str],
    given: dict[str, str],
    endpoint: str | None,
    secured: str | None,
    region: str | None,
) -> None:
    secrets = {"AWS_ACCESS_KEY_ID": "the-key", "AWS_SECRET_ACCESS_KEY": "the-secret"}
    found = jars.properties(["s3"], environ=environ | given | secrets)
    prefix = "spark.hadoop.fs.s3a."
    assert found.get(f"{prefix}endpoint") == endpoint
    assert found.get(f"{prefix}connection.ssl.enabled") == secured
    assert found.get(f"{prefix}path.style.access") == (endpoint and "true")
    assert found.get(f"{prefix}endpoint.region") == region
    assert "the-" not in str(found)


@pytest.mark.usefixtures("one_jar")
@pytest.mark.parametrize("url", ["localhost:9000", "ftp://h", "http://", "http://me:word@h"])
def test_an_endpoint_that_is_none_is_refused_without_telling_its_password(
    environ: dict[str, str], url: str
) -> None:
    with pytest.raises(JarsError, match="expected http://host:port or https://host:port, got") as raised:
        jars.properties(["s3"], environ=environ | {"AWS_ENDPOINT_URL": url})
    assert "word@" not in str(raised.value)


def test_the_same_properties_stand_in_the_same_file(environ: dict[str, str]) -> None:
    path = jars.write_properties({"spark.b": "2", "spark.a": "1"}, environ)
    assert path.read_text() == "spark.a 1\nspark.b 2\n"
    assert jars.write_properties({"spark.a": "1", "spark.b": "2"}, environ) == path
    assert jars.write_properties({"spark.a": "2"}, environ) != path


def test_the_list_has_the_versions_of_the_table_of_releases() -> None:
    releases = json.loads((jars.CATALOG / "releases.json").read_text())["releases"]
    listed = json.loads((jars.CATALOG / "jars.json").read_text())["releases"]
    assert list(listed) == list(releases)
    for label, versions in releases.items():
        coordinates = {jar.coordinates for jar in jars.locked(["delta", "s3", "hadoop"], label)}
        assert f"io.delta:delta-spark_{versions['scala']}:{versions['delta']}" in coordinates
        assert f"org.apache.hadoop:hadoop-aws:{versions['pyspark_hadoop']}" in coordinates
        assert all(
            re.fullmatch("[0-9a-f]{64}", jar.sha256) for jar in jars.locked(["delta", "s3", "hadoop"], label)
        )


def test_the_jars_are_those_of_the_spark_that_runs_unless_another_release_is_named() -> None:
    label, other = jars.running_release(), "emr-spark-8.0.0"
    releases = json.loads((jars.CATALOG / "releases.json").read_text())["releases"]
    assert releases[label]["spark"] == pyspark.__version__
    assert jars.locked(["delta"]) == jars.locked(["delta"], label)
    assert jars.locked(["delta"], other)[0].name == "delta-spark_2.13-4.0.0.jar"


def test_a_spark_of_no_release_is_told_which_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyspark, "__version__", "3.2.1")
    with pytest.raises(
        JarsError, match=r"PySpark 3\.2\.1 is of no release in .*; accepted: 3\.5\.8, 4\.0\.2; "
    ):
        jars.locked(["delta"])


def test_hadoop_is_the_one_that_this_pyspark_brings() -> None:
    versions = json.loads((jars.CATALOG / "releases.json").read_text())["releases"][jars.running_release()]
    bundled = Path(pyspark.__file__).parent / "jars" / f"hadoop-client-api-{versions['pyspark_hadoop']}.jar"
    assert bundled.is_file()
