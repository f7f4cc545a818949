"""How memory is shared out."""

import pytest

from local_aws.hadoop.sizes import Sizes


@pytest.mark.parametrize(("machine", "containers"), [(14_000, 3072), (5000, 2600), (2000, 1024)])
def test_a_node_gives_less_to_containers_on_a_small_machine(machine: int, containers: int) -> None:
    sizes = Sizes.of(machine)
    assert sizes.containers_mib == containers
    assert sizes.a_node_mib == containers + 224
