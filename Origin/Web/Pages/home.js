import { accessToken, api, signIn } from "{{session.js}}";

const message = document.getElementById("message");
const form = document.getElementById("sign-in");
let secondFactor;

async function show() {
  form.hidden = Boolean(accessToken());
  try {
    const { items } = await api("GET", "/videos");
    message.textContent = items.length ? "" : "No videos yet.";
    document.getElementById("videos").replaceChildren(...items.map(entry));
  } catch (error) {
    message.textContent = `The list could not be loaded: ${error.message}`;
  }
}

function entry(video) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const state = document.createElement("small");
  link.href = `/watch/${encodeURIComponent(video.videoId)}`;
  link.textContent = video.title || video.videoId;
  state.textContent = video.playable ? `${video.views} views` : video.status;
  link.append(state);
  item.append(link);
  return item;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { username, password, code } = Object.fromEntries(new FormData(form));
  try {
    secondFactor = secondFactor ? await secondFactor(code) : await signIn(form.dataset.client, username, password);
    document.getElementById("code").hidden = !secondFactor;
    if (!secondFactor) await show();
  } catch (error) {
    secondFactor = undefined;
    message.textContent = error.message;
  }
});

const configuration = await (await fetch("/configuration.json")).json();
form.dataset.client = configuration.clientId;
await show();
