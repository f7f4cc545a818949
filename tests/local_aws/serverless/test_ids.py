"""Ids as AWS makes them."""

import re

from local_aws.serverless.ids import Ids


def test_ids_have_awss_form_and_are_never_the_same() -> None:
    ids = Ids("a")
    made = [ids.next() for _ in range(1000)]
    assert all(re.fullmatch(r"00[0-9a-v]{14}", one) for one in made)
    assert len(set(made)) == 1000


def test_ids_are_their_seeds() -> None:
    assert Ids("a").next() == Ids("a").next() != Ids("b").next()
