// Tables can be sorted, and what is folded is printed too; without this script all can still be read.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const falling = head.getAttribute("aria-sort") !== "descending" && column > 0
        || head.getAttribute("aria-sort") === "ascending";
      const value = row => row.cells[column].textContent.replace("−", "-");
      const order = (a, b) => column ? (parseFloat(value(a)) || 0) - (parseFloat(value(b)) || 0)
        : value(a).localeCompare(value(b));
      const rows = [...body.rows].sort((a, b) => falling ? order(b, a) : order(a, b));
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      body.replaceChildren(...rows);
    });
  });
}
