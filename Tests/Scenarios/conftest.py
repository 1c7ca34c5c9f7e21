import subprocess

import pytest

from installation import SAMPLE, Installation


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures, and therefore runs while nothing else does")


@pytest.fixture(scope="session")
def weir(tmp_path_factory):
    """One installation for all scenarios that leave it as they found it."""
    installation = Installation(tmp_path_factory.mktemp("weir") / "data")
    yield installation
    assert installation.stop() == 0


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """The sample three times over, as one file: real footage that fills several segments."""
    path = tmp_path_factory.mktemp("source") / "film.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", "2", "-i", SAMPLE, "-c", "copy", path], check=True)
    return path


@pytest.fixture(scope="session")
def film(weir, source):
    """The source, uploaded and ready: (video id, the owner's token)."""
    token = weir.sign_in()
    video_id = weir.publish(source, token)
    return video_id, token


@pytest.fixture
def own_weir(tmp_path):
    """An installation of the test's own, to hurt."""
    installation = Installation(tmp_path / "data")
    yield installation
    assert installation.stop() == 0


@pytest.fixture(scope="module")
def own_film(tmp_path_factory):
    """An installation of the module's own, to change, with a film that plays: (installation, video id)."""
    installation = Installation(tmp_path_factory.mktemp("own") / "data")
    token = installation.sign_in()
    video_id = installation.publish(SAMPLE, token)
    yield installation, video_id
    assert installation.stop() == 0
