"""What came out: frames, bytes, likeness to the source."""
import json
import re
import subprocess

import sides
from processes import BenchError

# x264's own words for what follows from the number of processors.
OF_THE_MACHINE = {"threads", "lookahead_threads"}


def judge(source, folder, ladder):
    """{size: frames, bytes of its segments, SSIM}"""
    return {rung.name: {"frames": frames(folder / rung.name), "bytes": size(folder / rung.name),
                        "ssim": likeness(source, folder / rung.name, rung)} for rung in ladder}


def size(folder):
    return sum(path.stat().st_size for path in folder.glob("*.m4s"))


def frames(folder):
    return int(probe(["-count_packets", "-select_streams", "v:0", "-show_entries", "stream=nb_read_packets"], folder / "index.m3u8")
               ["streams"][0]["nb_read_packets"])


def seconds(source):
    return float(probe(["-show_entries", "format=duration"], source)["format"]["duration"])


def probe(arguments, path):
    return json.loads(subprocess.run(["ffprobe", "-v", "error", "-of", "json", *arguments, path], capture_output=True, check=True).stdout)


def likeness(source, folder, rung):
    """SSIM of the rendition and the source scaled to its size, frame by frame in order."""
    reference = f"[0:v:0]fps={rung.rate},scale={rung.width}:{rung.height}:flags=lanczos+accurate_rnd,format=yuv420p,setpts=N/TB[a]"
    ended = subprocess.run(
        ["ffmpeg", "-nostdin", "-i", source, "-i", folder / "index.m3u8", "-filter_complex", f"{reference};[1:v:0]setpts=N/TB[b];[b][a]ssim",
         "-f", "null", "-"], capture_output=True, text=True)
    found = re.search(r"SSIM .*All:([\d.]+)", ended.stderr)
    if ended.returncode != 0 or not found:
        raise BenchError(f"cannot compare {rung.name} with the source:\n{ended.stderr[-2000:]}")
    return float(found[1])


def require_equal_frames(outputs):
    for name, rows in outputs.items():
        for rung, row in rows.items():
            if row["frames"] != outputs["weir"][rung]["frames"]:
                raise BenchError(f"{rung}: weir made {outputs['weir'][rung]['frames']} frames, {name} {row['frames']}")


def require_equal_encoders(folders, ladder):
    """All sides have to ask the same of x264."""
    for rung in ladder:
        ours = sides.encoder_options(folders["weir"] / rung.name)
        for name, folder in folders.items():
            theirs = sides.encoder_options(folder / rung.name)
            different = {key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)} - OF_THE_MACHINE
            if different:
                raise BenchError(f"{rung.name}: {name} was encoded otherwise: " + ", ".join(
                    f"{key} {theirs.get(key)} instead of {ours.get(key)}" for key in sorted(different)))
