"""A file on top of the one that it extends.

Mappings merge. Lists are replaced, but for three whose items have names: fleets by InstanceFleetType, configurations by
Classification (their Properties are mappings, their own Configurations such lists again), tags by Key. `null`
drops what the extended file says.
"""

from collections.abc import Mapping
from typing import Final

from orchestrator.config.written import Written

NAMES: Final[Mapping[str, str]] = {
    "InstanceFleets": "InstanceFleetType",
    "Configurations": "Classification",
    "Tags": "Key",
    "applicationConfiguration": "classification",
    "runtimeConfiguration": "classification",
}


def merged(below: Written, above: Written, key: str | None = None) -> Written:
    """Lay a value over another one, which stand under a key."""
    if isinstance(below.value, dict) and isinstance(above.value, dict):
        value = dict(below.value)
        for name, each in above.value.items():
            value[name] = merged(value[name], each, name) if name in value else each
        return Written(value, above.file, above.line)
    name_of_items = NAMES.get(key or "")
    if name_of_items and isinstance(below.value, list) and isinstance(above.value, list):
        return Written(_items(below.value, above.value, name_of_items), above.file, above.line)
    return above


def _items(below: list[Written], above: list[Written], key: str) -> list[Written]:
    made = list(below)
    places: dict[str | None, int] = {}
    for index, item in enumerate(below):
        places.setdefault(_name(item, key), index)
    fresh = set[str | None]()
    for item in above:
        name = _name(item, key)
        # Of two items above with one name the second is not laid over the first: the rules tell of both.
        if name is not None and name in places and name not in fresh:
            made[places[name]] = merged(made[places[name]], item)
        else:
            made.append(item)
        fresh.add(name)
    return made


def _name(item: Written, key: str) -> str | None:
    named = item.entries().get(key)
    return named.value if named is not None and isinstance(named.value, str) else None
