"""Start workers for hdalr as SLURM jobs, and hold them until interrupted.

On a machine that may submit jobs and that the nodes reach, with hdalr in an environment that
lies on a shared file system::

    pip install 'hdalr[cluster]' dask-jobqueue
    python slurm_cluster.py --workers 200 --partition cpu --walltime 08:00:00 &
    until [ -s scheduler.address ]; do sleep 1; done
    hdalr read fields.jsonl --cluster "$(cat scheduler.address)" -o rows/

A worker is a job with one core: jobs that end (a walltime, a lost node) cost the chunk that they
were reading, which goes to another, and are submitted again. Whoever reaches the scheduler's port
can run code as you: keep it inside the cluster's network.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

import dask
from dask_jobqueue import SLURMCluster

EXPORTS = [
    "export OMP_NUM_THREADS=1 MALLOC_ARENA_MAX=2",
    "export DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH=20",  # Dask keeps 1,000 tasks
    "export DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED=False",  # and looks at the work each 10 ms
]


def main() -> None:
    """Submit the jobs, write the scheduler's address, wait, cancel the jobs."""
    options = parse()
    dask.config.set(
        {"distributed.admin.low-level-log-length": 20, "distributed.worker.profile.enabled": False}
    )
    options.address.unlink(missing_ok=True)  # of a run that was killed
    cluster = SLURMCluster(
        cores=1,
        processes=1,
        memory=options.memory,
        queue=options.partition,
        account=options.account,
        walltime=options.walltime,
        interface=options.interface,
        local_directory=options.scratch,
        log_directory=options.logs,
        job_script_prologue=EXPORTS,
        job_extra_directives=options.sbatch,
        worker_extra_args=["--resources", "GPU=1"] if options.gpu else [],
        scheduler_options={"dashboard": False},
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with cluster:
        if options.show:
            print(cluster.job_script())
            return
        cluster.adapt(minimum_jobs=options.workers, maximum_jobs=options.workers)  # and again
        options.address.write_text(cluster.scheduler_address + "\n", encoding="utf-8")
        print(f"{cluster.scheduler_address}: {options.workers} jobs submitted", file=sys.stderr)
        try:
            while True:
                time.sleep(60)
        except KeyboardInterrupt:
            pass
        finally:
            options.address.unlink(missing_ok=True)


def parse() -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", type=int, default=10, help="jobs, a core each (default: 10)")
    parser.add_argument("--memory", default="1GB", help="of each (default: 1GB)")
    parser.add_argument("--walltime", default="04:00:00")
    parser.add_argument("--partition")
    parser.add_argument("--account")
    parser.add_argument("--interface", help="network that scheduler and nodes share, such as ib0")
    parser.add_argument("--scratch", default="/tmp", help="a node's own disk (default: /tmp)")
    parser.add_argument("--logs", default="slurm-logs", help="folder of the jobs' output")
    parser.add_argument(
        "--gpu", action="store_true", help="each job has a GPU; nets are sent there"
    )
    parser.add_argument(
        "--sbatch", action="append", default=[], metavar="OPTION",
        help="one more for sbatch, such as --sbatch=--gres=gpu:1",
    )  # fmt: skip
    parser.add_argument(
        "--address", type=Path, default=Path("scheduler.address"), help="file for the address"
    )
    parser.add_argument("--show", action="store_true", help="print the job's script and end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
