// The timeline: lanes drawn on a canvas, tied to the video. Times are seconds, places CSS pixels.
const told = JSON.parse(document.getElementById("data").textContent);
const video = document.getElementById("video");
const box = document.getElementById("lanes"), canvas = box.querySelector("canvas");
const whole = document.getElementById("whole"), now = document.getElementById("now"), label = document.getElementById("label");
const rows = [...(document.getElementById("intervals")?.tBodies[0].rows ?? [])];
const LANE = told.truth ? 46 : 38, AXIS = 24, SMALLEST = 1;
let duration = told.duration || 1, at = 0, from = 0, to = duration, plays = Boolean(video), marked = -1, waiting = false;

const bytes = text => Uint8Array.from(atob(text), sign => sign.charCodeAt(0));
const times = (() => {
  const gaps = new Uint32Array(bytes(told.curves.times).buffer), found = new Float64Array(gaps.length);
  let ticks = 0;
  gaps.forEach((gap, k) => { ticks += gap; found[k] = ticks / 1e4; });
  return found;
})();
const curves = Object.fromEntries(Object.entries(told.curves.streams).map(([name, text]) => [name, bytes(text)]));
const shown = Object.fromEntries(Object.keys(curves).map(name => [name, true]));
const kindOf = stream => stream === "fused" ? "fusion" : stream;
const width = () => canvas.clientWidth, left = () => Math.min(150, width() * .28);
const x = time => left() + (time - from) / (to - from) * (width() - left());
const timeAt = place => from + (place - left()) / (width() - left()) * (to - from);
const limited = (value, low, high) => Math.max(low, Math.min(high, value));
const clock = (time, digits = 2) => {
  const ticks = Math.round(Math.max(time, 0) * 10 ** digits), seconds = Math.floor(ticks / 10 ** digits);
  const two = value => String(value).padStart(2, "0");
  const rest = digits ? "." + String(ticks % 10 ** digits).padStart(digits, "0") : "";
  const hours = Math.floor(seconds / 3600);
  return (hours ? hours + ":" + two(Math.floor(seconds / 60) % 60) : Math.floor(seconds / 60)) + ":" + two(seconds % 60) + rest;
};
const firstAfter = (time, low = 0, high = times.length) => {
  while (low < high) { const middle = (low + high) >> 1; if (times[middle] < time) low = middle + 1; else high = middle; }
  return low;
};

function prepared(surface, height) {
  const scale = devicePixelRatio || 1;
  surface.style.height = height + "px";
  surface.width = Math.round(surface.clientWidth * scale);
  surface.height = Math.round(height * scale);
  const pen = surface.getContext("2d"), style = getComputedStyle(document.documentElement);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.font = "13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";
  pen.textBaseline = "middle";
  return [pen, name => style.getPropertyValue("--" + name)];
}

function draw() {
  waiting = false;
  const height = AXIS + LANE * told.lanes.length, [pen, colour] = prepared(canvas, height);
  pen.fillStyle = colour("paper");
  pen.fillRect(0, 0, width(), height);
  ticks(pen, colour, height);
  pen.save();
  pen.beginPath();
  pen.rect(left(), 0, width() - left(), height);
  pen.clip();
  told.lanes.forEach((name, lane) => drawLane(pen, colour, name, AXIS + lane * LANE));
  pen.restore();
  told.lanes.forEach((name, lane) => drawName(pen, colour, name, AXIS + lane * LANE));
  tellFar();
  pen.fillStyle = colour("wrong");
  if (x(at) >= left()) pen.fillRect(x(at) - 1, 0, 2, height);
  drawWhole();
  tell();
}

function ticks(pen, colour, height) {
  const wanted = (to - from) / Math.max((width() - left()) / 90, 1);
  const step = [.04, .1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].find(one => one >= wanted) ?? 7200;
  pen.strokeStyle = colour("grid");
  pen.fillStyle = colour("muted");
  pen.textAlign = "center";
  for (let k = Math.ceil(from / step); k * step <= to; k++) {
    pen.beginPath(); pen.moveTo(x(k * step), AXIS - 4); pen.lineTo(x(k * step), height); pen.stroke();
    pen.fillText(clock(k * step, step < 1 ? 2 : 0), limited(x(k * step), left() + 16, width() - 18), AXIS / 2 - 1);
  }
  pen.setLineDash([3, 3]);
  pen.strokeStyle = colour("muted");
  for (const cut of told.cuts) if (cut >= from && cut <= to) {
    pen.beginPath(); pen.moveTo(x(cut), AXIS); pen.lineTo(x(cut), height); pen.stroke();
  }
  pen.setLineDash([]);
}

const pointsInView = () => [Math.max(firstAfter(from) - 1, 0), Math.min(firstAfter(to) + 1, times.length)];
// From far away one line a lane is all that can be read.
function isFar() { const [first, end] = pointsInView(); return end - first > 2 * width(); }
function tellFar() {
  const far = isFar(), others = [...document.querySelectorAll("[data-stream]")].filter(one => one.dataset.stream !== told.deciding);
  document.getElementById("far").hidden = !far || !others.length;
  for (const one of others) one.parentElement.classList.toggle("far", far);
}

function drawLane(pen, colour, name, top) {
  pen.strokeStyle = colour("rule");
  pen.beginPath(); pen.moveTo(0, top + .5); pen.lineTo(width(), top + .5); pen.stroke();
  const bottom = top + LANE - 3, high = LANE - 7;
  blocks(pen, told.intervals, name, (start, span) => {
    pen.globalAlpha = .28; pen.fillStyle = colour("fusion"); pen.fillRect(start, bottom - high, span, high);
    pen.globalAlpha = 1; pen.fillRect(start, bottom - 3, span, 3);
  });
  if (told.truth) blocks(pen, told.truth, name, (start, span) => {
    pen.strokeStyle = colour("ink"); pen.lineWidth = 1.5;
    pen.strokeRect(start + .75, top + 3.5, Math.max(span - 1.5, .5), 8);
    pen.lineWidth = 1;
  });
  const row = told.curves.lanes.indexOf(name);
  if (row < 0) return;
  const [first, end] = pointsInView();
  for (const [stream, codes] of Object.entries(curves)) {
    if (!shown[stream] || (stream !== told.deciding && isFar())) continue;
    pen.strokeStyle = colour(kindOf(stream));
    pen.lineWidth = stream === told.deciding ? 2 : 1;
    pen.setLineDash(stream === "temporal" ? [4, 3] : []);
    pen.beginPath();
    const level = (value) => bottom - 3 - value * (high - (told.truth ? 14 : 4));
    // What was looked at as one clip has one score all along.
    if (times.length === 1) { pen.moveTo(0, level(codes[row] / 255)); pen.lineTo(width(), level(codes[row] / 255)); }
    // Where points lie closer than pixels, the highest of a pixel is drawn.
    let column = -1, best = 0;
    for (let k = times.length === 1 ? end : first; k < end; k++) {
      const place = x(times[k]), value = codes[row * times.length + k] / 255;
      if (Math.floor(place) === column) { best = Math.max(best, value); } else { column = Math.floor(place); best = value; }
      const next = k + 1 < end ? Math.floor(x(times[k + 1])) : -1;
      if (next !== column) pen.lineTo(place, level(best));
    }
    pen.stroke();
  }
  pen.setLineDash([]);
  pen.lineWidth = 1;
}

function blocks(pen, intervals, name, paint) {
  for (const one of intervals) {
    if (one.label !== name || one.end_s < from || one.start_s > to) continue;
    paint(x(one.start_s), Math.max(x(one.end_s) - x(one.start_s), 1));
  }
}

function drawName(pen, colour, name, top) {
  pen.fillStyle = colour(name === told.background ? "muted" : "ink");
  pen.textAlign = "left";
  let text = name;
  while (text.length > 1 && pen.measureText(text).width > left() - 16) text = text.slice(0, -2) + "…";
  pen.fillText(text, 8, top + LANE / 2);
}

function drawWhole() {
  whole.style.marginLeft = left() + "px"; // below what it is an overview of; borders are a pixel
  whole.style.width = width() - left() + 2 + "px";
  const [pen, colour] = prepared(whole, 26), scale = whole.clientWidth / duration;
  pen.fillStyle = colour("surface");
  pen.fillRect(0, 0, whole.clientWidth, 26);
  pen.fillStyle = colour("fusion");
  for (const one of told.intervals) pen.fillRect(one.start_s * scale, 8, Math.max((one.end_s - one.start_s) * scale, 1), 10);
  pen.strokeStyle = colour("ink");
  pen.strokeRect(from * scale + .5, .5, Math.max((to - from) * scale - 1, 2), 25);
  pen.fillStyle = colour("wrong");
  pen.fillRect(at * scale - 1, 0, 2, 26);
}

function tell() {
  const current = told.intervals.findIndex(one => one.start_s <= at && at < one.end_s);
  now.textContent = clock(at) + " / " + clock(duration, 0);
  const truth = told.truth?.find(one => one.start_s <= at && at < one.end_s);
  label.textContent = current < 0 ? "–" : `${told.intervals[current].label} (${told.intervals[current].score.toFixed(2)})`;
  if (told.truth) label.textContent += `, true: ${truth ? truth.label : "–"}`;
  box.setAttribute("aria-valuenow", at.toFixed(2));
  box.setAttribute("aria-valuetext", `${clock(at)}, ${label.textContent}`);
  if (current === marked) return;
  rows[marked]?.classList.remove("now");
  marked = current;
  const row = rows[current];
  if (!row) return;
  row.classList.add("now");
  const list = row.closest(".list"), middle = row.offsetTop - list.clientHeight / 2;
  if (row.offsetTop < list.scrollTop + 30 || row.offsetTop + row.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = middle;
}

const later = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };
function view(start, end) {
  const span = limited(end - start, Math.min(SMALLEST, duration), duration);
  from = limited(start, 0, duration - span);
  to = from + span;
  later();
}
function zoom(factor, around = at >= from && at <= to ? at : (from + to) / 2) { view(around - (around - from) * factor, around + (to - around) * factor); }
function follow() { if (at < from || at > to) view(at - (to - from) * .1, at + (to - from) * .9); later(); }
function seek(time) {
  at = limited(time, 0, duration);
  if (plays) video.currentTime = at;
  follow();
}

if (video) {
  const failed = () => { plays = false; video.hidden = true; document.getElementById("unplayable").hidden = false; };
  video.addEventListener("error", failed);
  if (video.error) failed();
  video.addEventListener("loadedmetadata", () => {
    // What is known of it counts where the file does not know its own length.
    if (Number.isFinite(video.duration) && video.duration > duration) { const all = to - from === duration; duration = video.duration; if (all) to = duration; }
    box.setAttribute("aria-valuemax", duration.toFixed(2));
    later();
  });
  for (const event of ["timeupdate", "seeked"]) video.addEventListener(event, () => { at = video.currentTime; follow(); });
  const tick = () => { if (!video.paused) { at = video.currentTime; follow(); requestAnimationFrame(tick); } };
  video.addEventListener("play", tick);
}
box.setAttribute("aria-valuemax", duration.toFixed(2));

let held = null;
canvas.addEventListener("pointerdown", event => { held = { place: event.offsetX, from, to, moved: false }; canvas.setPointerCapture(event.pointerId); });
canvas.addEventListener("pointermove", event => {
  if (!held) return;
  if (Math.abs(event.offsetX - held.place) > 4) held.moved = true;
  const shift = (held.place - event.offsetX) / (width() - left()) * (held.to - held.from);
  if (held.moved) view(held.from + shift, held.to + shift);
});
canvas.addEventListener("pointerup", event => {
  if (held && !held.moved && event.offsetX >= left()) seek(timeAt(event.offsetX));
  held = null;
});
canvas.addEventListener("pointercancel", () => { held = null; });
canvas.addEventListener("wheel", event => {
  const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.shiftKey ? event.deltaY : 0;
  if (!sideways && !event.ctrlKey && to - from >= duration && event.deltaY > 0) return; // the page scrolls
  event.preventDefault();
  if (sideways) view(from + sideways / width() * (to - from), to + sideways / width() * (to - from));
  else zoom(Math.exp(limited(event.deltaY, -200, 200) * .003), timeAt(Math.max(event.offsetX, left())));
}, { passive: false });
whole.addEventListener("pointerdown", event => seek(event.offsetX / whole.clientWidth * duration));
document.getElementById("in").addEventListener("click", () => zoom(.5));
document.getElementById("out").addEventListener("click", () => zoom(2));
document.getElementById("all").addEventListener("click", () => view(0, duration));
rows.forEach((row, k) => row.querySelector("button").addEventListener("click", () => seek(told.intervals[k].start_s)));
for (const check of document.querySelectorAll("[data-stream]")) check.addEventListener("change", () => { shown[check.dataset.stream] = check.checked; later(); });

const step = event => event.shiftKey ? 1 / told.fps : 1;
const keys = {
  " ": () => plays && (video.paused ? video.play() : video.pause()),
  ArrowLeft: event => seek(at - step(event)), ArrowRight: event => seek(at + step(event)),
  Home: () => seek(0), End: () => seek(duration),
  n: () => { const next = told.intervals.find(one => one.start_s > at + 1e-3); if (next) seek(next.start_s); },
  p: () => { const earlier = told.intervals.filter(one => one.start_s < at - .5).pop(); if (earlier) seek(earlier.start_s); },
  "+": () => zoom(.5), "=": () => zoom(.5), "-": () => zoom(2), 0: () => view(0, duration),
};
addEventListener("keydown", event => {
  const inside = event.target.closest("button, input, a, video, .list");
  if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  if (inside && [" ", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return; // theirs
  event.preventDefault();
  keys[event.key](event);
});
addEventListener("resize", later);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", later);
draw();
