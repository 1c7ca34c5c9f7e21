"""Ports for servers that are told where to listen."""
import collections
import socket

# The oldest is let go when another is asked for: by then its server has the port, or has ended.
KEPT = 256
reserved = collections.deque()


def free_port():
    """A port that stays ours until its server binds it, and while that server is started again.

    Servers share their ports (`SO_REUSEPORT`), so one that is given a port that somebody else took meanwhile says nothing, and
    the two of them answer by turns. A socket that is bound and does not listen keeps others away and receives nothing.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    probe.bind(("127.0.0.1", 0))
    reserved.append(probe)
    if len(reserved) > KEPT:
        reserved.popleft().close()
    return probe.getsockname()[1]
