"""A Slurm of the tests' own: a controller and two nodes, all on this machine.

Nodes own more cores and memory than the machine has, so that jobs wait for neither. The memory
limits are real: Slurm kills a job that outgrows what it asked for.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psutil

# Jobs' inner steps know no other place: the executor drops SLURM_CONF from their environment.
CONFIG = Path("/etc/slurm/slurm.conf")
MADE_BY = "# Made by the tests of process "
PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol"]
PACKAGES = "slurmctld slurmd slurm-client munge"
NODES = ["n1", "n2"]
SETTINGS = """\
ClusterName=tests
SlurmctldHost={host}
SlurmctldPort={controller}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=1
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=6
KillWait=2
InactiveLimit=0
MinJobAge=300
JobRequeue=0
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdPidFile={folder}/%n.pid
SlurmdSpoolDir={folder}/%n
SlurmdLogFile={folder}/%n.log
NodeName=n1 NodeHostname={host} NodeAddr={host} Port={n1} CPUs=16 RealMemory=40000
NodeName=n2 NodeHostname={host} NodeAddr={host} Port={n2} CPUs=16 RealMemory=40000
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""


def find(program: str) -> str | None:
    """Find a program, also among those for the administrator."""
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def unavailable() -> str | None:
    """Say why no Slurm can be started here, if it cannot."""
    if missing := [program for program in PROGRAMS if not find(program)]:
        return f"Slurm is not installed: no {', '.join(missing)} (Debian: {PACKAGES})"
    if os.geteuid():
        return "Slurm's daemons are started as root only"
    if CONFIG.exists():
        first = CONFIG.read_text().partition("\n")[0]
        if not first.startswith(MADE_BY):
            return f"this machine belongs to a cluster: {CONFIG} is not the tests' own"
        if psutil.pid_exists(int(first.removeprefix(MADE_BY))):
            return "other tests run Slurm on this machine"
    return None


def until(happened: Callable[[], object], seconds: float = 60) -> object:
    """Wait for something, and give it."""
    end = time.monotonic() + seconds
    while not (value := happened()):
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        time.sleep(0.05)
    return value


def slurm(*command: str) -> str:
    """Run one of Slurm's commands and hand back what it prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def queue(*options: str, states: str = "running", fields: str = "%i") -> list[list[str]]:
    """List jobs, each by the fields asked for; a blank stands between two of them."""
    listed = slurm("squeue", "--noheader", "--states", states, "--format", fields, *options)
    return [line.split(" ") for line in listed.splitlines()]


def node_states() -> list[str]:
    """Give the state of each node."""
    return slurm("sinfo", "--noheader", "--Node", "--format", "%T").split()


@contextmanager
def running_slurm(folder: Path) -> Iterator[dict[str, subprocess.Popen]]:
    """Start Slurm, hand back its daemons by name, and leave nothing of it behind."""
    with ExitStack() as stack:
        stack.enter_context(_config(folder))
        daemons = {}
        stack.callback(_stop, daemons)
        daemons["munged"] = _start_munge(folder)
        daemons["slurmctld"] = start_controller(folder)
        for node in NODES:
            daemons[node] = start_node(folder, node)
        until(lambda: node_states() == ["idle", "idle"])
        stack.callback(_cancel_all)
        yield daemons


def start_controller(folder: Path) -> subprocess.Popen:
    """Start the controller; it goes on with the jobs of an earlier one."""
    return _start(folder, "slurmctld", "-D")


@contextmanager
def blocked_controller(daemons: dict[str, subprocess.Popen]) -> Iterator[None]:
    """Let the controller answer nobody for a while; then it reads what it was sent."""
    process = psutil.Process(daemons["slurmctld"].pid)
    process.suspend()
    try:
        yield
    finally:
        process.resume()


@contextmanager
def stopped_controller(folder: Path, daemons: dict[str, subprocess.Popen]) -> Iterator[None]:
    """End the controller, and start it again; jobs run on meanwhile."""
    daemons["slurmctld"].terminate()
    daemons["slurmctld"].wait()
    try:
        yield
    finally:
        daemons["slurmctld"] = start_controller(folder)
        until(lambda: not subprocess.run(["scontrol", "ping"], capture_output=True).returncode)


@contextmanager
def changed_setting(setting: str, value: object) -> Iterator[None]:
    """Change a setting of the running Slurm for a while."""
    before = CONFIG.read_text()
    CONFIG.write_text(re.sub(f"^{setting}=.*$", f"{setting}={value}", before, flags=re.MULTILINE))
    slurm("scontrol", "reconfigure")
    try:
        yield
    finally:
        CONFIG.write_text(before)
        slurm("scontrol", "reconfigure")


def start_node(folder: Path, node: str) -> subprocess.Popen:
    """Start the daemon of one node."""
    return _start(folder, "slurmd", "-D", "-N", node, SLURMD_NODENAME=node)


def kill_node(daemons: dict[str, subprocess.Popen], node: str) -> None:
    """Kill the daemon of a node and all that runs there, as if the power went."""
    _kill_at_once(list(_processes_on(node)))
    daemons[node].wait()
    # The controller would notice by itself, in half a minute.
    slurm("scontrol", "update", f"nodename={node}", "state=down", "reason=killed")


def kill_job(job: str) -> None:
    """Kill all that a job does, as where it runs out of memory or time."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            # Slurm's own part ends by itself, and at once only then.
            if process.environ().get("SLURM_JOB_ID") == job and process.name() != "srun":
                found.append(process)
    _kill_at_once(found)


