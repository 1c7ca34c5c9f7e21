"""What people see: the pages and the stream in a browser with nobody's help."""
from browser import Browser
from installation import media_segments, wait_for


def test_chromium_plays_the_watch_page_to_the_end_and_decodes_every_frame(weir, film):
    video_id, token = film
    cookies = weir.cookies(video_id)
    best = max(weir.video(video_id, token)["renditions"], key=lambda rendition: rendition["height"])
    playlist = weir.get(f"/media/{video_id}/{best['name']}/index.m3u8", cookies).text
    seconds = sum(duration for duration, _ in media_segments(playlist)[0])
    with Browser() as browser:
        browser.open(f"{weir.ready['edge']}/watch/{video_id}")
        wait_for(lambda: browser.evaluate("document.querySelector('video')?.readyState > 0"), what="the film's first data")
        browser.evaluate("""(() => { const player = document.querySelector('video');
            player.muted = true; player.playbackRate = 4; player.play(); })()""")
        wait_for(lambda: browser.evaluate("document.querySelector('video').ended"), what="the end of the film")
        seen = browser.evaluate("""(() => { const player = document.querySelector('video');
            const quality = player.getVideoPlaybackQuality();
            return { frames: quality.totalVideoFrames, corrupted: quality.corruptedVideoFrames,
                     duration: player.duration, error: player.error?.message ?? null }; })()""")
        assert seen["error"] is None and seen["corrupted"] == 0
        assert abs(seen["duration"] - seconds) < 0.05
        # A change of quality may show a frame twice; none may be missing.
        assert seen["frames"] >= round(seconds * best["frameRate"]) - 1
        assert browser.complaints == []
