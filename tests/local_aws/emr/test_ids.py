"""Ids as AWS makes them."""

import ipaddress
import re

from local_aws.emr.ids import Ids


def test_ids_have_aws_forms_and_are_never_the_same() -> None:
    ids = Ids("a")
    clusters = [ids.emr("j") for _ in range(500)]
    assert all(re.fullmatch(r"j-[123][0-9A-Z]{12}", one) for one in clusters)
    instances = [ids.ec2("i") for _ in range(500)]
    assert all(re.fullmatch(r"i-0[0-9a-f]{16}", one) for one in instances)
    assert len({*clusters, *instances}) == 1000
    assert ipaddress.ip_address(ids.address()) in ipaddress.ip_network("10.0.0.0/8")


def test_ids_are_their_seeds() -> None:
    assert Ids("a").emr("j") == Ids("a").emr("j") != Ids("b").emr("j")