def _kill_at_once(processes: list[psutil.Process]) -> None:
    # Held first, all of them: none is left to tell of another's end, or to tidy up after it.
    for strike in [psutil.Process.suspend, psutil.Process.kill]:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                strike(process)


def _processes_on(node: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("SLURMD_NODENAME") == node:
                yield process
                # It looks after the job, and hides its own environment.
                if (parent := process.parent()) and parent.name() == "slurmstepd":
                    yield parent


@contextmanager
def _config(folder: Path) -> Iterator[None]:
    ports = dict(zip(["controller", *NODES], _free_ports(3), strict=True))
    settings = SETTINGS.format(folder=folder, host=socket.gethostname().split(".")[0], **ports)
    made_folder = not CONFIG.parent.exists()
    CONFIG.parent.mkdir(parents=True, exist_ok=True)
    CONFIG.write_text(f"{MADE_BY}{os.getpid()}\n{settings}")
    try:
        yield
    finally:
        CONFIG.unlink()
        if made_folder:
            CONFIG.parent.rmdir()


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.socket())) for _ in range(number)]
        for each in sockets:
            each.bind(("", 0))
        return [each.getsockname()[1] for each in sockets]


def _start(folder: Path, program: str, *options: str, **environment: str) -> subprocess.Popen:
    with (folder / f"{options[-1]}.out").open("ab") as output:
        return subprocess.Popen(
            [find(program), *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
        )


def _start_munge(folder: Path) -> subprocess.Popen:
    for place in ["state", *NODES]:
        (folder / place).mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    names = {"socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    files = [f"--{option}={folder}/munge.{name}" for option, name in names.items()]
    daemon = _start(folder, "munged", f"--key-file={key}", *files, "--force", "--foreground")
    until((folder / "munge.socket").exists)
    return daemon


def _cancel_all() -> None:
    slurm("scancel", "--state=pending")
    slurm("scancel", "--state=running", "--signal=KILL", "--full")
    slurm("scancel", "--user=root")
    until(lambda: not queue(states="running,completing,pending"))


def _stop(daemons: dict[str, subprocess.Popen]) -> None:
    for daemon in reversed(daemons.values()):
        daemon.terminate()
    for daemon in daemons.values():
        try:
            daemon.wait(timeout=10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()
