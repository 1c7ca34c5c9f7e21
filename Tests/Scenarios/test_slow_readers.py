"""Clients on slow lines, while the cache has to make room."""
from lone_edge import origins, release_edge, servers, slow_readers, stage

READERS = 200
MIB = 1024 * 1024


def test_slow_readers_pin_nothing_and_never_get_a_wrong_byte_while_objects_are_evicted():
    with stage(release_edge()) as setting:
        edge = servers.SmallWeir(setting)
        try:
            with slow_readers.filled_steadily(edge) as fill:
                evicted = edge.metric("weir_store_evicted_total")
                with slow_readers.reading_slowly(edge, fill, READERS) as crowd:
                    held = {reader.name for reader in crowd.readers}
                    fill.wait_for(48)  # more than the cache has room for
                evicted = edge.metric("weir_store_evicted_total") - evicted
            outcome = crowd.outcome()
            print(f"{evicted:.0f} objects evicted, files of {edge.cache_file_bytes() / MIB:.1f} MiB, {outcome}")
            assert evicted >= 40
            assert edge.cache_file_bytes() <= 1.05 * edge.capacity_mebibytes * MIB
            assert edge.metric("weir_store_refused_chunks_total") == 0
            assert edge.metric("weir_store_failed_commits_total") == 0
            assert outcome["whole"] + outcome["cutShort"] == READERS
            for name in held:
                status, _, body = slow_readers.load.get(edge, servers.HTTP1, name)
                assert (status, body) == (200, origins.content(name))
            # The objects they read did go meanwhile: a reader that went on, or whoever asks now, had the origin asked again.
            assert any(setting.origin.requests_of(name) > 1 for name in held)
        finally:
            edge.stop()
