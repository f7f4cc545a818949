"""Rules of EBS volumes, and of bids, which fleets' types and groups have alike."""

import re
from collections.abc import Iterator
from typing import Final

from orchestrator.rules.cluster import Cluster, Placed
from orchestrator.rules.rule import Fault, Rule, api, error, is_outside

MOST_VOLUMES: Final = 25
_MOST_DECIMALS: Final = 3
_TYPES: Final = ("gp3", "gp2", "io1", "st1", "sc1", "standard")
_BID: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")


def _places(cluster: Cluster) -> Iterator[Placed]:
    yield from cluster.groups
    for fleet in cluster.fleets:
        yield from fleet.types


def _volumes(cluster: Cluster) -> Iterator[tuple[Placed, Placed, Placed]]:
    for place in _places(cluster):
        ebs = place.part("EbsConfiguration")
        for config in ebs.items("EbsBlockDeviceConfigs") if ebs else ():
            volume = config.part("VolumeSpecification")
            if ebs and volume:
                yield ebs, config, volume


def number_of_volumes(cluster: Cluster) -> Iterator[Fault]:
    """EBS volumes: at most 25 an instance, each entry at least one."""
    for place in _places(cluster):
        ebs = place.part("EbsConfiguration")
        counts = (
            [config.get("VolumesPerInstance", 1) for config in ebs.items("EbsBlockDeviceConfigs")]
            if ebs
            else []
        )
        if sum(counts) > MOST_VOLUMES:
            path = (*place.path, "EbsConfiguration")
            yield Fault(path, "too many volumes", sum(counts), f"at most {MOST_VOLUMES} an instance")
    for _, config, _ in _volumes(cluster):
        count = config.get("VolumesPerInstance", 1)
        if count < 1:
            yield Fault((*config.path, "VolumesPerInstance"), "no volume", count, "1 or more")


def volume_type(cluster: Cluster) -> Iterator[Fault]:
    """EBS volume type: gp3, gp2, io1, st1, sc1 or standard."""
    for _, _, volume in _volumes(cluster):
        kind = volume.get("VolumeType")
        if kind is not None and kind not in _TYPES:
            expected = f"one of {', '.join(_TYPES)}"
            yield Fault((*volume.path, "VolumeType"), "not a volume type", kind, expected)


def volume_size(cluster: Cluster) -> Iterator[Fault]:
    """EBS volume size: 1 to 1,024 GiB, from 10 where EBS-optimised."""
    for ebs, _, volume in _volumes(cluster):
        least = 10 if ebs.get("EbsOptimized") else 1
        size = volume.get("SizeInGB")
        if is_outside(size, least, 1024):
            yield Fault((*volume.path, "SizeInGB"), "the wrong size", size, f"{least} to 1,024 GiB")


def volume_speed(cluster: Cluster) -> Iterator[Fault]:
    """EBS volume speed: IOPS for io1 (100 to 20,000) and gp3; throughput 125 to 1,000 for gp3 only."""
    for _, _, volume in _volumes(cluster):
        kind, iops, throughput = map(volume.get, ("VolumeType", "Iops", "Throughput"))
        path = (*volume.path, "Iops")
        if kind == "io1" and iops is None:
            yield Fault(path, "io1 without IOPS", expected="100 to 20,000")
        if iops is not None and kind not in {"io1", "gp3", None}:
            yield Fault(path, f"IOPS for {kind}", iops, "none, or the type io1 or gp3")
        if kind == "io1" and is_outside(iops, 100, 20_000):
            yield Fault(path, "IOPS out of range", iops, "100 to 20,000")
        path = (*volume.path, "Throughput")
        if throughput is not None and kind not in {"gp3", None}:
            yield Fault(path, f"throughput for {kind}", throughput, "none, or the type gp3")
        if is_outside(throughput, 125, 1000):
            yield Fault(path, "throughput out of range", throughput, "125 to 1,000 MiB/s")


def bids(cluster: Cluster) -> Iterator[Fault]:
    """Bids: a price above 0 with at most 3 decimals, or a percentage, not both; no price for On-Demand groups."""
    for place in _places(cluster):
        bid, path = place.get("BidPrice"), (*place.path, "BidPrice")
        if bid is None:
            continue
        if place.get("BidPriceAsPercentageOfOnDemandPrice") is not None:
            expected = "one of BidPrice and BidPriceAsPercentageOfOnDemandPrice"
            yield Fault(path, "two bids", bid, expected)
        if "InstanceRole" in place.given and place.get("Market") != "SPOT":
            yield Fault(path, "a bid for On-Demand Instances", bid, "Market: SPOT, or no bid")
        if not _BID.fullmatch(bid):
            yield Fault(path, "not a price", bid, "US dollars, such as '0.12'")
        elif not float(bid) > 0:
            yield Fault(path, "not above 0", bid, "US dollars, such as '0.12'")
        elif len(bid.partition(".")[2]) > _MOST_DECIMALS:
            yield Fault(path, "too many decimals", bid, "at most 3")


RULES: Final[tuple[Rule[Cluster], ...]] = (
    *error(api("EbsConfiguration"), number_of_volumes),
    *error(api("VolumeSpecification"), volume_type, volume_size, volume_speed),
    *error(api("InstanceTypeConfig"), bids),
)
