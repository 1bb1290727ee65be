# SPDX-License-Identifier: MIT
"""The Debian packages, built once from this tree, and what is in them."""
import pytest

from lib import debian, paths


@pytest.fixture(scope="session")
def archives():
    """{name: archive} of each binary package."""
    return debian.build(paths.BUILD / "package")


@pytest.fixture(scope="session")
def roots(archives, tmp_path_factory):
    """{name: folder} with what each package would install, its control files in DEBIAN/."""
    where = tmp_path_factory.mktemp("roots")
    for name, archive in archives.items():
        debian.dpkg_deb("--raw-extract", archive, where / name)
    return {name: where / name for name in archives}


@pytest.fixture(scope="session")
def together(archives, tmp_path_factory):
    """One folder with what all of them install."""
    where = tmp_path_factory.mktemp("together")
    for archive in archives.values():
        debian.dpkg_deb("--extract", archive, where)
    return where
