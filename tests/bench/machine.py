"""What the measurements were made on."""
import datetime
import os
import pathlib
import platform
import re
import subprocess


def cpu_flags():
    found = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return set(found.group(1).split()) if found else set()


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    vectors = "AVX-512" if "avx512f" in cpu_flags() else "AVX2" if "avx2" in cpu_flags() else "no AVX2"
    return f"{found.group(1) if found else platform.machine()} ({vectors})"


def caches():
    sizes = []
    for folder in sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = ((folder / name).read_text(encoding="utf-8").strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            kib = int(size.rstrip("K"))  # always written so
            sizes.append(f"L{level} {kib} KiB" if kib < 1024 else f"L{level} {kib / 1024:.3g} MiB")
    return ", ".join(sizes)


def memory_gib():
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def compiler(build):
    cache = (build / "CMakeCache.txt").read_text(encoding="utf-8")
    path = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.MULTILINE).group(1)
    return subprocess.run([path, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[0]


def description(build, versions):
    """Ordered; `versions` are those of the programs that ran."""
    return {
        "processor": processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "caches": caches(),
        "memory": memory_gib(),
        "kernel": platform.release(),
        "compiler": compiler(build),
        **versions,
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
    }
