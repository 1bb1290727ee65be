# SPDX-License-Identifier: MIT
"""Who may include whom: the one table that check_layers.py and compile_layers.py read.

A layer sees its own folder and the headers named in `sees` (a folder: every header directly in it; a
file: that header). `not_these` takes single headers away again. A freestanding layer has nothing of
the operating system, only the compiler's own headers; another one has those named in `system`, or any
where there are none. Where a file belongs to the layer with the
longest matching folder, a folder that no layer names (tests, bench) may include anything.
"""
from dataclasses import dataclass
from pathlib import Path, PurePath

COMPILER_HEADERS = frozenset({
    "stdint.h", "stddef.h", "stdbool.h", "stdatomic.h", "stdalign.h", "stdarg.h",
})

PUBLIC = "include/openparport"
ENGINE = tuple(f"{PUBLIC}/{name}.h" for name in ("queue", "port", "device", "ieee1284", "chain"))


@dataclass(frozen=True)
class Layer:
    folder: str
    sees: tuple
    freestanding: bool = True
    not_these: tuple = ()
    system: tuple = ()
    windows: bool = False       # compiled by the PE builds only

    def may_include(self, header):
        """Whether this layer may include `header`, a path relative to the project's root."""
        if header.as_posix() in self.not_these:
            return False
        if layer_of(header) is self:
            return True
        return any(header.as_posix() == seen or header.parent.as_posix() == seen
                   for seen in self.sees)


LAYERS = (
    Layer(PUBLIC, ()),
    Layer(f"{PUBLIC}/hosted", (PUBLIC,), freestanding=False),
    Layer("src/words", (f"{PUBLIC}/decimal.h", f"{PUBLIC}/duration.h", f"{PUBLIC}/status.h",
                        f"{PUBLIC}/words.h")),
    Layer("src/ieee1284", (PUBLIC,), not_these=(f"{PUBLIC}/queue.h",)),
    Layer("src/core", (PUBLIC,)),
    Layer("src/contract", (PUBLIC,)),
    Layer("src/chip", (PUBLIC,), not_these=ENGINE),
    Layer("src/sim", (PUBLIC,), not_these=ENGINE),
    Layer("src/backend/sim", (PUBLIC, "src/chip/export"), not_these=ENGINE),
    Layer("src/backend/x86io", (PUBLIC, "src/chip/export"), freestanding=False, not_these=ENGINE),
    Layer("src/backend/ppdev", (PUBLIC, f"{PUBLIC}/hosted"), freestanding=False, not_these=ENGINE),
    Layer("src/cards", (), freestanding=False),
    Layer("src/host", (PUBLIC, "src/cards/export", f"{PUBLIC}/hosted", "src/backend/sim/export",
                       "src/backend/x86io/export", "src/backend/ppdev/export"),
          freestanding=False),
    Layer("src/front/fuse", (PUBLIC, f"{PUBLIC}/hosted", "src/host/export"), freestanding=False),
    Layer("src/front/cli", (PUBLIC, f"{PUBLIC}/hosted", "src/cards/export"),
          freestanding=False),
    Layer("src/front/nt", (PUBLIC, "src/chip/export"), freestanding=False,
          system=("wdm.h", "ntddk.h", "ntifs.h", "wmistr.h"), windows=True),
    Layer("src/front/winctl", (PUBLIC,), freestanding=False, windows=True),
    Layer("examples", (PUBLIC, f"{PUBLIC}/hosted"), freestanding=False),
)


def layer_of(path):
    """The layer that owns `path`, or None."""
    owners = [layer for layer in LAYERS if PurePath(layer.folder) in PurePath(path).parents]
    return max(owners, key=lambda layer: len(layer.folder), default=None)


def search_path(root):
    """Where <...> and "..." are looked up: the include directories that any layer can have."""
    exports = sorted(Path(root).glob("src/**/export"))
    return [Path("include")] + [path.relative_to(root) for path in exports]
