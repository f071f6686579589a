// The page on which a clip is dropped, chosen or recorded; its result has a page of its own.
const at = name => document.getElementById(name);
const drop = at("drop"), file = at("file"), error = at("error"), working = at("working");
const MOST_RECORDED_MS = 15000;
let mostMib = Infinity, request = null, job = null, events = null, camera = null, recording = null;

async function begin() {
  const answer = await fetch("about");
  at("login").hidden = answer.status !== 401;
  at("try").hidden = answer.status === 401;
  if (!answer.ok) return;
  const about = await answer.json();
  at("run").textContent = ` · ${about.run}`;
  mostMib = about.limits.upload_mib;
  const some = about.classes.slice(0, 12).join(", ");
  at("classes").textContent = `It knows ${about.classes.length} classes: ${some}${about.classes.length > 12 ? ` and ${about.classes.length - 12} more` : ""}.`;
  at("limits").textContent = `at most ${about.limits.upload_mib} MiB and ${minutes(about.limits.video_seconds)}`;
  const list = at("examples").querySelector("ul");
  list.replaceChildren(...about.examples.map((name, k) => example(name, k)));
  at("examples").hidden = !about.examples.length;
}

const minutes = seconds => seconds >= 120 ? `${Math.round(seconds / 60)} minutes` : `${seconds} seconds`;

function example(name, k) {
  const item = document.createElement("li"), button = document.createElement("button"), video = document.createElement("video");
  video.src = `examples/${k}`;
  Object.assign(video, { muted: true, preload: "auto", playsInline: true, tabIndex: -1 });
  video.setAttribute("aria-hidden", "true");
  video.hidden = true; // until there is a picture, which this browser may not be able to show
  video.addEventListener("loadeddata", () => { video.hidden = false; });
  button.type = "button";
  button.append(video, Object.assign(document.createElement("span"), { className: "name", textContent: name }));
  button.addEventListener("click", async () => {
    told("Fetching the example …");
    const answer = await fetch(`examples/${k}`);
    if (answer.ok) send(await answer.blob(), name); else failed("The example cannot be had.");
  });
  item.append(button);
  return item;
}

function told(text, share = null) {
  error.hidden = true;
  at("try").hidden = true;
  working.hidden = false;
  at("status").textContent = text;
  if (share === null) at("progress").removeAttribute("value"); else at("progress").value = share;
}

function failed(text) {
  working.hidden = true;
  at("try").hidden = false;
  error.textContent = text;
  error.hidden = false;
  file.value = "";
}

function send(blob, name) {
  const mib = blob.size / 2 ** 20;
  if (mib > mostMib) { failed(`${name} has ${mib.toFixed(0)} MiB, more than the ${mostMib} that this server takes: cut it, or ask whoever runs it for more (--upload-mib).`); return; }
  told("Uploading …", 0);
  const form = new FormData();
  form.append("file", blob, name);
  request = new XMLHttpRequest(); // which tells how far an upload is
  request.open("POST", `jobs${at("timeline").checked ? "?timeline=true" : ""}`);
  request.upload.onprogress = event => event.lengthComputable && told("Uploading …", event.loaded / event.total);
  request.onload = () => {
    const answer = request;
    request = null;
    let content = {};
    try { content = JSON.parse(answer.responseText); } catch { /* told below */ }
    if (answer.status === 202) watch(content.id);
    else if (answer.status === 401) begin();
    else failed(reason(content) || `The server answered ${answer.status}.`);
  };
  request.onerror = () => failed("The connection ended: the upload may be too large, or the server has stopped.");
  request.send(form);
}

const reason = content => typeof content.detail === "string" ? content.detail : "";

function watch(id) {
  job = id;
  told("Waiting for its turn …");
  events = new EventSource(`jobs/${id}/events`);
  events.addEventListener("waiting", () => told("Waiting for its turn …"));
  events.addEventListener("working", event => {
    const now = JSON.parse(event.data), of = now.of_s;
    told(of ? `Looking: ${now.done_s.toFixed(1)} of ${of.toFixed(1)} s …` : "Looking …", of ? Math.min(now.done_s / of, 1) : null);
  });
  events.addEventListener("done", () => { events.close(); location.href = `jobs/${id}/page`; });
  events.addEventListener("failed", event => { events.close(); failed(JSON.parse(event.data).reason); });
}

at("cancel").addEventListener("click", async () => {
  request?.abort();
  events?.close();
  if (job) await fetch(`jobs/${job}`, { method: "DELETE" });
  job = null;
  working.hidden = true;
  at("try").hidden = false;
  file.value = "";
});

file.addEventListener("change", () => { if (file.files.length) send(file.files[0], file.files[0].name); });
for (const event of ["dragenter", "dragover"]) addEventListener(event, one => { one.preventDefault(); drop.classList.add("over"); });
for (const event of ["dragleave", "dragend", "drop"]) addEventListener(event, () => drop.classList.remove("over"));
addEventListener("drop", event => {
  event.preventDefault();
  const dropped = event.dataTransfer?.files?.[0];
  if (dropped && working.hidden && at("login").hidden) send(dropped, dropped.name);
});

at("record").addEventListener("click", async () => {
  error.hidden = true;
  try {
    camera = await navigator.mediaDevices.getUserMedia({ video: true });
  } catch {
    failed("There is no camera, or the browser does not allow it: pages have it from localhost or by HTTPS.");
    return;
  }
  const kind = ["video/webm;codecs=vp8", "video/webm", "video/mp4"].find(one => MediaRecorder.isTypeSupported(one));
  const parts = [], began = performance.now();
  recording = new MediaRecorder(camera, kind ? { mimeType: kind } : {});
  recording.ondataavailable = event => parts.push(event.data);
  recording.onstop = () => {
    clearInterval(clock);
    camera.getTracks().forEach(track => track.stop());
    at("recorder").hidden = true;
    at("record").hidden = false;
    if (recording.kept) send(new Blob(parts, { type: recording.mimeType }), `recording.${recording.mimeType.includes("mp4") ? "mp4" : "webm"}`);
  };
  const clock = setInterval(() => {
    at("clock").textContent = `${((performance.now() - began) / 1000).toFixed(1)} s`;
    if (performance.now() - began > MOST_RECORDED_MS) stopRecording(true);
  }, 100);
  at("preview").srcObject = camera;
  at("preview").play();
  at("recorder").hidden = false;
  at("record").hidden = true;
  at("stop").focus();
  recording.start();
});
function stopRecording(kept) {
  if (recording?.state !== "recording") return;
  recording.kept = kept;
  recording.stop();
}
at("stop").addEventListener("click", () => stopRecording(true));
at("discard").addEventListener("click", () => stopRecording(false));

at("login").addEventListener("submit", async event => {
  event.preventDefault();
  const answer = await fetch("login", { method: "POST", body: JSON.stringify({ token: at("token").value }) });
  at("wrong").hidden = answer.ok;
  if (answer.ok) begin(); else at("token").select();
});
addEventListener("pageshow", event => { if (event.persisted) { working.hidden = true; at("try").hidden = false; file.value = ""; } });
begin();
