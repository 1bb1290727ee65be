# SPDX-License-Identifier: MIT
"""Where the tests find the source tree, the build and the download cache, and what build it is."""

import json
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OPP_BUILD", ROOT / "build" / "gcc"))
CACHE = pathlib.Path(os.environ.get("OPP_CACHE", ROOT / "build" / "cache"))


def is_sanitized():
    """Whether the programs of the build have a sanitizer's memory."""
    options = json.loads((BUILD / "meson-info" / "intro-buildoptions.json").read_text())
    return any(option["name"] == "b_sanitize" and option["value"] != "none" for option in options)
