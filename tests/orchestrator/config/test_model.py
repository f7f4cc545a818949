"""What botocore knows of RunJobFlow."""

from orchestrator.config.model import homes, request_shape, source


def test_the_model_is_that_of_run_job_flow() -> None:
    shape = request_shape()
    assert shape.required_members == ["Name", "Instances"]
    assert source(shape).endswith("/API_RunJobFlow.html")
    assert source(shape.members["Instances"]).endswith("/API_JobFlowInstancesConfig.html")


def test_names_have_their_homes() -> None:
    assert homes()["InstanceFleets"] == (("Instances",),)
    assert homes()["ReleaseLabel"] == ((),)
    assert homes()["Classification"][0] == ("Configurations", 0)
    assert "InstanceFleetIds" not in homes()
