// What a result page does beyond its timeline (timeline.js, before this): flow, Grad-CAM, downloads.
const part = name => document.getElementById(name);
const why = async answer => { try { return (await answer.json()).detail || answer.statusText; } catch { return answer.statusText; } };

// Whether something is made, which its first request waits for; else the reason is told.
async function isMade(address, place, text) {
  place.textContent = text;
  try {
    const answer = await fetch(address, { headers: { range: "bytes=0-0" } });
    if (answer.ok) { place.textContent = ""; return true; }
    place.textContent = await why(answer);
  } catch { place.textContent = "The server does not answer."; }
  return false;
}

const own = location.pathname.replace(/\/page$/, "");
(async () => { // what is to be known of the video and the result
  const answer = await fetch(own).catch(() => null);
  if (!answer?.ok) return;
  for (const note of (await answer.json()).notes) document.querySelector("header").append(
    Object.assign(document.createElement("p"), { className: "notice", textContent: note }));
})();

const flow = part("flow");
if (flow) (async () => {
  const wait = part("flow-wait");
  if (!await isMade("flow.mp4", wait, "The flow is being drawn …")) return;
  flow.preload = "auto"; // a picture of it is there before anybody plays
  flow.src = "flow.mp4";
  flow.hidden = false;
  wait.hidden = true;
  const follow = () => { if (Math.abs(flow.currentTime - video.currentTime) > .2) flow.currentTime = video.currentTime; };
  for (const event of ["loadedmetadata", "loadeddata"]) flow.addEventListener(event, follow);
  for (const event of ["seeking", "seeked", "timeupdate"]) video.addEventListener(event, follow);
  video.addEventListener("play", () => flow.play().catch(() => {}));
  video.addEventListener("pause", () => { flow.pause(); follow(); });
  video.addEventListener("ratechange", () => { flow.playbackRate = video.playbackRate; });
  if (!video.paused) flow.play().catch(() => {});
})();

// What this browser cannot play is shown as the copy that it can.
let copied = false;
const copy = async () => {
  if (copied) return;
  copied = true;
  const told = part("unplayable");
  const before = told.innerHTML;
  told.className = "wait"; // in the place of the clip, as flow that is being drawn
  video.after(told);
  if (!await isMade("overlay.mp4", told, "This browser cannot play the video as it is: a copy is being made …")) { told.innerHTML = before; return; }
  told.hidden = true;
  part("clip-told").textContent = "A copy of the clip with its labels: this browser cannot play the clip itself";
  const reached = at; // by clicks in the lanes, meanwhile
  video.addEventListener("loadedmetadata", () => { video.currentTime = reached; }, { once: true });
  video.src = "overlay.mp4";
  video.hidden = false;
  plays = true;
};
video.addEventListener("error", copy);
if (video.error) copy();

const cam = part("cam"), seen = part("seen"), camTold = part("cam-told");
let explained = null;
function drawSeen() {
  const on = cam.getAttribute("aria-pressed") === "true";
  seen.replaceChildren(...explained.map(one => {
    const figure = document.createElement("figure"), two = document.createElement("div"), caption = document.createElement("figcaption");
    two.className = "two";
    const parts = Object.entries(one.streams);
    for (const [stream, seenBy] of parts) {
      const image = document.createElement("img");
      image.src = `explanations/${on ? seenBy.map : seenBy.picture}`;
      image.alt = `${stream} stream: what it saw${on ? `, and where it looked for ${one.label}` : ""}`;
      two.append(image);
    }
    const go = Object.assign(document.createElement("button"), { type: "button", textContent: clock(one.start_s) });
    go.addEventListener("click", () => seek(one.start_s));
    caption.append(go, ` ${one.label}: ${parts.map(([stream, seenBy]) => `${stream} ${seenBy.score.toFixed(2)}`).join(", ")}`);
    figure.append(two, caption);
    return figure;
  }));
  markSeen();
}
function markSeen() {
  [...seen.children].forEach((figure, k) => figure.classList.toggle("now", explained[k].start_s <= at && at < explained[k].end_s));
}
cam.addEventListener("click", async () => {
  cam.setAttribute("aria-pressed", String(cam.getAttribute("aria-pressed") !== "true"));
  if (!explained) {
    cam.disabled = true;
    camTold.textContent = "The networks are being asked …";
    const answer = await fetch("explanations").catch(() => null);
    cam.disabled = false;
    if (!answer?.ok) { cam.setAttribute("aria-pressed", "false"); camTold.textContent = answer ? await why(answer) : "The server does not answer."; return; }
    explained = await answer.json();
    camTold.textContent = explained.length ? "" : "There is nothing to explain: the video is shorter than what the networks look at.";
  }
  drawSeen();
});
video.addEventListener("timeupdate", () => explained && markSeen());
video.addEventListener("seeked", () => explained && markSeen());

part("format").addEventListener("change", event => { part("labels").href = `labels/${event.target.value}`; });
for (const name of ["overlay", "labels"]) part(name).addEventListener("click", async event => {
  const link = event.currentTarget;
  if (link.dataset.made === link.href) return; // the browser takes it
  event.preventDefault();
  if (!await isMade(link.href, part("take-told"), "It is being made …")) return;
  link.dataset.made = link.href;
  link.click();
});
part("remove").addEventListener("click", async () => {
  await fetch(own, { method: "DELETE" }).catch(() => null);
  location.href = "../../";
});
