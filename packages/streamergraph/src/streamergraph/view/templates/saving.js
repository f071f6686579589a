"use strict";
// What is shown, as files: PNG, SVG and two CSVs. Called once by the page's program.
const saving = ({ graph, renderer, colors, made, measure, isVisible, isBright, isNamed }) => {
  const font = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";

  function save(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const quoted = (value) => /[",\n\r]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value;
  const csv = (rows) => new Blob([rows.map((row) => row.map(quoted).join(",")).join("\n") + "\n"], { type: "text/csv" });
  function nodeRows() {
    const rows = [["id", "name", "community", "mean_viewers"]];
    graph.forEachNode((node, a) => {
      if (isVisible(node)) rows.push([a.id, a.label, a.community, a.facts[0]]);
    });
    return rows;
  }
  function edgeRows() {
    const rows = [["source", "target", "weight", "measure"]];
    graph.forEachEdge((edge, a, source, target) => {
      if (a.shown) rows.push([graph.getNodeAttribute(source, "id"), graph.getNodeAttribute(target, "id"), a.weight, measure]);
    });
    return rows;
  }

  // How the tables were made, in as many lines as the width needs, from the lower edge up.
  function footer(context, { width, height }, write) {
    context.font = `11px ${font}`;
    const lines = [];
    for (const word of made.split(" ")) {
      const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
      if (lines.length && context.measureText(longer).width <= width - 16) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    lines.forEach((line, k) => write(line, 8, height - 8 - 14 * (lines.length - 1 - k)));
  }

  function composed() {
    // WebGL forgets its picture after each frame: draw and copy within one task.
    renderer.refresh();
    renderer.render?.();
    const layers = renderer.getCanvases();
    const picture = document.createElement("canvas");
    const { width, height } = layers.nodes;
    picture.width = width;
    picture.height = height;
    const context = picture.getContext("2d");
    context.fillStyle = colors().ground;
    context.fillRect(0, 0, width, height);
    for (const name of ["edges", "edgeLabels", "nodes", "labels", "hovers", "hoverNodes"]) {
      if (layers[name] && layers[name].width) context.drawImage(layers[name], 0, 0);
    }
    // The same letters whatever the screen's pixels are.
    const ratio = width / renderer.getDimensions().width;
    context.scale(ratio, ratio);
    footer(context, renderer.getDimensions(), (line, x, y) => {
      context.fillStyle = colors().muted;
      context.fillText(line, x, y);
    });
    return picture;
  }

  // Characters that XML forbids, and halves of characters, are left out.
  const legal = (text) => Array.from(text)
    .filter((c) => c >= " " && !/[\ud800-\udfff\ufffe\uffff]/.test(c.length === 1 ? c : ""))
    .join("").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

  // The view as it is now, in lines, circles and letters.
  function drawn() {
    const { width, height } = renderer.getDimensions();
    const camera = renderer.getCamera().getState();
    const at = (data) => renderer.framedGraphToViewport(data);
    const round = (value) => Math.round(value * 10) / 10;
    const lines = [];
    graph.forEachEdge((edge, a, source, target) => {
      const shown = renderer.getEdgeDisplayData(edge);
      if (!shown || shown.hidden) return;
      const p = at(renderer.getNodeDisplayData(source));
      const q = at(renderer.getNodeDisplayData(target));
      if (Math.max(p.x, q.x) < 0 || Math.max(p.y, q.y) < 0 || Math.min(p.x, q.x) > width || Math.min(p.y, q.y) > height) return;
      const thick = Math.max(0.5, renderer.scaleSize(shown.size, camera.ratio));
      lines.push([shown.zIndex || 0, `<path d="M${round(p.x)} ${round(p.y)}L${round(q.x)} ${round(q.y)}" stroke="${shown.color}" stroke-width="${round(thick)}"/>`]);
    });
    lines.sort((p, q) => p[0] - q[0]);
    const circles = [];
    const names = [];
    graph.forEachNode((node, a) => {
      const shown = renderer.getNodeDisplayData(node);
      if (!shown || shown.hidden) return;
      const p = at(shown);
      const radius = renderer.scaleSize(shown.size, camera.ratio);
      if (p.x < -radius || p.y < -radius || p.x > width + radius || p.y > height + radius) return;
      circles.push([isBright(node) ? 1 : 0, `<circle cx="${round(p.x)}" cy="${round(p.y)}" r="${round(radius)}" fill="${shown.color}"/>`]);
      if (isNamed(node) || shown.highlighted) {
        names.push(`<text x="${round(p.x + radius + 3)}" y="${round(p.y + 4.5)}">${legal(shown.label || a.label)}</text>`);
      }
    });
    circles.sort((p, q) => p[0] - q[0]);
    const said = [];
    footer(document.createElement("canvas").getContext("2d"), { width, height }, (line, x, y) => {
      said.push(`<text x="${x}" y="${y}">${legal(line)}</text>`);
    });
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
      `<title>${legal(document.title)}</title>`,
      `<desc>${legal(made)}</desc>`,
      `<rect width="100%" height="100%" fill="${colors().ground}"/>`,
      '<g fill="none">', ...lines.map((line) => line[1]), "</g>",
      "<g>", ...circles.map((circle) => circle[1]), "</g>",
      `<g font-family="${legal(font)}" font-size="13" fill="${colors().ink}" stroke="${colors().ground}" stroke-width="3" paint-order="stroke" stroke-linejoin="round">`,
      ...names, "</g>",
      `<g id="made" font-family="${legal(font)}" font-size="11" fill="${colors().muted}">`, ...said, "</g>", "</svg>", "",
    ].join("\n");
  }

  const on = (id, action) => document.getElementById(id).addEventListener("click", action);
  on("save-nodes", () => save("streamers.csv", csv(nodeRows())));
  on("save-edges", () => save("relations.csv", csv(edgeRows())));
  on("save-png", () => composed().toBlob((blob) => save("graph.png", blob)));
  on("save-svg", () => save("graph.svg", new Blob([drawn()], { type: "image/svg+xml" })));
  return { nodeRows, edgeRows, composed, drawn };
};
