"""What HDFS and YARN tell over HTTP."""

import json

import pytest

from local_aws.hadoop.daemons import free_ports
from local_aws.hadoop.rest import DataNode, NotThereError, Rest
from tests.local_aws.hadoop.answering import DATA_NODES, answering, data_nodes, page

YARN = "/ws/v1/cluster"


def test_nodes_are_told_by_their_hosts() -> None:
    node = {"nodeHTTPAddress": "127.0.0.2:8042"}
    told = {
        f"{YARN}/nodes?states=RUNNING": {"nodes": {"node": [node]}},
        f"{YARN}/nodes?states=RUNNING,DECOMMISSIONING": {"nodes": [node, {"nodeHTTPAddress": "127.0.0.3:1"}]},
    }
    with answering(told) as server:
        rest = Rest(server.ports)
        assert rest.running_nodes() == {"127.0.0.2"}
        assert rest.live_nodes() == {"127.0.0.2", "127.0.0.3"}
        server.told[f"{YARN}/nodes?states=RUNNING"] = {"nodes": None}
        assert rest.running_nodes() == set()


def test_an_application_tells_its_masters_and_is_killed() -> None:
    attempts = [
        {"attemptId": 2, "nodeHttpAddress": "127.0.0.3:2"},
        {"attemptId": 1, "nodeHttpAddress": "127.0.0.2:1"},
    ]
    kill = f"{YARN}/apps/application_1/state?user.name=hadoop"
    told = {f"{YARN}/apps/application_1/appattempts": {"attempts": attempts}, kill: {}}
    with answering(told) as server:
        rest = Rest(server.ports)
        assert rest.masters("application_1") == ["127.0.0.2", "127.0.0.3"]
        rest.kill("application_1")
        assert server.asked[1:] == [("PUT", kill, json.dumps({"state": "KILLED"}))]


def test_an_application_is_found_by_its_tag_and_tells_whether_it_has_ended() -> None:
    ids = [f"application_1_000{number}" for number in (1, 2, 3, 4)]
    told = {
        "/cluster/apps": page({ids[0]: "s-ab1", ids[1]: "x,s-ab1", ids[2]: "s-ab12", ids[3]: ""}),
        f"{YARN}/apps/{ids[0]}/state": {"state": "RUNNING"},
        f"{YARN}/apps/{ids[1]}/state": {"state": "KILLED"},
    }
    with answering(told) as server:
        assert Rest(server.ports).applications("s-AB1") == ids[:2]
        assert [Rest(server.ports).has_ended(one) for one in ids[:3]] == [False, True, True]


def test_hdfs_tells_its_data_nodes_and_makes_folders() -> None:
    live = {"127.0.0.2:5": {"xferaddr": "127.0.0.1:5", "adminState": "In Service", "usedSpace": 1}}
    folder = "/webhdfs/v1/user/hadoop?op=MKDIRS&user.name=hadoop"
    with answering({DATA_NODES: data_nodes(live), folder: {"boolean": True}}) as server:
        assert Rest(server.ports).data_nodes() == {"127.0.0.2": DataNode("127.0.0.1:5", "In Service")}
        Rest(server.ports).make_folder("/user/hadoop")
        server.told[DATA_NODES] = {"beans": []}
        assert Rest(server.ports).data_nodes() == {}


def test_what_is_refused_or_does_not_answer_is_told() -> None:
    with answering({}) as server, pytest.raises(NotThereError, match=r"GET .*RUNNING is answered 404: .*no"):
        Rest(server.ports).running_nodes()
    with pytest.raises(NotThereError, match="expected an answer to GET"):
        Rest(free_ports()).running_nodes()
