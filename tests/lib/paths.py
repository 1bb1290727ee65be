# SPDX-License-Identifier: MIT
"""Where the tests find the source tree, the build and the download cache."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OPP_BUILD", ROOT / "build" / "gcc"))
CACHE = pathlib.Path(os.environ.get("OPP_CACHE", ROOT / "build" / "cache"))
