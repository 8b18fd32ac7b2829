"""A Slurm cluster of two nodes on this one machine, in a folder of its own: munged, slurmctld and two slurmds that
know nothing of any other Slurm here. Needs root (munged runs as its own user, slurmd starts tasks as theirs)."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "setpriv")

# Seconds that are longer elsewhere: until a dead node is noticed (SlurmdTimeout, 300), until a job that was put back
# starts again (cred_expire, 120; less than 5 counts as 120), between SIGTERM and SIGKILL (KillWait, 30).
CONFIGURATION = """\
ClusterName=two
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2,bf_interval=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
SlurmdTimeout=5
KillWait=5
MinJobAge=3600
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
SwitchType=switch/none
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1
PartitionName=low Nodes=ALL Default=YES PriorityTier=1 GraceTime=0
PartitionName=high Nodes=ALL PriorityTier=2
"""


def why_not():
    """What keeps a cluster from being started here; None if nothing does."""
    missing = [name for name in NEEDED if tool(name) is None]
    if missing:
        return f"there is no {missing[0]} (Debian: slurmctld slurmd slurm-client munge)"
    return None if os.geteuid() == 0 else "only root can start Slurm's daemons"


def tool(name):
    return shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin:" + os.environ.get("PATH", ""))


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Cluster:
    """Started by start(), gone with all its processes after stop()."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.chmod(0o755)  # munge's user must reach its socket
        self.daemons = {}
        self.configuration = CONFIGURATION.format(host=socket.gethostname().split(".")[0], folder=self.folder,
                                                  ports=free_ports(3))

    def environment(self):
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM", "SBATCH"))}
        return kept | {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def start(self):
        (self.folder / "state").mkdir()
        (self.folder / "slurm.conf").write_text(self.configuration)
        self.start_munge()
        self.start_daemon("slurmctld", "slurmctld", "-D")
        for node in ("n1", "n2"):
            self.start_node(node)
        self.wait_for(lambda: self.node_states() == {"n1": "idle", "n2": "idle"}, "both nodes are idle")

    def start_munge(self):
        folder = self.folder / "munge"
        folder.mkdir(mode=0o755)
        (folder / "key").write_bytes(os.urandom(1024))
        (folder / "key").chmod(0o400)
        user = pwd.getpwnam("munge")
        for path in (folder, folder / "key"):
            os.chown(path, user.pw_uid, user.pw_gid)
        places = [f"--{option}={folder / name}" for option, name in (
            ("key-file", "key"), ("socket", "socket"), ("pid-file", "pid"), ("log-file", "log"), ("seed-file", "seed"))]
        self.start_daemon("munged", "munged", "--foreground", "--num-threads=2", *places,
                          who=("--reuid=munge", "--regid=munge", "--clear-groups"))
        self.wait_for(lambda: (folder / "socket").exists(), "munged listens")

    def start_node(self, node):
        self.start_daemon(node, "slurmd", "-D", "-N", node)

    def start_daemon(self, name, program, *options, who=()):
        """It dies with us, however that comes about."""
        with open(self.folder / f"{name}.out", "ab") as log:
            self.daemons[name] = subprocess.Popen(
                [tool("setpriv"), *who, "--pdeathsig=KILL", tool(program), *options], env=self.environment(),
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill_node(self, node):
        """SIGKILL for slurmd and, as when a machine loses its power, everything that it has started."""
        self.daemons[node].kill()
        self.daemons[node].wait()
        self.kill_tasks(node)

    def kill_tasks(self, node=None):
        for pid in self.processes_of(node):
            kill(pid)

    def processes_of(self, node=None):
        """Ids of the processes of tasks (of a node), which outlive slurmd: all that know our configuration and of which
        job they are, and each slurmstepd above them."""
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                variables = (folder / "environ").read_bytes().split(b"\0")
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                parent_name = Path("/proc", parent, "comm").read_text().strip()
            except OSError:  # it has ended meanwhile
                continue
            wanted = {f"SLURM_CONF={self.folder / 'slurm.conf'}".encode()}
            if node is not None:
                wanted.add(f"SLURMD_NODENAME={node}".encode())
            if wanted <= set(variables) and any(each.startswith(b"SLURM_JOB_ID=") for each in variables):
                found.add(int(folder.name))
                if parent_name == "slurmstepd":
                    found.add(int(parent))
        return found

    def run(self, *command, check=True, **options):
        result = subprocess.run([tool(command[0]) or command[0], *map(str, command[1:])], env=self.environment(),
                                capture_output=True, text=True, timeout=60, **options)
        if check and result.returncode != 0:
            raise RuntimeError(f"{command}: {result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout

    def node_states(self):
        lines = self.run("sinfo", "--noheader", "--Node", "--format=%N %T", check=False).split("\n")
        return dict(line.split() for line in lines if line)

    def wait_for(self, condition, what, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds} s until {what}\n{self.logs()}")
            time.sleep(0.3)

    def logs(self):
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-4000:]}"
                         for path in sorted(self.folder.glob("*.log")) + sorted(self.folder.glob("*.out")))

    def stop(self):
        self.kill_tasks()
        for daemon in self.daemons.values():
            daemon.terminate()
        for daemon in self.daemons.values():
            try:
                daemon.wait(timeout=5)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
