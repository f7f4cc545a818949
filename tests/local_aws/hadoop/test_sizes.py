"""How memory is shared out."""

import pytest

from local_aws.hadoop.sizes import Sizes


@pytest.mark.parametrize(("machine", "containers"), [(14_000, 3072), (5000, 2600), (2000, 1792)])
def test_a_node_gives_less_to_containers_on_a_small_machine(machine: int, containers: int) -> None:
    sizes = Sizes.of(machine)
    assert sizes.containers_mib == containers
    assert sizes.a_node_mib == containers + 224


def test_beside_a_driver_there_is_room_for_an_executor_be_there_one_node_alone() -> None:
    sizes = Sizes.of(14_000)
    assert sizes.driver_mib + sizes.executor_mib(1) <= sizes.containers_mib
    assert sizes.executor_mib(2) == sizes.containers_mib
    least = Sizes.of(2000)
    assert least.driver_mib == 512 + 384
