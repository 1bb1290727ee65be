# SPDX-License-Identifier: MIT
"""Run as a program: downloads all that the guest's tests need, so that they need not."""

import image
import linux_source
import tunelp

if __name__ == "__main__":
    print(image.kernel())
    print(linux_source.tree())
    print(tunelp.tree())
