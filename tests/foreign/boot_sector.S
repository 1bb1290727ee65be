/* SPDX-License-Identifier: MIT */
/*
 * The first sector of a disk that prints the text behind its code by the
 * registers of LPT1, and stops. A BIOS loads it to 0x7c00.
 */
	.code16
start:
	mov $0x7c0, %ax
	mov %ax, %ds
	cld
	mov $(text - start), %si
next:
	mov $0x379, %dx
	in %dx, %al
	test $0x80, %al		/* low: Busy */
	jz next
	lodsb
	test %al, %al
	jz end
	mov $0x378, %dx
	out %al, %dx
	mov $0x37a, %dx
	mov $0x0d, %al		/* nStrobe low */
	out %al, %dx
	mov $0x0c, %al
	out %al, %dx
	jmp next
end:
	cli
	hlt
text:
