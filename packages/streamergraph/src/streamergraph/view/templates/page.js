"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const el = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString("en-GB");
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: light)");
  const themeNow = () => root.dataset.theme || (system.matches ? "light" : "dark");
  const colors = () => data.themes[themeNow()];
  const communities = new Map(data.communities.map((one) => [one.id, one]));

  const graph = new graphology.UndirectedGraph();
  data.nodes.forEach(([id, label, x, y, radius, community, color, facts, categories, measures, channel, links], k) => {
    graph.addNode(k, { id, label, x, y, size: radius, community, color, facts, categories, measures, channel, links, base: color, radius });
  });
  // Strong relations last, so that they are drawn above weak ones.
  data.edges.sort((a, b) => a[2] - b[2]);
  const weights = data.edges.map((edge) => edge[2]);
  const strongest = weights.length ? weights[weights.length - 1] : 1;
  const strength = (weight) => weight / strongest;
  // Few relations must be seen one by one, many only as a haze.
  const sparsity = 20000 / Math.max(1, data.edges.length);
  const thickness = Math.min(3.2, Math.max(0.6, sparsity ** 0.25));
  for (const [a, b, weight] of data.edges) {
    graph.addEdge(a, b, { weight, size: thickness * (0.8 + 2 * strength(weight)), color: "#808080" });
  }
  // Weights differ by whole numbers, or where all are small by tenths of them, and so on.
  const weakest = weights.length ? weights[0] : 0;
  const unit = weights.length ? Math.min(1, 10 ** Math.floor(Math.log10((strongest - weakest || strongest) / 5))) : 1;
  const decimals = Math.max(0, Math.round(-Math.log10(unit)));
  const lowest = Number((Math.floor(weakest / unit) * unit).toFixed(decimals));
  const highest = Number((Math.ceil(strongest / unit) * unit).toFixed(decimals));
  // One decimal, and two digits where that would say 0.
  const shownWeight = (weight) => {
    if (data.weight.isCount) return number(weight);
    return Number(weight.toFixed(1)) === 0 ? String(Number(weight.toPrecision(2))) : weight.toFixed(1);
  };
  const keyOf = new Map();
  graph.forEachNode((key, a) => { keyOf.set(a.id, key); });

  const opening = Math.round(50 * Math.min(0.8, Math.max(0.1, 0.48 * sparsity ** 0.14))) / 50;
  const state = { weight: lowest, names: data.labels, opacity: opening, sizeBy: "mean viewers", colorBy: "community", degree: 0, off: new Set(), selected: null, hovered: null };
  let visibleNodes = new Set();
  let shownEdges = 0;
  let near = null; // the selected or pointed-at node's neighbours

  function recount() {
    const degree = new Map();
    graph.forEachEdge((edge, a, source, target) => {
      if (a.weight < state.weight) return;
      degree.set(source, (degree.get(source) || 0) + 1);
      degree.set(target, (degree.get(target) || 0) + 1);
    });
    visibleNodes = new Set();
    graph.forEachNode((node, a) => {
      if (!state.off.has(a.community) && (degree.get(node) || 0) >= state.degree) visibleNodes.add(node);
    });
    shownEdges = 0;
    graph.forEachEdge((edge, a, source, target) => {
      a.shown = a.weight >= state.weight && visibleNodes.has(source) && visibleNodes.has(target);
      if (a.shown) shownEdges += 1;
    });
    el("count").textContent = `${number(visibleNodes.size)} streamers, ${number(shownEdges)} relations`;
  }

  function partners(node) {
    const found = [];
    graph.forEachEdge(node, (edge, a, source, target) => {
      if (a.shown) found.push([source === node ? target : source, a.weight]);
    });
    return found.sort((p, q) => q[1] - p[1]);
  }

  // --- sizes and colours as they were chosen
  const values = {
    "mean viewers": (a) => a.facts[0], "most viewers": (a) => a.facts[1], audience: (a) => a.facts[5],
    "time live": (a) => a.facts[4],
  };
  data.measures.forEach((name, k) => {
    if (name !== "component") values[name.replaceAll("_", " ")] = (a) => a.measures[k];
  });
  for (const [name, of] of Object.entries(values)) {
    if (!graph.someNode((node, a) => of(a) !== null)) delete values[name];
  }
  const SCALE = ["#4b5fd6", "#2c9fb5", "#46c06f", "#c9d64a", "#ffb13b"];

  // `share` of one colour and the rest of another.
  function blended(color, share, below) {
    const parts = (text) => [1, 3, 5].map((k) => parseInt(text.slice(k, k + 2), 16));
    const other = parts(below);
    return `#${parts(color).map((part, k) => Math.round(share * part + (1 - share) * other[k]).toString(16).padStart(2, "0")).join("")}`;
  }
  const mixed = (color, share) => blended(color, share, colors().ground);
  const shaded = (color) => blended(color, colors().shade, "#000000");

  function paint() {
    const of = values[state.sizeBy];
    let most = 0;
    let widest = 0;
    graph.forEachNode((node, a) => {
      most = Math.max(most, (of && of(a)) || 0);
      widest = Math.max(widest, a.radius);
    });
    const by = values[state.colorBy];
    const place = new Map(); // rank of each value, so that a few large ones leave the rest apart
    if (by) {
      const known = [...new Set(graph.mapNodes((node, a) => by(a)).filter((value) => value !== null))].sort((p, q) => p - q);
      known.forEach((value, k) => place.set(value, k / Math.max(1, known.length - 1)));
    }
    const onScale = (share) => {
      const at = share * (SCALE.length - 1);
      const k = Math.min(SCALE.length - 2, Math.floor(at));
      return blended(SCALE[k + 1], at - k, SCALE[k]);
    };
    graph.updateEachNodeAttributes((node, a) => {
      a.size = a.radius;
      if (state.sizeBy === "nothing") a.size = widest / 5;
      else if (state.sizeBy !== "mean viewers" && of && most > 0) a.size = Math.max(widest / 25, widest * Math.sqrt((of(a) || 0) / most));
      a.color = shaded(by ? (place.has(by(a)) ? onScale(place.get(by(a))) : data.other) : a.base);
      return a;
    });
    graph.updateEachEdgeAttributes((edge, a, source, target, one, other) => {
      const same = !by && one.community === other.community && one.community >= 0;
      const color = same ? one.color : blended(one.color, 0.5, other.color);
      a.color = mixed(color, same ? state.opacity : 0.8 * state.opacity);
      return a;
    });
  }
  paint();

  let renderer;
  let wanted = []; // names that could be drawn in this frame
  let named = new Set(); // streamers whose names were drawn in the last one
  try {
    renderer = new Sigma(graph, el("stage"), {
      itemSizesReference: "positions",
      zoomToSizeRatioFunction: (ratio) => ratio,
      autoRescale: true,
      stagePadding: 60, // room for names at the edge
      labelColor: { color: "#808080" },
      labelFont: "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
      labelSize: 13,
      labelDensity: 3, // `drawLabels` leaves out what would cover another
      labelGridCellSize: 100,
      labelRenderedSizeThreshold: 6,
      zIndex: true,
      hideEdgesOnMove: data.edges.length > 15000,
      minEdgeThickness: 0.5,
      defaultDrawNodeLabel: (context, node) => { if (node.label) wanted.push([context, node]); },
      defaultDrawNodeHover: drawHover,
      nodeReducer: (node, a) => {
        const shown = { ...a };
        if (!visibleNodes.has(node)) { shown.hidden = true; return shown; }
        if (near && !near.has(node)) { shown.color = mixed("#808896", 0.22); shown.label = ""; shown.zIndex = 0; }
        else if (near) { shown.zIndex = 1; shown.forceLabel = near.size < 40 || node === focus(); }
        if (node === state.selected) shown.highlighted = true;
        return shown;
      },
      edgeReducer: (edge, a) => {
        if (!a.shown) return { hidden: true };
        if (!near) return a;
        const [source, target] = graph.extremities(edge);
        const centre = focus();
        if (source !== centre && target !== centre) return { hidden: true };
        const other = graph.getNodeAttribute(source === centre ? target : source, "color");
        // A hub has a thousand partners: thin and dim lines leave something to see between them.
        const few = Math.min(1, 60 / near.size);
        const size = (2 + 5.5 * strength(a.weight)) * (0.35 + 0.65 * few);
        return { ...a, color: mixed(other, 0.6 + 0.4 * few), size, zIndex: 1 };
      },
    });
  } catch (error) {
    el("stage").innerHTML = "";
    const text = document.createElement("p");
    text.className = "failure";
    text.textContent = `The graph cannot be drawn: this browser offers no WebGL. (${error.message})`;
    el("stage").append(text);
  }

  // Names of large circles first, each with a dark rim, and none over another.
  function drawLabels() {
    const boxes = [];
    named = new Set();
    wanted.sort((p, q) => q[1].size - p[1].size);
    const { ground, ink } = colors();
    for (const [context, node] of wanted) {
      if (named.size >= state.names && node.key !== focus()) continue;
      const { labelSize, labelFont } = renderer.getSettings();
      context.font = `${labelSize}px ${labelFont}`;
      const x = node.x + node.size + 3;
      const y = node.y + labelSize / 3;
      const box = [x - 2, y - labelSize, x + context.measureText(node.label).width + 2, y + 4];
      if (boxes.some((b) => box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3])) continue;
      boxes.push(box);
      named.add(node.key);
      context.lineWidth = 3;
      context.lineJoin = "round";
      context.strokeStyle = ground;
      context.strokeText(node.label, x, y);
      context.fillStyle = ink;
      context.fillText(node.label, x, y);
    }
    wanted = [];
  }

  function focus() { return state.selected ?? state.hovered; }

  function drawHover(context, node, settings) {
    context.font = `600 14px ${settings.labelFont}`;
    const label = node.label || "";
    const width = context.measureText(label).width + 16;
    const x = node.x + node.size + 3;
    const { ink } = colors();
    context.fillStyle = mixed(ink, 0.08);
    context.strokeStyle = node.color;
    context.lineWidth = 1.5;
    context.beginPath();
    context.roundRect(x, node.y - 13, width, 26, 5);
    context.fill();
    context.stroke();
    context.beginPath();
    context.arc(node.x, node.y, node.size + 2, 0, 2 * Math.PI);
    context.stroke();
    context.fillStyle = ink;
    context.textBaseline = "middle";
    context.fillText(label, x + 8, node.y + 1);
    context.textBaseline = "alphabetic";
  }

  function refresh() {
    const centre = focus();
    near = null;
    if (centre !== null) {
      near = new Set(partners(centre).map(([other]) => other));
      near.add(centre);
    }
    if (renderer) renderer.refresh({ skipIndexation: true });
  }

  const make = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  function showFacts() {
    const box = el("facts");
    box.replaceChildren();
    box.hidden = state.selected === null;
    if (state.selected === null) return;
    const a = graph.getNodeAttributes(state.selected);
    const close = make("button", "close", "close");
    close.type = "button";
    close.addEventListener("click", () => select(null));
    box.append(close, make("h2", a.label));
    const community = communities.get(a.community);
    if (community) box.append(make("p", community.name, "quiet"));
    const links = [...(a.channel ? [[a.channel, "Twitch"]] : []), ...a.links.map((link) => [link, link.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "")])];
    if (links.length) {
      const row = make("p", undefined, "links");
      for (const [address, text] of links) {
        const link = make("a", text);
        Object.assign(link, { href: address, target: "_blank", rel: "noopener noreferrer" });
        row.append(link);
      }
      box.append(row);
    }
    const list = make("dl");
    const [mean, peak, chatters, distinct, minutes, audience] = a.facts;
    const [degree, strength, rank, between, component, core] = a.measures;
    const digits = (value) => value.toLocaleString("en-GB", { maximumSignificantDigits: 3 });
    const facts = [
      ["mean viewers", mean], ["most viewers", peak], ["mean chatters", chatters],
      ["distinct chatters", distinct], ["audience", audience],
    ].filter(([, value]) => value !== null).map(([name, value]) => [name, number(value)]);
    if (minutes !== null) facts.splice(4, 0, ["time live", `${number(Math.round(minutes / 60))} h`]);
    const measures = [
      ["relations", degree], ["weight of all relations", strength], ["PageRank", rank],
      ["betweenness", between], ["core number", core], ["component", component],
    ];
    for (const [name, value] of measures) if (value !== null) facts.push([name, digits(value)]);
    for (const [name, value] of facts) list.append(make("dt", name), make("dd", value));
    box.append(list);
    if (a.categories.length) {
      box.append(make("h3", "Most played"));
      const played = make("ol");
      for (const [name, time] of a.categories) {
        const row = make("li");
        row.append(make("span", name), make("span", `${number(Math.round(time / 60))} h`));
        played.append(row);
      }
      box.append(played);
    }
    const found = partners(state.selected);
    box.append(make("h3", `Shared audience: ${data.weight.label} (${found.length} shown)`));
    const others = make("ol");
    for (const [other, weight] of found.slice(0, 12)) {
      const row = make("li");
      const button = make("button", graph.getNodeAttribute(other, "label"), "link");
      button.type = "button";
      button.addEventListener("click", () => select(other, true));
      row.append(button, make("span", shownWeight(weight)));
      others.append(row);
    }
    box.append(others);
  }

  function select(node, move, atOnce) {
    state.selected = node;
    state.hovered = null;
    const hash = node === null ? "" : `#node=${encodeURIComponent(graph.getNodeAttribute(node, "id"))}`;
    if (location.hash !== hash) history.replaceState(null, "", hash || location.pathname + location.search);
    showFacts();
    refresh();
    if (node !== null && move && renderer) {
      const place = renderer.getNodeDisplayData(node);
      // A small graph is seen whole beside its streamer.
      const ratio = Math.min(0.9, Math.max(0.35, 9 / Math.sqrt(graph.order)));
      const target = place && { x: place.x, y: place.y, ratio };
      if (target && atOnce) renderer.getCamera().setState(target);
      else if (target) renderer.getCamera().animate(target, { duration: 400 });
    }
  }

  function followHash() {
    const found = /^#node=(.*)$/.exec(location.hash);
    let key;
    try { key = found && keyOf.get(decodeURIComponent(found[1])); } catch { key = undefined; }
    select(key === undefined || key === null ? null : key, true, true);
  }

  function filter() {
    recount();
    if (state.selected !== null && !visibleNodes.has(state.selected)) select(null);
    else { showFacts(); refresh(); }
  }

  // --- search
  let hits = [];
  let active = -1;
  function showHits() {
    const list = el("hits");
    list.replaceChildren();
    hits.forEach((node, k) => {
      const item = make("li", graph.getNodeAttribute(node, "label"));
      item.id = `hit-${k}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(k === active));
      item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(node); });
      list.append(item);
    });
    list.hidden = hits.length === 0;
    el("search").setAttribute("aria-expanded", String(hits.length > 0));
    if (active >= 0) el("search").setAttribute("aria-activedescendant", `hit-${active}`);
    else el("search").removeAttribute("aria-activedescendant");
  }
  function choose(node) {
    el("search").value = graph.getNodeAttribute(node, "label");
    hits = [];
    showHits();
    if (!visibleNodes.has(node)) resetFilters();
    select(node, true);
  }
  el("search").addEventListener("input", () => {
    const wanted = el("search").value.trim().toLowerCase();
    const found = [];
    if (wanted) {
      graph.forEachNode((node, a) => {
        const at = a.label.toLowerCase().indexOf(wanted);
        if (at >= 0) found.push([at === 0 ? 0 : 1, -a.facts[0], node]);
      });
    }
    found.sort((p, q) => p[0] - q[0] || p[1] - q[1]);
    hits = found.slice(0, 8).map((entry) => entry[2]);
    active = hits.length ? 0 : -1;
    showHits();
  });
  el("search").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (hits.length) active = (active + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length;
      showHits();
    } else if (event.key === "Escape") { hits = []; showHits(); }
  });
  el("search").addEventListener("blur", () => { hits = []; showHits(); });
  el("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (hits.length) choose(hits[Math.max(0, active)]);
  });

  // --- filters and legend
  el("weight-name").textContent = data.weight.label;
  const weightSlider = el("least-weight");
  Object.assign(weightSlider, { min: lowest, max: highest, step: unit, value: lowest });
  const degreeSlider = el("least-degree");
  let largestDegree = 0;
  graph.forEachNode((node) => { largestDegree = Math.max(largestDegree, graph.degree(node)); });
  degreeSlider.max = Math.min(200, largestDegree);
  function showValues() {
    el("least-weight-value").textContent = state.weight;
    el("least-degree-value").textContent = state.degree;
  }
  let waiting = 0;
  function filterSoon() {
    showValues();
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(filter);
  }
  weightSlider.addEventListener("input", () => { state.weight = Number(weightSlider.value); filterSoon(); });
  degreeSlider.addEventListener("input", () => { state.degree = Number(degreeSlider.value); filterSoon(); });
  for (const one of data.communities) {
    const item = make("li");
    const label = make("label");
    const box = make("input");
    box.type = "checkbox";
    box.checked = true;
    box.dataset.community = one.id;
    box.addEventListener("change", () => {
      if (box.checked) state.off.delete(one.id); else state.off.add(one.id);
      filter();
    });
    const swatch = make("span", undefined, "swatch");
    swatch.dataset.color = one.color;
    label.append(box, swatch, make("span", one.name, "what"), make("span", number(one.size), "size"));
    item.append(label);
    el("legend").append(item);
  }
  function setAll(on) {
    state.off = new Set(on ? [] : data.communities.map((one) => one.id));
    for (const box of el("legend").querySelectorAll("input")) box.checked = on;
  }
  el("all").addEventListener("click", () => { setAll(true); filter(); });
  el("none").addEventListener("click", () => { setAll(false); filter(); });
  function resetFilters() {
    state.weight = lowest;
    state.degree = 0;
    weightSlider.value = lowest;
    degreeSlider.value = 0;
    setAll(true);
    showValues();
    recount();
  }
  el("reset").addEventListener("click", () => {
    resetFilters();
    select(null);
    if (renderer) renderer.getCamera().animatedReset({ duration: 300 });
  });

  // --- settings
  for (const [id, first, key] of [["size-by", ["nothing"], "sizeBy"], ["color-by", ["community"], "colorBy"]]) {
    const choice = el(id);
    for (const name of [...first, ...Object.keys(values)]) choice.append(new Option(name, name));
    if (![...choice.options].some((option) => option.value === state[key])) state[key] = first[0];
    choice.value = state[key];
    choice.addEventListener("change", () => { state[key] = choice.value; repaint(); });
  }
  el("names").value = state.names;
  el("opacity").value = state.opacity;
  el("theme").value = root.dataset.theme || "";
  el("names").addEventListener("input", () => { state.names = Number(el("names").value); repaint(); });
  el("opacity").addEventListener("input", () => { state.opacity = Number(el("opacity").value); repaint(); });
  el("theme").addEventListener("change", () => {
    if (el("theme").value) root.dataset.theme = el("theme").value; else delete root.dataset.theme;
    repaint();
  });
  system.addEventListener("change", repaint);
  function repaint() {
    paint();
    el("names-value").textContent = state.names;
    el("opacity-value").textContent = state.opacity;
    for (const swatch of document.querySelectorAll(".swatch")) swatch.style.background = shaded(swatch.dataset.color);
    el("scale").hidden = state.colorBy === "community";
    el("scale").querySelector(".bar").style.background = `linear-gradient(90deg, ${SCALE.map(shaded).join(", ")})`;
    refresh();
  }

  const saved = saving({
    graph, renderer, colors, made: data.made, measure: data.weight.column,
    isVisible: (node) => visibleNodes.has(node),
    isBright: (node) => !near || near.has(node),
    isNamed: (node) => named.has(node),
  });

  if (renderer) {
    renderer.on("afterRender", drawLabels);
    renderer.on("clickNode", ({ node }) => select(node));
    renderer.on("clickStage", () => select(null));
    // A pointer on its way over a crowd shall not draw the graph anew for each streamer it passes.
    let resting = 0;
    const hover = (node) => {
      clearTimeout(resting);
      resting = setTimeout(() => {
        if (state.hovered === node) return;
        state.hovered = node;
        if (state.selected === null) refresh();
      }, 120);
    };
    renderer.on("enterNode", ({ node }) => hover(node));
    renderer.on("leaveNode", () => hover(null));
  } else {
    for (const id of ["save-png", "save-svg"]) el(id).disabled = true;
  }
  addEventListener("hashchange", followHash);
  addEventListener("keydown", (event) => { if (event.key === "Escape") select(null); });
  showValues();
  recount();
  repaint();
  followHash();
  // For tests and for the console.
  window.streamergraph = { graph, renderer, state, select, visible: () => visibleNodes, ...saved };
})();
