/* SPDX-License-Identifier: MIT */
/*
 * A boot sector for emulator.c, or any PC: finds out what the first parallel port
 * can do and prints that through it, a byte an interrupt. Knows of no emulator.
 */
	.set	LPT1, 0x408		# BIOS: the first port's base
	.set	IRQ7_VECTOR, 0x0f * 4
	.set	PIC, 0x20
	.set	PIC_MASK, 0x21
	.set	PAGE, 0x7e00		# behind this sector: what to print

	.set	STATUS, 1
	.set	CONTROL, 2
	.set	EPP_ADDRESS, 3
	.set	ECR, 0x402

	.set	IDLE, 0x0c		# CONTROL: nInit high, nSelectIn low
	.set	STROBE, 0x01
	.set	INTERRUPTS, 0x10
	.set	INPUT, 0x20
	.set	EPP_READS, 0x24		# nInit and nSelectIn high, data lines are inputs
	.set	ECR_PS2, 0x34
	.set	ECR_EPP, 0x94

	.code16
	.globl	_start
_start:	cli
	cld
	xorw	%bx, %bx		# bl: has it an ECR?
	movw	%bx, %ds
	movw	%bx, %es
	movw	%bx, %ss
	movw	$0x7c00, %sp
	movw	LPT1, %bp
	movw	$PAGE, %di
	movw	$head, %si
	call	append
	call	keeps_data
	jne	nothing
	call	find_ecp
	call	find_ps2
	call	find_epp
	movw	$tail, %si
	call	append
	call	print
nothing: cli
	hlt
	jmp	nothing

# ---- what the port can do ---------------------------------------------------

# ZF: DATA reads as what was written to it.
keeps_data:
	movb	$0x55, %al
	call	keeps
	jne	1f
	movb	$0xaa, %al
keeps:	movw	%bp, %dx
	movb	%al, %ah
	outb	%al, %dx
	inb	%dx, %al
	cmpb	%al, %ah
1:	ret

# An ECR shows an empty FIFO and keeps a mode, but not the bit of emptiness.
find_ecp:
	leaw	ECR(%bp), %dx
	inb	%dx, %al
	andb	$3, %al
	cmpb	$1, %al
	jne	1f
	movb	$ECR_PS2, %al
	outb	%al, %dx
	inb	%dx, %al
	cmpb	$ECR_PS2 | 1, %al
	jne	1f
	incb	%bl
	movw	$ecp, %si
	call	append
1:	ret

# Data lines that are inputs do not show what is written.
find_ps2:
	movb	$IDLE | INPUT, %al
	call	control
	call	keeps_data
	je	1f
	movw	$ps2, %si
	call	append
1:	movb	$IDLE, %al
	jmp	control

# No printer answers an EPP cycle: its time-out shows that there was one.
find_epp:
	movb	$ECR_EPP, %al
	call	ecr
	movb	$EPP_READS, %al
	call	control
	call	clear_timeout
	testb	$1, %al
	jnz	1f
	leaw	EPP_ADDRESS(%bp), %dx
	inb	%dx, %al
	call	status
	testb	$1, %al
	jz	1f
	movw	$epp, %si
	call	append
	call	clear_timeout
1:	movb	$ECR_PS2, %al
	call	ecr
	movb	$IDLE, %al
	jmp	control

# Some chips want a 1, some a 0, some a read. al: STATUS afterwards.
clear_timeout:
	call	status
	orb	$1, %al
	outb	%al, %dx
	andb	$0xfe, %al
	outb	%al, %dx
status:	leaw	STATUS(%bp), %dx
	inb	%dx, %al
	ret

control: leaw	CONTROL(%bp), %dx
	outb	%al, %dx
	ret

ecr:	testb	%bl, %bl
	jz	1f
	leaw	ECR(%bp), %dx
	outb	%al, %dx
1:	ret

# ---- printing ---------------------------------------------------------------

# The text at si, with its last 0, to di.
append:	lodsb
	stosb
	testb	%al, %al
	jnz	append
	decw	%di
	ret

print:	movw	$acknowledged, IRQ7_VECTOR
	movw	$0, IRQ7_VECTOR + 2
	inb	$PIC_MASK, %al
	andb	$0x7f, %al
	outb	%al, $PIC_MASK
	movw	$PAGE, %si
	call	send
1:	sti
	hlt
	cli
	testw	%si, %si
	jnz	1b
	ret

# IRQ 7. si: the next byte, 0 when the page is printed.
acknowledged:
	pushw	%ax
	pushw	%dx
	call	send
	movb	$0x20, %al
	outb	%al, $PIC
	popw	%dx
	popw	%ax
	iret

send:	call	status
	testb	$0x80, %al		# nBusy
	jz	send
	lodsb
	testb	%al, %al
	jz	1f
	movw	%bp, %dx
	outb	%al, %dx
	movb	$IDLE | INTERRUPTS | STROBE, %al
	call	control
	movb	$IDLE | INTERRUPTS, %al
	jmp	control
1:	xorw	%si, %si
	ret

head:	.asciz	"A guest found: SPP"
ecp:	.asciz	" ECP"
ps2:	.asciz	" PS/2"
epp:	.asciz	" EPP"
tail:	.asciz	"\r\n"

	.org	510
	.word	0xaa55
