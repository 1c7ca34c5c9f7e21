import { api } from "{{session.js}}";

const player = document.getElementById("player");
const message = document.getElementById("message");
const videoId = location.pathname.split("/").pop();
const sessionId = crypto.randomUUID();

async function start() {
  const video = await api("GET", `/videos/${videoId}`);
  document.title = `${video.title || "Video"} – Weir`;
  document.getElementById("title").textContent = video.title || videoId;
  if (video.status === "failed") {
    message.textContent = `This video could not be made playable: ${video.failure}`;
    return;
  }
  if (!video.playable) {
    message.textContent = `Not playable yet (${video.status}); this page tries again by itself.`;
    setTimeout(() => start().catch(failed), 2000);
    return;
  }
  message.textContent = "";
  const { manifestUrl } = await api("POST", `/videos/${videoId}/playback`, {});
  if (!player.canPlayType("application/vnd.apple.mpegurl")) {
    message.textContent = "This browser does not play HLS by itself; Safari and Chromium 142 or newer do.";
    return;
  }
  player.src = new URL(manifestUrl).pathname;
}

const ping = (event) => api("POST", `/videos/${videoId}/views`, {
  sessionId, event, positionSeconds: Math.floor(player.currentTime),
}).catch(() => {});

const failed = (error) => { message.textContent = error.message; };

player.addEventListener("play", () => ping("play"));
player.addEventListener("pause", () => ping("pause"));
player.addEventListener("error", () => failed(new Error("The stream could not be played; reload to try again.")));
await start().catch(failed);
