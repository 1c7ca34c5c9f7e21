"""Headless Chromium, driven over its debugging pipe (Chrome DevTools Protocol); no driver program, no library."""
import fcntl
import json
import os
import subprocess
import tempfile

from installation import wait_for


class Browser:
    """One window. Commands go in on descriptor 3 and answers come out on 4, JSON texts that end with a zero byte."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="weir-browser-", ignore_cleanup_errors=True)
        commands, self.commands = self._pipe()
        self.answers, answers = self._pipe()
        arrange = f"exec chromium \"$@\" 3<&{commands} 4>&{answers} {commands}<&- {answers}>&-"
        self.process = subprocess.Popen(
            ["bash", "-c", arrange, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--autoplay-policy=no-user-gesture-required", "--ignore-certificate-errors",
             f"--user-data-dir={self.profile.name}", "about:blank"],
            pass_fds=[commands, answers], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self.received, self.number, self.session, self.complaints = b"", 0, None, []
        targets = self.command("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self.session = self.command("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.command(f"{domain}.enable")
        return self

    @staticmethod
    def _pipe():
        """Both ends, away from the descriptors that the browser's own ends get."""
        ends = os.pipe()
        moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
        for end in ends:
            os.close(end)
        return moved

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)
        os.close(self.commands)
        os.close(self.answers)
        self.profile.cleanup()

    def command(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]
            self._hear(answer)

    def _next(self):
        while b"\0" not in self.received:
            piece = os.read(self.answers, 1 << 16)
            assert piece, "the browser has ended"
            self.received += piece
        text, self.received = self.received.split(b"\0", 1)
        return json.loads(text)

    def _hear(self, event):
        parameters = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(parameters["exceptionDetails"].get("exception", {}).get("description"))
        elif event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.complaints.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")

    def open(self, url):
        self.command("Page.navigate", url=url)

    def play(self, path):
        """What the browser's own player shows of a playlist on the page's host, from its beginning to its end."""
        self.evaluate(f"""(() => {{ const player = document.createElement('video'); document.body.replaceChildren(player);
            player.muted = true; player.src = {json.dumps(path)}; player.playbackRate = 4; player.play(); }})()""")
        wait_for(lambda: self.evaluate("(p => p.ended || p.error)(document.querySelector('video')) ? 1 : 0"),
                 what="the end of the film")
        return self.evaluate("""(() => { const player = document.querySelector('video');
            const quality = player.getVideoPlaybackQuality();
            return { frames: quality.totalVideoFrames, corrupted: quality.corruptedVideoFrames,
                     error: player.error?.message ?? null }; })()""")

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page; promises are waited for."""
        answer = self.command("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")
