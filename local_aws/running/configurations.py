"""What a cluster's Configurations set, as far as a Spark on one machine can follow.

https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-configure-apps.html
"""

import shlex
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

Configurations = Iterable[Mapping[str, Any]]


def properties(configurations: Configurations, classification: str) -> dict[str, str]:
    """Return the properties of a classification; of several the last holds."""
    found: dict[str, str] = {}
    for configuration in configurations:
        if configuration.get("Classification") == classification:
            found |= configuration.get("Properties", {})
    return found


def exports(configurations: Configurations, classification: str) -> dict[str, str]:
    """Return the variables that a classification such as `spark-env` exports."""
    found: dict[str, str] = {}
    for configuration in configurations:
        if configuration.get("Classification") == classification:
            found |= properties(configuration.get("Configurations", []), "export")
    return found


def uses_delta(configurations: Configurations) -> bool:
    """Tell whether `delta-defaults` puts Delta's classes on Spark's class path."""
    return properties(configurations, "delta-defaults").get("delta.enabled") == "true"


def spark_defaults(values: Mapping[str, str]) -> str:
    """Write properties as Spark's `spark-defaults.conf` has them."""
    return "".join(f"{_escaped(name)}={_escaped(value)}\n" for name, value in sorted(values.items()))


def site_xml(values: Mapping[str, str]) -> bytes:
    """Write properties as Hadoop's `core-site.xml` has them."""
    root = ET.Element("configuration")
    for name, value in sorted(values.items()):
        pair = ET.SubElement(root, "property")
        ET.SubElement(pair, "name").text = name
        ET.SubElement(pair, "value").text = value
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def env_script(exported: Mapping[str, str], forced: Mapping[str, str]) -> str:
    """Write variables as Spark's `spark-env.sh` has them: values as EMR writes them, for the shell to expand.

    Those that are forced come last, and stand for themselves.
    """
    lines = [f"export {name}={value}" for name, value in exported.items()]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in forced.items()]
    return "".join(f"{line}\n" for line in lines)


def _escaped(text: str) -> str:
    """Escape what has a meaning in Java's properties files."""
    for mark in "\\:=#! ":
        text = text.replace(mark, f"\\{mark}")
    for mark, letter in (("\n", "n"), ("\r", "r"), ("\t", "t"), ("\f", "f")):
        text = text.replace(mark, f"\\{letter}")
    return text
