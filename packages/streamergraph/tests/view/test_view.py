from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from importlib import resources

import polars as pl
import pytest
from PIL import Image
from streamergraph.tables.facts import how_made
from streamergraph.tables.reading import read_tables
from streamergraph.verbs.view import view
from streamergraph.view.page import web_addresses
from streamergraph.view.palette import COMMUNITY_COLORS, DARK, LIGHT, rgb

VENDORED = {
    "graphology.umd.min.js": "dc337efa23903f61e064c8e7e7f93a429e6855dccfc2458802b4ed30c621c087",
    "sigma.min.js": "58e30383ab428f832068d9d16a5215c65ba12430d438ed091c5703f398de9e16",
}
SVG = "{http://www.w3.org/2000/svg}"
GEXF = {"g": "http://gexf.net/1.3", "viz": "http://gexf.net/1.3/viz"}


@pytest.fixture(scope="module")
def pictures(simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("view")
    view(simulated.tables, out=folder, title="A </title><script>alert(1)</script> & more")
    return folder


@pytest.fixture(scope="module")
def tables(simulated):
    return read_tables(simulated.tables)


def test_gexf_has_places_sizes_and_colours_without_alpha(pictures, tables):
    root = ET.parse(pictures / "graph.gexf").getroot()
    assert root.get("version") == "1.3"
    nodes = root.findall(".//g:node", GEXF)
    assert len(nodes) == tables.streamers.height
    for node in nodes:
        color = node.find("viz:color", GEXF)
        assert color.keys() == ["r", "g", "b"]
        assert node.find("viz:position", GEXF) is not None
        assert float(node.find("viz:size", GEXF).get("value")) > 0
    # The format's meta elements know no title.
    assert [element.tag.rpartition("}")[2] for element in root.find("g:meta", GEXF)] == [
        "creator",
        "description",
    ]
    edges = root.findall(".//g:edge", GEXF)
    assert len(edges) == tables.overlaps.height
    assert all(float(edge.get("weight")) >= 10 for edge in edges)
    assert {edge.get("label") for edge in edges}.isdisjoint({None})


def test_gephi_tables_have_the_published_columns_and_a_type(pictures, tables):
    nodes = pl.read_csv(pictures / "Streamer_dataset_short.csv")
    edges = pl.read_csv(pictures / "Streamer-Streamer_dataset_short.csv")
    assert nodes.columns == ["Id", "Label", "viewer_mean"]
    # Without a type Gephi takes relations as directed.
    assert edges.columns == ["Source", "Target", "Type", "Weight"]
    assert set(edges["Type"]) == {"Undirected"}
    assert (nodes.height, edges.height) == (tables.streamers.height, tables.overlaps.height)


def test_the_two_short_tables_alone_give_the_picture(pictures, tables, tmp_path, call, refusal):
    names = ("Streamer_dataset_short.csv", "Streamer-Streamer_dataset_short.csv")
    (tmp_path / "short").mkdir()
    for name in names:
        (tmp_path / "short" / name).write_bytes((pictures / name).read_bytes())
    status, out, err = call("view", tmp_path / "short", "--out", tmp_path / "view")
    assert status == 0, err
    assert f"{tables.streamers.height} streamers, {tables.overlaps.height} relations" in out
    assert "overlap of at least 10 %" in out
    for name in names:
        assert (tmp_path / "view" / name).read_bytes() == (pictures / name).read_bytes()
    one, other = (pl.read_csv(d / "communities.csv") for d in (pictures, tmp_path / "view"))
    assert one.drop("name").equals(other.drop("name"))  # in the short tables spaces are single
    for verb in ("communities", "layout"):
        assert call(verb, tmp_path / "short", "--out", tmp_path / verb)[0] == 0
    # More needs more: all tables, or one graph.
    for verb in ("model", "graph"):
        assert "Streamer_dataset.csv" in refusal(verb, tmp_path / "short", "--out", tmp_path / verb)


def test_short_tables_keep_their_measure_and_what_is_wrong_is_named(
    simulated, tmp_path, call, refusal
):
    options = ("--weight", "jaccard", "--top", 20)
    assert call("view", simulated.tables, "--out", tmp_path / "one", *options)[0] == 0
    (tmp_path / "short").mkdir()
    for name in ("Streamer_dataset_short.csv", "Streamer-Streamer_dataset_short.csv"):
        (tmp_path / "short" / name).write_bytes((tmp_path / "one" / name).read_bytes())
    status, out, _ = call("view", tmp_path / "short", "--out", tmp_path / "two")
    assert status == 0
    assert "Jaccard index (%)" in out
    path = tmp_path / "short" / "Streamer-Streamer_dataset_short.csv"
    text = path.read_text()
    header, first, *rest = text.splitlines()
    source, target, *others = first.split(",")
    turned = "\n".join([header, ",".join([target, source, *others]), *rest])
    for wrong, said in (
        (text.replace("Source", "From"), "a column Source"),
        (text.replace(first, f"x,{target},{','.join(others)}"), "a whole number"),
        (f"{turned}\n{first}\n", "a pair stands once"),
        (text.replace("Jaccard index (%)", "luck"), "'luck'"),
    ):
        path.write_text(wrong)
        assert said in refusal("view", tmp_path / "short", "--out", tmp_path / "three")
    path.write_text(turned)
    assert call("view", tmp_path / "short", "--out", tmp_path / "two")[0] == 0


def test_png_is_dark_and_shows_communities(pictures):
    image = Image.open(pictures / "graph.png").convert("RGB")
    colors = {color: count for count, color in image.getcolors(2**24)}
    assert max(colors, key=colors.get) == rgb(DARK.ground)
    assert all(colors.get(rgb(color), 0) > 100 for color in COMMUNITY_COLORS[:3])


def test_pictures_on_light_ground(simulated, tmp_path, call, refusal):
    assert (
        call("view", simulated.tables, "--out", tmp_path, "--theme", "light", "--labels", 0)[0] == 0
    )
    image = Image.open(tmp_path / "graph.png").convert("RGB")
    colors = {color: count for count, color in image.getcolors(2**24)}
    assert max(colors, key=colors.get) == rgb(LIGHT.ground)
    assert colors.get(rgb(LIGHT.on_ground(COMMUNITY_COLORS[0])), 0) > 100
    root = ET.parse(tmp_path / "graph.svg").getroot()
    assert root.find(f"{SVG}rect").get("fill") == LIGHT.ground
    assert not root.findall(f"{SVG}g[@text-anchor='middle']/{SVG}text")
    assert 'data-theme="light"' in (tmp_path / "graph.html").read_text(encoding="utf-8")
    assert "--theme" in refusal("view", simulated.tables, "--out", tmp_path, "--theme", "grey")
    assert "--labels" in refusal("view", simulated.tables, "--out", tmp_path, "--labels", -1)


def test_too_many_relations_are_drawn_as_a_backbone_that_says_so(
    simulated, tmp_path, call, monkeypatch
):
    monkeypatch.setattr("streamergraph.view.scene.MOST_RELATIONS", 90)
    status, out, _ = call("view", simulated.tables, "--out", tmp_path)
    assert status == 0
    text = (tmp_path / "graph.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', text, re.DOTALL)[1])
    total = len(pl.read_csv(tmp_path / "Streamer-Streamer_dataset_short.csv"))
    assert 90 <= len(data["edges"]) < total
    said = f"{len(data['edges'])} of {total} relations"
    assert said in out
    assert said in text


@pytest.mark.parametrize(
    ("options", "said"), [(["--top", 4], "--min-size"), (["--top", 1], "there are no relations")]
)
def test_why_there_are_no_communities_is_said(simulated, tmp_path, call, options, said):
    assert call("view", simulated.tables, "--out", tmp_path, *options)[0] == 0
    for name in ("graph.html", "graph.svg"):
        assert said in (tmp_path / name).read_text(encoding="utf-8")


def test_only_web_addresses_become_links():
    said = "javascript:alert(1) https://x.example/a?b=c;ftp://f HTTP://NO http://y.example"
    assert web_addresses(said) == ["https://x.example/a?b=c", "http://y.example"]
    assert web_addresses(None) == []


def test_svg_is_xml_and_names_communities(pictures, tables):
    root = ET.parse(pictures / "graph.svg").getroot()
    texts = [element.text or "" for element in root.iter() if element.tag.endswith("text")]
    top = tables.streamers.sort("mean_viewers", descending=True)["name"][0]
    assert any(top in text for text in texts)
    assert sum(element.tag.endswith("circle") for element in root.iter()) >= tables.streamers.height


def test_the_page_is_self_contained_and_holds_hostile_titles(pictures):
    text = (pictures / "graph.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in text
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", text)
    data = json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', text, re.DOTALL)[1])
    assert len(data["nodes"]) > 50


@pytest.mark.parametrize(("name", "digest"), VENDORED.items())
def test_vendored_programs_are_unmodified_and_have_their_licence(name, digest):
    vendor = resources.files("streamergraph.view") / "vendor"
    assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest
    licence = name.partition(".")[0] + ".LICENSE.txt"
    assert "Permission is hereby granted" in (vendor / licence).read_text(encoding="utf-8")


def test_a_second_view_keeps_places_and_communities(pictures, simulated):
    before = {p.name: p.read_bytes() for p in pictures.iterdir() if p.suffix != ".png"}
    view(simulated.tables, out=pictures, title="A </title><script>alert(1)</script> & more")
    assert {p.name: p.read_bytes() for p in pictures.iterdir() if p.suffix != ".png"} == before


# What a person would do on the page, by a program inside it; its findings end in the document.
ACTIONS = """
<script>
addEventListener("load", () => {
  const g = window.streamergraph, found = {};
  const $ = (id) => document.getElementById(id);
  found.selectedByLink = $("facts").querySelector("h2")?.textContent;
  found.count = $("count").textContent;
  $("facts").querySelector(".close").click();
  found.closed = $("facts").hidden && location.hash === "";
  $("search").value = g.graph.getNodeAttribute(3, "label").slice(0, 6).toUpperCase();
  $("search").dispatchEvent(new Event("input"));
  found.hits = $("hits").children.length;
  $("search-form").dispatchEvent(new Event("submit", { cancelable: true }));
  found.selectedBySearch = $("facts").querySelector("h2").textContent;
  found.hash = location.hash;
  // A pointer on the place of a streamer, as a hand moves it.
  g.select(null);
  g.renderer.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
  g.renderer.refresh();
  const place = g.renderer.framedGraphToViewport(g.renderer.getNodeDisplayData("1"));
  const mouse = $("stage").querySelector(".sigma-mouse");
  const stage = mouse.getBoundingClientRect();
  const clientX = stage.left + place.x, clientY = stage.top + place.y;
  const pointer = { mousemove: document, mousedown: mouse, mouseup: document, click: mouse };
  for (const [type, target] of Object.entries(pointer)) {
    target.dispatchEvent(new MouseEvent(type, { clientX, clientY, bubbles: true, view: window }));
  }
  found.selectedByClick = $("facts").querySelector("h2")?.textContent;
  found.partners = $("facts").querySelectorAll("ol:last-of-type button").length;
  g.renderer.emit("clickStage", {});
  const all = g.nodeRows().length - 1;
  $("legend").querySelector("input").click();
  found.lessNodes = g.nodeRows().length - 1 < all;
  $("all").click();
  found.sameAgain = g.nodeRows().length - 1 === all;
  const edges = g.edgeRows().length - 1;
  g.state.weight = 1e9; $("least-weight").value = $("least-weight").max;
  $("least-weight").dispatchEvent(new Event("input"));
  setTimeout(() => {
    found.fewerEdges = g.edgeRows().length - 1 < edges;
    $("reset").click();
    found.allEdges = g.edgeRows().length - 1 === edges;
    found.total = [all, edges];
    const picture = g.composed();
    const pixels = picture.getContext("2d").getImageData(0, 0, picture.width, picture.height).data;
    let bright = 0;
    for (let k = 0; k < pixels.length; k += 4) {
      if (pixels[k] + pixels[k + 1] + pixels[k + 2] > 300) bright += 1;
    }
    found.brightPixels = bright;
    g.renderer.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1.3, angle: 0 });
    g.renderer.refresh();
    found.svg = g.drawn();
    g.select("1");
    found.svgOfOne = g.drawn();
    const change = (id, value) => {
      const field = $(id);
      field.value = value;
      field.dispatchEvent(new Event(field.type === "range" ? "input" : "change"));
    };
    const edge = g.graph.edges()[0];
    const looks = () => [
      g.graph.getNodeAttribute("1", "color"), g.graph.getNodeAttribute("1", "size"),
      g.graph.getEdgeAttribute(edge, "color"),
    ];
    const ground = () => getComputedStyle(document.body).backgroundColor;
    g.select(null);
    change("theme", "dark");
    const first = looks();
    change("theme", "light");
    found.light = [ground(), looks()[0] !== first[0], looks()[2] !== first[2]];
    change("theme", "dark");
    found.dark = [ground(), looks().join() === first.join()];
    change("opacity", "0.1");
    found.opacity = looks()[2] !== first[2];
    change("color-by", "degree");
    found.colorBy = [looks()[0] !== first[0], $("scale").hidden];
    change("size-by", "degree");
    found.sizeBy = looks()[1] !== first[1];
    change("names", "0");
    g.renderer.refresh();
    found.noNames = !g.drawn().split('id="made"')[0].includes("<text x");
    g.select("1");
    found.channel = $("facts").querySelector(".links a")?.href;
    const out = document.createElement("pre");
    out.id = "findings";
    out.textContent = JSON.stringify(found);
    document.body.append(out);
  }, 400);
});
</script>
"""


def test_search_legend_filters_click_link_and_export_in_a_browser(pictures, tables, tmp_path):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Debian's chromium is absent: the page is not tried in a browser")
    page = tmp_path / "page.html"
    ids = tables.streamers["streamer_id"].to_list()
    text = (pictures / "graph.html").read_text(encoding="utf-8")
    page.write_text(text.replace("</body>", ACTIONS + "</body>"), encoding="utf-8")
    result = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader", f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=1200,800", "--virtual-time-budget=4000", "--dump-dom",
            f"{page.as_uri()}#node={ids[0]}",
        ],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    findings = re.search(r'<pre id="findings">(.*?)</pre>', result.stdout, re.DOTALL)
    assert findings, result.stderr[-2000:]
    import html

    found = json.loads(html.unescape(findings[1]))
    names = [" ".join(name.split()) for name in tables.streamers["name"]]
    assert found["selectedByLink"] == names[0]
    assert found["closed"]
    assert found["hits"] >= 1
    assert found["selectedBySearch"] == names[3]
    assert found["hash"] == f"#node={ids[3]}"
    assert found["selectedByClick"] == names[1]
    assert found["partners"] >= 1
    assert found["total"] == [tables.streamers.height, tables.overlaps.height]
    for what in ("lessNodes", "sameAgain", "fewerEdges", "allEdges"):
        assert found[what], what
    assert found["brightPixels"] > 500
    assert found["light"] == ["rgb({}, {}, {})".format(*rgb(LIGHT.ground)), True, True]
    assert found["dark"] == ["rgb({}, {}, {})".format(*rgb(DARK.ground)), True]
    assert found["opacity"]
    assert found["sizeBy"]
    assert found["colorBy"] == [True, False]
    assert found["noNames"]
    assert found["channel"] == f"https://www.twitch.tv/{names[1].lower()}"
    whole, one = ET.fromstring(found["svg"]), ET.fromstring(found["svgOfOne"])
    assert len(whole.findall(f".//{SVG}circle")) == tables.streamers.height
    assert len(whole.findall(f".//{SVG}path")) == tables.overlaps.height
    assert 0 < len(one.findall(f".//{SVG}path")) < tables.overlaps.height
    drawn = [" ".join(text.itertext()) for text in whole.iter(f"{SVG}text")]
    assert drawn
    # Names of streamers, and below them how the tables were made.
    footer = [text.text for text in whole.iterfind(f".//{SVG}g[@id='made']/{SVG}text")]
    assert " ".join(footer) == how_made(tables.facts)
    assert set(drawn) <= set(names) | set(footer)
