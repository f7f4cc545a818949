"""Which instances a fleet lets go when it is to be smaller."""

from local_aws.emr.entities import CORE, MASTER, ON_DEMAND, SPOT, Collection, Instance


def surplus(collection: Collection) -> list[Instance]:
    """Return the instances that are too much, the newest first: those left make the target, and a core node stays.

    https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-scaledown-behavior.html
    """
    if collection.role == MASTER:
        return []
    found = []
    left = len(collection.live)
    for market in (SPOT, ON_DEMAND):
        spare = collection.units(market) - collection.target(market)
        for instance in reversed(collection.live):
            is_last = collection.role == CORE and left == 1
            if instance.market == market and instance.weight <= spare and not is_last:
                found.append(instance)
                spare -= instance.weight
                left -= 1
    return found
