"""What is compared: Weir's transcoder, and two ways people use the ffmpeg program. All make the same renditions as HLS."""
import dataclasses
import pathlib
import re
import subprocess
from collections.abc import Callable

from processes import BenchError

PRESET, AUDIO = "veryfast", "sound"


@dataclasses.dataclass
class Side:
    name: str
    # Of the folder it writes to: the programs it runs, one after the other.
    commands: Callable


@dataclasses.dataclass
class Rung:
    """A size, and how Weir's encoder was set for it."""
    name: str
    width: int
    height: int
    rate: str
    group: int
    quality: float
    maximum_kilobits: int
    buffer_kilobits: int


def weir(program, source):
    return Side("weir", lambda folder: [[program, "--input", source, "--output", folder]])


def split(source, ladder):
    """One process that decodes once and scales for each size."""
    heads = "".join(f"[s{index}]" for index in range(len(ladder)))
    tails = [f"[s{index}]{scaled(rung)}[v{index}]" for index, rung in enumerate(ladder)]
    graph = f"[0:v:0]fps={ladder[-1].rate},split={len(ladder)}{heads};" + ";".join(tails)

    def commands(folder):
        maps = [word for index in range(len(ladder)) for word in ("-map", f"[v{index}]")]
        encoders = [word for index, rung in enumerate(ladder) for word in encoder(rung, f":v:{index}")]
        names = [f"v:{index},agroup:{AUDIO},name:{rung.name}" for index, rung in enumerate(ladder)]
        return [["ffmpeg", *QUIET, "-i", source, "-filter_complex", graph, *maps, "-map", "0:a:0", *encoders, *SOUND,
                 *hls(folder, names + [f"a:0,agroup:{AUDIO},name:{AUDIO}"])]]
    return Side("split", commands)


def processes(source, ladder):
    """A process for each size, lowest first; the first one makes the sound as well."""
    def command(folder, rung, has_sound):
        names = [f"v:0,name:{rung.name}"] + ([f"a:0,name:{AUDIO}"] if has_sound else [])
        return ["ffmpeg", *QUIET, "-i", source, "-map", "0:v:0", *(["-map", "0:a:0"] if has_sound else []),
                "-filter:v", f"fps={rung.rate},{scaled(rung)}", *encoder(rung, ":v:0"), *(SOUND if has_sound else []),
                *hls(folder, names)]
    return Side("processes", lambda folder: [command(folder, rung, index == 0) for index, rung in enumerate(ladder)])


ALL = {"weir": weir, "split": split, "processes": processes}
QUIET = ["-nostdin", "-v", "error", "-y"]
SOUND = ["-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"]


def scaled(rung):
    return f"scale={rung.width}:{rung.height},setsar=1"


def encoder(rung, stream):
    return [f"-c{stream}", "libx264", f"-preset{stream}", PRESET, f"-profile{stream}", "high", f"-crf{stream}", rung.quality,
            f"-maxrate{stream}", f"{rung.maximum_kilobits}k", f"-bufsize{stream}", f"{rung.buffer_kilobits}k",
            f"-pix_fmt{stream}", "yuv420p", f"-x264-params{stream}",
            f"keyint={rung.group}:min-keyint={rung.group}:scenecut=0:open-gop=0:stitchable=1"]


def hls(folder, names):
    return ["-f", "hls", "-hls_time", "6", "-hls_list_size", "0", "-hls_playlist_type", "event", "-hls_segment_type", "fmp4",
            "-hls_segment_filename", f"{folder}/%v/%05d.m4s", "-master_pl_name", "index.m3u8", "-var_stream_map", " ".join(names),
            f"{folder}/%v/index.m3u8"]


def version():
    return subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=True).stdout.split()[2]


def four_minutes(clip, folder):
    """A 720p30 film as an editor would leave it: H.264 in open groups, which Weir does not copy, and AAC in MP4."""
    path = folder / "four-minutes.mp4"
    subprocess.run(["ffmpeg", *QUIET, "-stream_loop", "-1", "-i", clip, "-t", "240", "-vf", "fps=30,scale=1280:720", "-c:v", "libx264",
                    "-preset", "veryfast", "-crf", "23", "-x264-params", "open-gop=1", "-c:a", "aac", "-ac", "2", path], check=True)
    return path


def ladder(folder):
    """The sizes a folder of Weir's holds, lowest first."""
    text = (pathlib.Path(folder) / "index.m3u8").read_text()
    found = re.findall(r"#EXT-X-STREAM-INF:.*?RESOLUTION=(\d+)x(\d+),FRAME-RATE=([\d.]+).*\n(.+)/index.m3u8", text)
    if not found:
        raise BenchError("weir-transcoder made no picture; the benchmark needs a film")
    rungs = []
    for width, height, rate, name in found:
        options = encoder_options(pathlib.Path(folder) / name)
        rungs.append(Rung(name, int(width), int(height), fraction(float(rate)), int(options["keyint"]), float(options["crf"]),
                          int(options["vbv_maxrate"]), int(options["vbv_bufsize"])))
    return sorted(rungs, key=lambda rung: rung.height)


def encoder_options(folder):
    """What x264 says of its settings in the first segment."""
    first = sorted(pathlib.Path(folder).glob("*.m4s"))[0].read_bytes()
    words = re.search(rb"x264 - core .*? options: ([ -~]+)", first)
    if not words:
        raise BenchError(f"{folder} does not say how it was encoded")
    return dict(word.split("=", 1) for word in words[1].decode().split(" ") if "=" in word)


def fraction(rate):
    """29.970 → 30000/1001."""
    whole = round(rate)
    return f"{whole}/1" if abs(rate - whole) < 0.002 else f"{round(rate * 1.001)}000/1001"
