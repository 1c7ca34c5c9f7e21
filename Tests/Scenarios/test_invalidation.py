"""CloudFront's invalidation calls, with boto3 as it is: what they purge, on how many edges, and when they are completed."""
import contextlib
import json
import signal
import sqlite3
import time

import boto3
import botocore.exceptions
import pytest
import requests

from installation import wait_for
from own_edge import Origin, OwnEdge, content


class Follower(OwnEdge):
    """An edge of its own in front of a test's origin, that follows the control log of an installation; its distribution is the
    installation's unless `configure` and `distribution` say otherwise."""

    def __init__(self, directory, origin, weir, name, configure=lambda document: None, distribution=None):
        directory.mkdir(exist_ok=True)
        config = weir.directory / "config" / "edge.json"

        def follow(document):
            document["control"] = {**json.loads(config.read_text())["control"], "edgeId": name}
            configure(document)
        super().__init__(directory, origin, follow, distribution or {"Id": weir.ready["distributionId"]})
        wait_for(lambda: self.metric("weir_edge_control_log_contact_seconds") > 0, what=f"{name} to follow the log")

    def get(self, path, host="first.test"):
        return requests.get(f"http://127.0.0.1:{self.port}{path}", headers={"Host": host}, timeout=10)

    def state(self, path, host="first.test"):
        return self.get(path, host).headers["X-Cache"]


def invalidate(weir, paths, reference=None):
    return weir.cloudfront().create_invalidation(
        DistributionId=weir.ready["distributionId"],
        InvalidationBatch={"Paths": {"Quantity": len(paths), "Items": paths},
                           "CallerReference": reference or f"test-{time.time_ns()}"})["Invalidation"]


def completed(weir, invalidation):
    found = weir.cloudfront().get_invalidation(
        DistributionId=weir.ready["distributionId"], Id=invalidation["Id"])["Invalidation"]
    return found["Status"] == "Completed"


@pytest.fixture
def follower(tmp_path, weir):
    origin, edges = Origin(), []

    def start(name, **properties):
        edges.append(Follower(tmp_path / name, origin, weir, name, **properties))
        return edges[-1]
    yield start
    for edge in edges:
        assert edge.stop() == 0, edge.transcript()
    origin.stop()


