"""The report of a run: its tables, its pictures and the page that shows them."""

PAGE_NAME = "report.html"
