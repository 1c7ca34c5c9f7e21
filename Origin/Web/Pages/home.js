import { accountArea, api, duration, views } from "{{session.js}}";

const message = document.getElementById("message");
const list = document.getElementById("videos");
const more = document.getElementById("more");

async function show(startKey) {
  try {
    const { items, lastEvaluatedKey } = await api("GET", `/videos${startKey ? `?startKey=${startKey}` : ""}`);
    if (!startKey) list.replaceChildren();
    list.append(...items.map(entry));
    more.hidden = !lastEvaluatedKey;
    more.onclick = () => show(lastEvaluatedKey);
    message.textContent = list.childElementCount ? "" : "No videos yet. What is uploaded and public appears here.";
  } catch (error) {
    message.textContent = `The list could not be loaded: ${error.message}`;
  }
}

function entry(video) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const title = document.createElement("strong");
  const facts = document.createElement("small");
  link.href = `/watch/${encodeURIComponent(video.videoId)}`;
  title.textContent = video.title;
  facts.textContent = [
    video.playable ? views(video) : video.status.replace("_", " "), duration(video),
    video.visibility === "public" ? "" : video.visibility,
  ].filter(Boolean).join(" · ");
  link.append(title, facts);
  item.append(link);
  return item;
}

await accountArea(() => show());
await show();
