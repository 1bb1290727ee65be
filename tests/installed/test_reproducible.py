# SPDX-License-Identifier: MIT
"""The same source makes the same packages."""
import hashlib

import pytest

from lib import debian, paths

case = pytest.mark.case


@case("a build in another folder makes the same packages, byte for byte")
@pytest.mark.timeout(600)
def test_reproducible(archives):
    again = debian.build(paths.BUILD / "package-again" / "elsewhere")
    for name, archive in archives.items():
        first, second = (hashlib.sha256(path.read_bytes()).hexdigest()
                         for path in (archive, again[name]))
        assert first == second, name
