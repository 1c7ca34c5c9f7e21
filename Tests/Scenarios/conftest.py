import pytest

from installation import SAMPLE, Installation


@pytest.fixture(scope="session")
def weir(tmp_path_factory):
    """One installation for all scenarios that leave it as they found it."""
    installation = Installation(tmp_path_factory.mktemp("weir") / "data")
    yield installation
    assert installation.stop() == 0


@pytest.fixture(scope="session")
def film(weir):
    """The sample, uploaded and ready: (video id, the owner's token)."""
    token = weir.sign_in()
    video_id = weir.upload(SAMPLE, token)
    video = weir.wait_until_settled(video_id, token)
    assert video["status"] == "ready", video
    return video_id, token


@pytest.fixture
def own_weir(tmp_path):
    """An installation of the test's own, to hurt."""
    installation = Installation(tmp_path / "data")
    yield installation
    assert installation.stop() == 0