@pytest.mark.parametrize("item", ["/media/{}/*", "#video:{}"], ids=["prefix", "tag"])
def test_the_waiter_of_boto3_sees_an_invalidation_completed_and_the_objects_are_gone(weir, film, item):
    video_id, token = film
    path, cookies = f"/media/{video_id}/index.m3u8", weir.cookies(video_id, token)
    for _ in range(2):
        answer = weir.get(path, cookies)
    assert answer.headers["X-Cache"].startswith("Hit")
    made = invalidate(weir, [item.format(video_id)])
    weir.cloudfront().get_waiter("invalidation_completed").wait(
        DistributionId=weir.ready["distributionId"], Id=made["Id"], WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    again = weir.get(path, cookies)
    assert again.headers["X-Cache"].startswith("Miss") and again.content == answer.content
    listed = weir.cloudfront().list_invalidations(DistributionId=weir.ready["distributionId"])["InvalidationList"]
    assert made["Id"] in [item["Id"] for item in listed["Items"]]


def test_paths_and_prefixes_purge_what_they_name(weir, follower):
    edge = follower("edge-a")
    for paths, gone, kept in [(["/one"], ["/one"], ["/one-more", "/two"]), (["/one*"], ["/one", "/one-more"], ["/two"]),
                              (["/a b/é"], ["/a%20b/%C3%A9"], ["/two"])]:
        for path in gone + kept:
            edge.get(path)
            assert edge.state(path).startswith("Hit")
        made = invalidate(weir, paths)
        wait_for(lambda: completed(weir, made), 5, what=f"the invalidation of {paths}")
        assert [path for path in gone if edge.state(path).startswith("Hit")] == []
        assert [path for path in kept if not edge.state(path).startswith("Hit")] == []


def test_an_invalidation_is_about_its_own_distribution_and_edges_without_it_acknowledge(tmp_path, weir, follower):
    def serve_both(document):
        document["distributions"] = ["second.json"]
        document["origins"][f"{weir.ready['distributionId']}/media"] = document["origins"]["media"]

    (tmp_path / "both").mkdir()
    (tmp_path / "both" / "second.json").write_text(json.dumps({
        "Id": weir.ready["distributionId"], "Aliases": ["second.test"], "Origins": [{"Id": "media"}],
        "CachePolicies": [{"Id": "cached", "DefaultTTL": 3600}],
        "DefaultCacheBehavior": {"TargetOriginId": "media", "CachePolicyId": "cached"}}))
    both = follower("both", configure=serve_both, distribution={"Id": "EFIRST"})
    neither = follower("neither", distribution={"Id": "EANOTHER"})
    stored = [(both, "first.test"), (both, "second.test"), (neither, "first.test")]
    for edge, host in stored:
        edge.get("/one", host)
        assert edge.state("/one", host).startswith("Hit")
    made = invalidate(weir, ["/one", "/*"])
    wait_for(lambda: completed(weir, made), 5, what="both edges to acknowledge")
    assert [edge.state("/one", host).split()[0] for edge, host in stored] == ["Hit", "Miss", "Hit"]
    line, = wait_for(lambda: neither.says("order of the control log is for a distribution of other edges"), 5,
                     what="a line about the order in the log")
    assert line["distribution"] == weir.ready["distributionId"]


def test_ten_edges_acknowledge_within_a_second(weir, follower):
    for number in range(10):
        follower(f"edge-{number}")
    taken = []
    for _ in range(5):
        begin = time.monotonic()
        made = invalidate(weir, ["/x*"])
        wait_for(lambda: completed(weir, made), 5, 0.01, "all edges to acknowledge")
        taken.append(time.monotonic() - begin)
    print(f"ten edges: {', '.join(f'{seconds * 1000:.0f} ms' for seconds in taken)}")
    assert min(taken) < 1


def test_an_edge_that_was_down_catches_up_before_it_serves_what_was_purged(weir, follower):
    edge = follower("edge-down")
    edge.get("/kept")
    edge.get("/purged")
    edge.process.send_signal(signal.SIGKILL)
    edge.process.wait()
    invalidate(weir, ["/purged"])
    edge.start()
    assert edge.state("/purged").startswith("Miss")
    assert edge.state("/kept").startswith("Hit")
    assert edge.get("/purged").content == content("/purged")


def test_more_than_fifteen_wildcards_in_progress_are_refused(weir, follower):
    edge = follower("edge-asleep")
    edge.process.send_signal(signal.SIGSTOP)
    try:
        invalidate(weir, [f"/asleep/{number}*" for number in range(15)])
        with pytest.raises(weir.cloudfront().exceptions.TooManyInvalidationsInProgress):
            invalidate(weir, ["/asleep/x*"])
    finally:
        edge.process.send_signal(signal.SIGCONT)
    made = wait_for(lambda: allowed(weir, ["/asleep/x*"]), 10, what="the sleeper to have carried them out")
    wait_for(lambda: completed(weir, made), 5, what="the last one to be completed")


def allowed(weir, paths):
    """The invalidation; nothing while there are too many."""
    try:
        return invalidate(weir, paths)
    except weir.cloudfront().exceptions.ClientError as refused:
        assert refused.response["Error"]["Code"] == "TooManyInvalidationsInProgress"
        return None


def test_an_edge_away_for_longer_than_the_log_reaches_back_drops_its_cache(weir, follower):
    edge = follower("edge-away")
    for path in ("/kept", "/purged"):
        edge.get(path)
        assert edge.state(path).startswith("Hit")
    edge.process.send_signal(signal.SIGKILL)
    edge.process.wait()
    invalidate(weir, ["/purged"])
    # As if eight days had gone by: the next entry makes the origin forget those of the week before.
    with contextlib.closing(sqlite3.connect(weir.directory / "catalog.sqlite", timeout=10)) as catalog, catalog:
        catalog.execute("UPDATE control_log SET created_at = created_at - 8 * 86400000")
    invalidate(weir, ["/another"])
    edge.start()
    wait_for(lambda: any("does not reach back" in line["reason"] for line in edge.says("cache dropped")), 5,
             what="the edge to say why it drops its cache")
    assert edge.state("/kept").startswith("Miss") and edge.state("/purged").startswith("Miss")
    # From then on it follows as before.
    assert edge.state("/kept").startswith("Hit")
    made = invalidate(weir, ["/kept"])
    wait_for(lambda: completed(weir, made), 5, what="the invalidation to be completed")
    assert edge.state("/kept").startswith("Miss")


def test_the_same_reference_is_one_invalidation_and_other_paths_are_refused(weir):
    first, again = (invalidate(weir, ["/r/1", "/r/2"], "reference-1") for _ in range(2))
    assert first["Id"] == again["Id"]
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        invalidate(weir, ["/r/3"], "reference-1")
    assert refused.value.response["Error"]["Code"] == "InvalidationBatchAlreadyExists"


def test_errors_are_those_boto3_knows(weir):
    client = weir.cloudfront()
    with pytest.raises(client.exceptions.InconsistentQuantities):
        client.create_invalidation(DistributionId=weir.ready["distributionId"], InvalidationBatch={
            "Paths": {"Quantity": 2, "Items": ["/a"]}, "CallerReference": "inconsistent"})
    with pytest.raises(client.exceptions.BatchTooLarge) as refused:
        invalidate(weir, [f"/{number}" for number in range(3_001)])
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    edge = json.loads((weir.directory / "config" / "edge.json").read_text())["control"]
    stranger = boto3.client("cloudfront", endpoint_url=weir.ready["origin"], region_name=weir.ready["region"],
                            aws_access_key_id=edge["accessKeyId"], aws_secret_access_key=edge["secretAccessKey"])
    with pytest.raises(stranger.exceptions.AccessDenied):
        stranger.list_invalidations(DistributionId=weir.ready["distributionId"])
    with pytest.raises(client.exceptions.NoSuchDistribution):
        client.list_invalidations(DistributionId="EOTHER")
    with pytest.raises(client.exceptions.NoSuchInvalidation):
        client.get_invalidation(DistributionId=weir.ready["distributionId"], Id="INONE")
    with pytest.raises(client.exceptions.InvalidArgument):
        invalidate(weir, ["/a*b"])
