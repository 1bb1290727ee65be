# SPDX-License-Identifier: MIT
"""What every Python test shares: the names of cases. The built programs are found by lib/paths.py.

A case is named with

    from conftest import case

    @case("P-058 paper out is told apart from off-line")
    def test_paper_out(...):

In a folder that has a conftest.py of its own, ``case = pytest.mark.case`` is the same thing. The name,
not the function, appears in the report, and the statement numbers in it (three at most) count as
covered when the case passes.
"""
import pytest

case = pytest.mark.case


def pytest_itemcollected(item):
    mark = item.get_closest_marker("case")
    if mark is None:
        return
    name = mark.args[0]
    callspec = getattr(item, "callspec", None)
    if callspec is not None and callspec.id:
        name = f"{name} [{callspec.id}]"
    item.user_properties.append(("case", name))
