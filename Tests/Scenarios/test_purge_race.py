"""No request that is sent after the answer to a purge sees a byte from before it, however many ask meanwhile."""
import sys

import pytest

from own_edge import TOKEN, OwnEdge

from lone_edge import ROOT

sys.path.insert(0, str(ROOT / "Benchmarks/edge"))

from hammer import Hammer  # noqa: E402
from versions import versions  # noqa: E402

pytestmark = pytest.mark.alone

OBJECTS = [f"/crowd/{number}" for number in range(4_000)]
# Few enough that many connections want the same one at a time, so that they meet in the same fill.
HOT = OBJECTS[:300]
ROUNDS = 40


@pytest.fixture
def crowd(tmp_path):
    with versions(tmp_path) as origin:
        edge = OwnEdge(tmp_path, origin)
        hammer = Hammer(edge.port, edge.admin_port, TOKEN)
        yield origin, edge, hammer
        hammer.close()
        assert edge.stop() == 0, edge.transcript()


@pytest.mark.parametrize("order", [
    {"tags": ["crowd"]}, {"prefixes": ["/crowd/"]}, {"urls": HOT}, {"all": True}, {"tags": ["crowd"], "soft": True},
], ids=["tag", "prefix", "urls", "all", "soft"])
def test_no_request_after_the_answer_sees_an_old_byte(crowd, order):
    origin, edge, hammer = crowd
    hammer.fetch(OBJECTS)
    calls = hammer.run(origin, order, ROUNDS, HOT)
    for what in ("client", "socket", "store"):
        taken = [1e3 * getattr(call, f"{what}_seconds") for call in calls]
        print(f"{ROUNDS} purges, as the {what} saw them: {min(taken):.1f} to {max(taken):.1f} ms")
    assert hammer.answered > len(OBJECTS) + 10 * ROUNDS
    # They did meet: hits there were, and each purge made the origin be asked anew.
    assert edge.metric("weir_edge_purges_total") == ROUNDS
