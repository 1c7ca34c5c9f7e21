import { accountArea, api, duration, views } from "{{session.js}}";

const element = (id) => document.getElementById(id);
const player = element("player");
const videoId = location.pathname.split("/").pop();
// Not randomUUID, which browsers offer to secure contexts only: people also open http://address-in-their-network.
const sessionId = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0"))
  .join("");

function say(text) {
  element("message").textContent = text;
}

function failed(error) {
  player.hidden = true;
  if (element("title").textContent === "Loading…") element("title").textContent = "Not available";
  say(error.status === 404 ? "There is no such video, or you have to sign in to see it." : error.message);
}

let next;
let isEncrypted = false;

async function start() {
  clearTimeout(next);
  const video = await api("GET", `/videos/${videoId}`);
  document.title = `${video.title} – Weir`;
  element("title").textContent = video.title;
  element("description").textContent = video.description;
  element("facts").textContent = [views(video), duration(video), new Date(video.createdAt).toLocaleDateString()]
    .filter(Boolean).join(" · ");
  isEncrypted = video.transcode.encryption !== "none";
  if (video.status === "failed") {
    say(`This video could not be made playable: ${video.failure?.reason ?? "nobody knows why"}`);
    return;
  }
  if (!video.playable) {
    const progress = video.progress > 0 ? `, ${Math.round(video.progress * 100)} %` : "";
    say(`Not playable yet (${video.status.replace("_", " ")}${progress}); this page goes on by itself.`);
    next = setTimeout(begin, 2000);
    return;
  }
  player.hidden = false;
  if (!player.canPlayType("application/vnd.apple.mpegurl")) {
    say("This browser does not play HLS by itself; Safari and Chromium 142 or newer do.");
    return;
  }
  say("");
  if (player.src) return;
  const { manifestUrl } = await api("POST", `/videos/${videoId}/playback`, {});
  player.src = new URL(manifestUrl).pathname;
}

const begin = () => start().catch(failed);

// What somebody had to wait for: the first picture, from being asked to play, and media later on. Each is told once.
let asked = 0;
let begun = false;
let startup;
let waitingSince = 0;
let stalled = 0;

function ping(event) {
  const told = { sessionId, event, positionSeconds: Math.floor(player.currentTime) };
  if (startup !== undefined) told.startupMilliseconds = Math.min(Math.round(startup), 600_000);
  if (stalled >= 1) told.stalledMilliseconds = Math.min(Math.round(stalled), 3_600_000);
  startup = undefined;
  stalled = 0;
  return api("POST", `/videos/${videoId}/views`, told).catch(() => {});
}

function endWaiting() {
  if (waitingSince) stalled += performance.now() - waitingSince;
  waitingSince = 0;
}

player.addEventListener("play", () => { asked ||= performance.now(); });
player.addEventListener("playing", () => {
  if (!begun) startup = performance.now() - asked;
  begun = true;
  if (!waitingSince) return;
  endWaiting();
  ping("play");
});
player.addEventListener("waiting", () => {
  // Before the first picture it is the startup, and whoever seeks has chosen to wait.
  if (!begun || player.seeking || waitingSince) return;
  waitingSince = performance.now();
  ping("stall");
});
player.addEventListener("pause", endWaiting);
for (const event of ["play", "pause", "ended"]) player.addEventListener(event, () => ping(event));
setInterval(() => { if (!player.paused) ping("progress"); }, 10_000);
player.addEventListener("error", () => say(isEncrypted
  ? "This browser's own player does not open encrypted videos."
  : "The stream could not be played; reload to try again."));
await accountArea(begin);
await begin();
