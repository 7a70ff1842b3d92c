"""Makes a CUDA build of PyTorch load on a machine without CUDA.

PyPI's Linux wheel of PyTorch needs 2.4 GB of CUDA libraries to load, even where only the CPU is
used. This puts empty stand-ins beside it: libraries of the names it asks for, with every symbol it
looks up answering «error». `torch.cuda.is_available()` is then False, and the CPU side is complete.
"""

import re
import subprocess
import sys
from pathlib import Path

CUDA_SYMBOL = re.compile(r"^(cu|__cuda|nccl|nvrtc|nvshmem)\w+$")
CUDA_LIBRARY = re.compile(r"^lib(cu|nccl|nvrtc|nvshmem)\w*\.so")


def output(*command):
    """What a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(library, which):
    """The names that a library defines or leaves undefined, without versions."""
    lines = output("nm", "-D", f"--{which}-only", str(library)).splitlines()
    return {line.split()[-1].split("@")[0] for line in lines}


def needed(library):
    """The names of the libraries that a library asks for."""
    return re.findall(r"NEEDED.*\[(.+)\]", output("readelf", "-d", str(library)))


def compile_library(source, target, *options):
    """Compiles C text into a shared library."""
    command = ["cc", "-w", "-shared", "-fPIC", "-fno-builtin", "-x", "c", "-", "-o", str(target)]
    soname = f"-Wl,-soname,{target.name}"
    subprocess.run([*command, soname, *options], input=source, text=True, check=True)


def main(folder):
    """Fills the folder of PyTorch's own libraries."""
    libraries = sorted(folder.glob("*.so"))
    missing, defined, wanted = set(), set(), set()
    for library in libraries:
        missing |= symbols(library, "undefined")
        defined |= symbols(library, "defined")
        wanted |= set(needed(library))
    names = sorted(name for name in missing - defined if CUDA_SYMBOL.match(name))
    source = "\n".join(f"int {name}(void) {{ return 999; }}" for name in names)
    # The loader checks symbol versions only in a library of the name they are asked from, so all
    # symbols are in one of another name, which the stand-ins lead to.
    compile_library(source, folder / "libno_cuda.so")
    for name in sorted(wanted):
        if CUDA_LIBRARY.match(name) and not (folder / name).exists():
            lead = ("-Wl,--no-as-needed", "-Wl,-rpath,$ORIGIN", f"-L{folder}", "-lno_cuda")
            compile_library("int stands_in;", folder / name, *lead)


main(Path(sys.argv[1]))
