# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the phases that run programs share.

# Prints the command that programs of build $1 must be started with, if any: ThreadSanitizer's shadow
# memory collides with some kernels' random addresses.
prefix_of() {
	if [ "$1" = tsan ] && setarch -R true 2>/dev/null; then
		echo setarch -R
	fi
}
