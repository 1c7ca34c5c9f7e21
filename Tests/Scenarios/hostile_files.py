"""Uploads that are no films, or films made to do harm."""
import io
import pathlib
import random
import struct
import subprocess
import zipfile
import zlib

from installation import SAMPLE


def box(kind, *contents):
    content = b"".join(contents)
    return struct.pack(">I", len(content) + 8) + kind + content


FILE_TYPE = box(b"ftyp", b"isom", bytes(4), b"isomiso2mp41")


def playlist(*entries):
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:10", "#EXT-X-MEDIA-SEQUENCE:0"]
    return "\n".join(lines + [line for entry in entries for line in ("#EXTINF:10,", entry)] + ["#EXT-X-ENDLIST", ""]).encode()


def presentation_description(url):
    return f"""<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT10S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">
<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000" codecs="avc1.64001f"><BaseURL>{url}</BaseURL>
</Representation></AdaptationSet></Period></MPD>
""".encode()


def session_description(port):
    return f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=film\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video {port} RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n".encode()


def archive():
    bytes_ = io.BytesIO()
    with zipfile.ZipFile(bytes_, "w") as made:
        made.writestr("../../etc/cron.d/job", "* * * * * root id\n")
        made.writestr("film.mp4", SAMPLE.read_bytes()[:100_000])
    return bytes_.getvalue()


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)


def flat_picture(width, height):
    """A PNG of one bit a pixel: few bytes, however many pixels."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    rows = zlib.compress(bytes((width // 8 + 1) * height))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def film_of_one_picture(directory, picture):
    still, path = directory / "huge.png", directory / "huge.mov"
    still.write_bytes(picture)
    ffmpeg("-i", still, "-c", "copy", path)
    return path.read_bytes()


def many_streams(directory):
    path = directory / "streams.mkv"
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", *["-map", "0"] * 80, "-t", "0.2", "-c:a", "flac", path)
    return path.read_bytes()


def reference_movie(path):
    """A QuickTime film whose samples are said to lie in another file: by an alias with its path."""
    film = SAMPLE.read_bytes()
    entry = b"url " + b"\0\0\0\x01"
    assert film.count(entry) >= 1, "the sample says where its samples are"
    target = str(path).encode()
    alias = bytes(10) + bytes(140) + struct.pack(">hH", 2, len(target)) + target + bytes(len(target) % 2) + struct.pack(">hH", -1, 0)
    grown = box(b"alis", bytes(4), alias)
    result, growth = film, len(grown) - 12
    while entry in result:
        at = result.index(entry) - 4
        result = result[:at] + grown + result[at + 12:]
        for kind in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):
            start = result.rindex(kind, 0, at) - 4
            size = struct.unpack(">I", result[start:start + 4])[0]
            result = result[:start] + struct.pack(">I", size + growth) + result[start + 4:]
    return result


def faststart(directory):
    path = directory / "faststart.mp4"
    ffmpeg("-i", SAMPLE, "-c", "copy", "-movflags", "+faststart", path)
    return path.read_bytes()


def with_flipped_bits(film, count=400):
    """A film whose samples come last, with so many of their bits turned over, always the same ones."""
    chance, start = random.Random(5), film.index(b"mdat") + 4
    damaged = bytearray(film)
    for _ in range(count):
        damaged[chance.randrange(start, len(film))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def refused(directory: pathlib.Path, bait: pathlib.Path, port: int):
    """Name → (bytes, a part of the reason); `bait` is a film of this machine, `port` one somebody listens on."""
    address = f"http://127.0.0.1:{port}/film.mp4"
    no_media, names_others = "not a video or audio file", "names other files"
    return {
        "text": (b"Not every file with a promising name is a film.\n" * 30, no_media),
        "empty": (b"", no_media),
        "html": (b"<!doctype html><html><body><video src='film.mp4'></video></body></html>\n" * 20, no_media),
        "zip": (archive(), no_media),
        "playlist of /etc/passwd": (playlist("file:///etc/passwd"), names_others),
        "playlist of a local film": (playlist(str(bait)), names_others),
        "playlist of an address": (playlist(address), names_others),
        "playlist by concat": (playlist(f"concat:{bait}|/etc/passwd"), names_others),
        "ffconcat": (f"ffconcat version 1.0\nfile '{bait}'\n".encode(), names_others),
        "DASH": (presentation_description(address), names_others),
        "SDP": (session_description(port), names_others),
        "XBIN": (b"XBIN\x1a" + struct.pack("<HHBB", 80, 25, 16, 0) + b"A\x07" * 2000, no_media),
        "image pattern": (f"{directory}/frame%03d.png\n".encode(), no_media),
        "a picture": (flat_picture(64, 64), no_media),
        "box of 2^63": (FILE_TYPE + struct.pack(">I4sQ", 1, b"moov", 2**63 - 1) + bytes(16), "neither pictures nor sound"),
        "box of 2^64": (FILE_TYPE + struct.pack(">I4sQ", 1, b"moov", 2**64 - 1) + bytes(16), "damaged or incomplete"),
        "256 megapixels": (film_of_one_picture(directory, flat_picture(16000, 16000)), "16000×16000"),
        "80 streams": (many_streams(directory), "80 streams"),
        "samples in another file": (reference_movie(bait), "Not one frame"),
        "index missing": (SAMPLE.read_bytes()[:500_000], "damaged or incomplete"),
    }


def damaged(directory: pathlib.Path):
    """Name → bytes of films that are played as far as they go."""
    film = faststart(directory)
    return {"cut in half": film[:len(film) // 2], "flipped bits": with_flipped_bits(film)}
