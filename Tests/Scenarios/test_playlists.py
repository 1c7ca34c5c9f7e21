"""What the playlists promise is what the segments measure."""
import json
import subprocess

import pytest

from installation import media_segments, variants


@pytest.fixture(scope="module")
def stream(weir, film, tmp_path_factory):
    """Every rendition, downloaded: (uri, group of sound) -> (attributes, init bytes, [(duration, bytes)])."""
    video_id, _ = film
    cookies = weir.cookies(video_id)
    base = f"/media/{video_id}/"
    renditions = {}
    for attributes, uri in variants(weir.get(base + "index.m3u8", cookies).text):
        folder = (base + uri).rsplit("/", 1)[0] + "/"
        segments, init = media_segments(weir.get(base + uri, cookies).text)
        group = attributes.get("AUDIO") or attributes["GROUP-ID"]
        renditions[uri, group] = (attributes, weir.get(folder + init, cookies).content,
                                  [(duration, weir.get(folder + name, cookies).content) for duration, name in segments])
    return renditions


def rates(segments, target):
    """Measured (peak, average) in bit/s; the peak over runs of 0.5 to 1.5 target durations (RFC 8216 §4.1)."""
    peak = 0.0
    for first in range(len(segments)):
        seconds = size = 0
        for duration, data in segments[first:]:
            seconds += duration
            size += len(data)
            if seconds > 1.5 * target:
                break
            if seconds >= 0.5 * target:
                peak = max(peak, 8 * size / seconds)
    total = sum(duration for duration, _ in segments)
    average = 8 * sum(len(data) for _, data in segments) / total
    return max(peak, average), average


def test_bandwidth_is_within_a_tenth_of_what_was_measured(stream):
    for (uri, group), (attributes, _, segments) in stream.items():
        if "BANDWIDTH" not in attributes:
            continue
        audio = [rates(segments, 6) for (_, own), (media, _, segments) in stream.items()
                 if media.get("TYPE") == "AUDIO" and own == group]
        audio_peak, audio_average = max(rate[0] for rate in audio), max(rate[1] for rate in audio)
        peak, average = rates(segments, 6)
        assert abs(int(attributes["BANDWIDTH"]) / (peak + audio_peak) - 1) <= 0.1, uri
        assert abs(int(attributes["AVERAGE-BANDWIDTH"]) / (average + audio_average) - 1) <= 0.1, uri


def test_every_variant_says_codecs_resolution_and_frame_rate(stream):
    videos = [attributes for attributes, _, _ in stream.values() if "BANDWIDTH" in attributes]
    assert len(videos) >= 2
    for attributes in videos:
        codecs = attributes["CODECS"].split(",")
        assert any(codec.startswith("avc1.") for codec in codecs) and "mp4a.40.2" in codecs
        assert attributes["RESOLUTION"] and float(attributes["FRAME-RATE"]) == 25.0


def probed(path, *entries):
    run = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", *entries, "-of", "json", path],
                         capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_segment_boundaries_are_the_same_in_every_rung(stream, tmp_path):
    starts = {}
    for (uri, _), (attributes, init, segments) in stream.items():
        if "RESOLUTION" not in attributes:
            continue
        starts[uri] = []
        for _, data in segments:
            path = tmp_path / "segment.mp4"
            path.write_bytes(init + data)
            times = [float(packet["pts_time"]) for packet in probed(path, "-show_entries", "packet=pts_time")["packets"]]
            starts[uri].append((round(min(times), 4), len(times)))
    assert len(set(map(tuple, starts.values()))) == 1, starts


def test_every_segment_starts_with_an_idr(stream, tmp_path):
    for (uri, _), (attributes, init, segments) in stream.items():
        if "RESOLUTION" not in attributes:
            continue
        for _, data in segments:
            path = tmp_path / "segment.mp4"
            path.write_bytes(init + data)
            trace = subprocess.run(
                ["ffmpeg", "-v", "trace", "-i", path, "-c", "copy", "-bsf:v", "trace_headers", "-frames:v", "1", "-f", "null",
                 "-"], capture_output=True, text=True).stderr
            slices = [line.split("=")[-1].strip() for line in trace.splitlines() if "nal_unit_type" in line]
            assert "5" in slices and "1" not in slices, (uri, slices)


def test_segments_of_audio_and_video_last_equally_long(stream):
    totals = [sum(duration for duration, _ in segments) for _, _, segments in stream.values()]
    assert max(totals) - min(totals) <= 1 / 25
