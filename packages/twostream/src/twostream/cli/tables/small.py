"""Results that are told in a few lines."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twostream.cli.tables.lines import print_line, print_notes
from twostream.cli.tables.preparation import print_official
from twostream.datasets.names import counted
from twostream.verbs.found import SimilarMoments
from twostream.verbs.results import FlowComparison, Machine
from twostream.verbs.written import (
    Bundle,
    Download,
    ExplorationPage,
    Export,
    FeatureFile,
    Fetched,
    ListFiles,
    Published,
    ReportPage,
)


def print_report(page: ReportPage) -> None:
    """Say where the report is."""
    print_line(f"report: {page}")


def print_exploration(page: ExplorationPage) -> None:
    """Say what leaks or is damaged, and where the page is."""
    for finding in page.findings:
        print_line(finding)
    print_line(f"exploration: {page}")


def print_bundle(bundle: Bundle) -> None:
    """Say what is in a bundle."""
    streams = " and ".join(bundle.streams)
    print_line(f"{bundle}: {streams} stream of {len(bundle.classes)} classes; needs nothing else")
    print_notes(bundle.notes)


def print_export(export: Export) -> None:
    """Say what is in an export, and what to do with it."""
    streams = " and ".join(export.streams)
    print_line(f"{export}: {streams} stream of {len(export.classes)} classes as {export.format}")
    print_line(f"try it: python {export / 'example.py'} VIDEO")
    print_notes(export.notes)


def print_published(published: Published) -> None:
    """The files with their sizes and hashes, and where they are, or that they were only listed."""
    table = Table()
    table.add_column("file")
    table.add_column("bytes", justify="right")
    table.add_column("SHA-256")
    for one in published.files:
        table.add_row(Text(one.name), f"{one.size_bytes:,}", one.sha256[:16] + "…")
    Console().print(table)
    if published.url is None:
        print_line(f"{published.address}: nothing was uploaded (--dry-run); these files would be")
    else:
        print_line(f'{published.url}; others load it by twostream.load("{published.address}")')


def print_features(found: FeatureFile) -> None:
    """Say what the vectors are of."""
    print_line(
        f"{found}: features of {found.windows} moments of {counted(found.sources, 'source')}"
    )


def print_similar(found: SimilarMoments) -> None:
    """The moments, the most similar first."""
    table = Table()
    table.add_column("source")
    for name in ("start s", "end s", "similarity"):
        table.add_column(name, justify="right")
    for one in found.moments:
        table.add_row(
            Text(one.source), f"{one.start_s:.2f}", f"{one.end_s:.2f}", f"{one.similarity:.3f}"
        )
    Console().print(table)


def print_fetched(fetched: Fetched) -> None:
    """Say what was fetched."""
    print_line(
        f"{fetched.role}: {counted(fetched.files, 'file')} in {fetched.path} ({fetched.how})"
    )


def print_download(download: Download) -> None:
    """The table of the data set, and the command that comes next."""
    if download.check is not None:
        print_official(download.check, download.path)
    clips, annotations = download.clips or download / "videos", download / "annotations"
    if clips.is_dir() and annotations.is_dir():
        print_line(
            f"next: twostream run {clips} --annotations {annotations} --out runs/{download.name}"
        )


def print_lists(lists: ListFiles) -> None:
    """Say how many lists there are."""
    print_line(f"{len(lists)} lists of {lists.clips} clips in {lists.folder}")
    print_notes(lists.notes)


def print_machine(machine: Machine) -> None:
    """The facts by section."""
    for section, facts in machine.items():
        print_line(f"{section}:")
        for name, value in facts.items():
            print_line(f"  {name}: {value}")


def print_flow_comparison(compared: FlowComparison) -> None:
    """The measures of a flow beside the true one."""
    table = Table(
        title=f"{compared.estimate.name} against {compared.truth.name}: {compared['pixels']} pixels"
    )
    table.add_column("measure")
    table.add_column("value", justify="right")
    for name, value in (
        ("mean end-point error", f"{compared['epe_mean']:.4f} px"),
        ("median", f"{compared['epe_median']:.4f} px"),
        ("99th percentile", f"{compared['epe_p99']:.4f} px"),
        ("more than 1 px off", f"{100 * compared['beyond_1px']:.2f} %"),
        ("more than 3 px off", f"{100 * compared['beyond_3px']:.2f} %"),
        ("outliers (3 px and 5 %)", f"{100 * compared['outliers']:.2f} %"),
    ):
        table.add_row(name, value)
    Console().print(table)
