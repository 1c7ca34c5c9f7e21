"""Benchmark of weir-transcoder beside the ffmpeg program; `Scripts/bench transcode` builds what it needs and calls this."""
import argparse
import pathlib
import statistics

import program
import quality
import sides
from compare import machine, rotated
from processes import BenchError
from runs import measure

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIGURES = {"cpu": "CPU s", "wall": "wall s", "rss": "RSS MiB", "playable": "playable s"}


def main():
    given = parse()
    program.present(lambda folder: transcode(given, folder), table, ["ffmpeg"], given.json)


def parse():
    parser = argparse.ArgumentParser(prog="Scripts/bench transcode", description=__doc__)
    parser.add_argument("--weir-transcoder", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--input", type=pathlib.Path, metavar="FILE", help="what is transcoded; default: four minutes of 720p30")
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument("--sides", type=lambda text: text.split(","), default=list(sides.ALL), metavar="SIDE,…",
                        help=f"of {', '.join(sides.ALL)}; weir is always measured")
    parser.add_argument("--pin", type=lambda text: {int(core) for core in text.split(",")}, metavar="CORE,…",
                        help="let every side run on these processors alone")
    parser.add_argument("--json", metavar="FILE", help="where the samples and the summary go")
    given = parser.parse_args()
    if strangers := set(given.sides) - set(sides.ALL):
        parser.error(f"{', '.join(sorted(strangers))}: not of {', '.join(sides.ALL)}")
    return given


def transcode(given, folder):
    """Measures and returns the result as it is written to the JSON file."""
    source = given.input or sides.four_minutes(ROOT / "Tests/Fixtures/big-buck-bunny-720p25.mp4", folder)
    ours = sides.weir(given.weir_transcoder, source)
    samples = {}

    def run(number, side):
        sample = measure(side, folder / side.name, given.pin)
        samples.setdefault(side.name, []).append(sample)
        print(f"round {number + 1}/{given.rounds}  {side.name:12} " + "  ".join(
            f"{sample[key]:8.2f} {title}" for key, title in FIGURES.items()), flush=True)

    # What Weir makes of the source says what the others have to make.
    run(0, ours)
    if '"copiedShare"' in (folder / f"{ours.name}.log").read_text():
        raise BenchError(f"Weir copies the pictures of {source}, so that there is nothing to compare; "
                         "give a film in open groups (x264 open-gop=1) or another codec")
    ladder = sides.ladder(folder / "weir")
    others = [sides.ALL[name](source, ladder) for name in sides.ALL if name in given.sides and name != "weir"]
    chosen = [ours] + others
    for side in others:
        run(0, side)
    for number in range(1, given.rounds):
        for side in rotated(chosen, number):
            run(number, side)
    outputs = {side.name: quality.judge(source, folder / side.name, ladder) for side in chosen}
    quality.require_equal_frames(outputs)
    quality.require_equal_encoders({side.name: folder / side.name for side in chosen}, ladder)
    return {"machine": machine(), "ffmpeg": sides.version(), "rounds": given.rounds, "pinned": sorted(given.pin or []),
            "source": {"bytes": source.stat().st_size, "seconds": quality.seconds(source)},
            "ladder": [vars(rung) for rung in ladder], "samples": samples, "outputs": outputs,
            "summary": {name: summary(samples, name) for name in samples}}


def summary(samples, name):
    """Medians of a side, and the medians of Weir's round-by-round ratios to it."""
    return {key: {"median": round(statistics.median(sample[key] for sample in samples[name]), 3),
                  "ratio": round(statistics.median(ours[key] / theirs[key] for ours, theirs in zip(samples["weir"], samples[name])), 3)}
            for key in FIGURES}


def table(result):
    """The summary as lines of text."""
    machine, source = result["machine"], result["source"]
    pinned = f", pinned to {result['pinned']}" if result["pinned"] else ""
    yield (f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}{pinned}; ffmpeg {result['ffmpeg']}; "
           f"{source['seconds']:.0f} s of film, {result['rounds']} rounds; medians; behind them Weir's figure by this one, "
           "median of the rounds' ratios")
    yield f"{'':12} " + " ".join(f"{title:>18}" for title in FIGURES.values())
    for name, row in result["summary"].items():
        yield f"{name:12} " + " ".join(f"{row[key]['median']:10.2f} ({row[key]['ratio']:.2f})".rjust(18) for key in FIGURES)
    yield ""
    names = list(result["outputs"])
    yield f"{'':8} " + " ".join(f"{name + ' SSIM, MB':>24}" for name in names)
    for rung in result["ladder"]:
        rows = [result["outputs"][name][rung["name"]] for name in names]
        yield f"{rung['name']:8} " + " ".join(f"{row['ssim']:.4f} {row['bytes'] / 1e6:9.2f}".rjust(24) for row in rows)


main()
