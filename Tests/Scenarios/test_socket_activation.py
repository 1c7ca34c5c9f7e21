"""Listening sockets that systemd opens and hands over (sd_listen_fds(3))."""
import os
import signal
import socket

import pytest

from installation import wait_for
from own_edge import Origin, OwnEdge, ask, content


@pytest.fixture
def origin():
    origin = Origin()
    yield origin
    origin.stop()


def listening():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    return listener


def test_a_connection_made_before_the_start_is_served_and_the_socket_survives_an_upgrade(tmp_path, origin):
    with listening() as http, listening() as admin:
        early = socket.create_connection(http.getsockname(), timeout=30)
        edge = OwnEdge(tmp_path, origin, inherited={"http": http, "admin": admin})
        assert ask(early)[1] == content("/a")
        early.close()
        for upgraded in (False, True):
            if upgraded:
                answer = edge.admin("/upgrade")
                assert answer.status_code == 200, answer.text
            for _ in range(16):  # every loop accepts
                with socket.create_connection(http.getsockname(), timeout=10) as connection:
                    assert ask(connection)[1] == content("/a")
        edge.process.wait(60)
        successor = answer.json()["pid"]
        os.kill(successor, signal.SIGTERM)
        wait_for(lambda: len(edge.says("stopped")) == 2, what="both to stop")
        edge.log.close()


def test_a_socket_for_no_listener_is_refused_with_its_name(tmp_path, origin):
    with listening() as other:
        with pytest.raises(AssertionError, match='a listening socket named .*web.*, which is no configured listener'):
            OwnEdge(tmp_path, origin, inherited={"web": other})
