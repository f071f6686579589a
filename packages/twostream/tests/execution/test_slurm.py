"""What the page on more than one machine starts below Slurm: jobs as text, for there is no Slurm here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra dask")
jobqueue = pytest.importorskip("dask_jobqueue", reason="for scripts of Slurm")

PAGE = Path(__file__).parents[4] / "docs" / "more-than-one-machine.md"


def asked_of_slurm():
    """The options of the page's cluster."""
    (program,) = re.findall(
        r"```python\n(from dask_jobqueue .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    calls = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Call)]
    (call,) = (one for one in calls if ast.unparse(one.func) == "SLURMCluster")
    return {one.arg: ast.literal_eval(one.value) for one in call.keywords}


def test_each_job_is_one_worker_of_one_thread_that_finds_the_scheduler():
    here = {"host": "127.0.0.1", "dashboard": False, "dashboard_address": "127.0.0.1:0"}
    with jobqueue.SLURMCluster(**asked_of_slurm(), scheduler_options=here) as cluster:
        lines = cluster.job_script().splitlines()
        assert cluster.scheduler_address.startswith("tcp://127.0.0.1:")
        (worker,) = (line for line in lines if "dask_worker" in line)
        assert f"dask_worker {cluster.scheduler_address} " in worker
        assert "--nthreads 1 " in worker
        assert "--nworkers" not in worker
    told = {line.removeprefix("#SBATCH ") for line in lines if line.startswith("#SBATCH")}
    assert {"-p cpu", "-n 1", "--cpus-per-task=1", "--mem=4G", "-t 08:00:00"} <= told
