// Sorts a table of class "ledger" by the column whose button is pressed; once more turns the order round.
// Empty cells stay at the end, and numbers are compared as numbers.
document.addEventListener("DOMContentLoaded", () => {
  const key = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
  const compare = (a, b) => (isNaN(a) || isNaN(b) ? a.localeCompare(b, "en") : a - b);

  for (const table of document.querySelectorAll("table.ledger")) {
    table.tHead.addEventListener("click", (event) => {
      const head = event.target.closest("th");
      if (!head) return;
      const turn = head.ariaSort === "ascending" ? -1 : 1;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", turn > 0 ? "ascending" : "descending");
      const body = table.tBodies[0];
      const rows = [...body.rows].map((row) => [key(row, head.cellIndex), row]);
      rows.sort(([a], [b]) => (a === "") - (b === "") || turn * compare(a, b));
      body.append(...rows.map(([, row]) => row));
    });
  }
});
