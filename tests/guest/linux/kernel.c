/* SPDX-License-Identifier: MIT */
/*
 * The part of Linux that hands out ports, for one port and one client at a time;
 * and the way in for bench.c. linux_source.py compiles it, with Linux's headers.
 *
 * Of what it does to the wire one thing is not as in Linux 6.1: a device of a
 * daisy chain that acknowledges its selection is selected, not missing.
 */
#include <linux/parport.h>
#include <linux/parport_pc.h>

/* ---- waiting ------------------------------------------------------------------------- */

static struct timer_list *running;

void mod_timer(struct timer_list *timer, unsigned long expires)
{
	timer->expires = expires;
	timer->pending = true;
	running = timer;
}

int del_timer_sync(struct timer_list *timer)
{
	return timer->pending;
}

void up(struct semaphore *semaphore)
{
	semaphore->count++;
}

/* Nobody but the timer would end the wait: interrupts are counted, not delivered. */
int down_interruptible(struct semaphore *semaphore)
{
	while (semaphore->count == 0) {
		while (time_before(jiffies, running->expires))
			bench_wait_us(1000);
		running->pending = false;
		running->ring(running);
	}
	semaphore->count--;
	return 0;
}

/* ---- ports --------------------------------------------------------------------------- */

struct parport *parport_register_port(unsigned long base, int irq, int dma,
				      struct parport_operations *ops)
{
	struct parport *port = calloc(1, sizeof(*port));

	if (!port)
		exit(1);
	port->base = base;
	port->irq = irq;
	port->dma = dma;
	port->ops = ops;
	port->name = "parport0";
	port->muxport = port->daisy = port->muxsel = -1;
	port->physport = port;
	port->spintime = DEFAULT_SPIN_TIME;
	port->ieee1284.mode = IEEE1284_MODE_COMPAT;
	port->ieee1284.phase = IEEE1284_PH_FWD_IDLE;
	return port;
}

void parport_del_port(struct parport *port)
{
	free(port);
}

void parport_announce_port(struct parport *port)
{
	parport_daisy_init(port);
}

void parport_remove_port(struct parport *port)
{
	parport_daisy_fini(port);
}

struct parport *parport_get_port(struct parport *port)
{
	return port;
}

void parport_put_port(struct parport *port)
{
	(void)port;
}

irqreturn_t parport_irq_handler(int irq, void *dev_id)
{
	(void)irq, (void)dev_id;
	return IRQ_HANDLED;
}

int __parport_register_driver(struct parport_driver *driver, struct module *module,
			      const char *name)
{
	(void)driver, (void)module, (void)name;
	return 0;
}

/* ---- devices -------------------------------------------------------------------------- */

struct pardevice *parport_register_dev_model(struct parport *port, const char *name,
					     const struct pardev_cb *callbacks, int number)
{
	struct pardevice *device = calloc(1, sizeof(*device));

	(void)callbacks, (void)number;
	if (!device)
		exit(1);
	device->name = name;
	device->port = port;
	device->daisy = -1;
	device->timeout = 5 * HZ;
	device->state = calloc(1, sizeof(*device->state));
	if (!device->state)
		exit(1);
	port->ops->init_state(device, device->state);
	return device;
}

void parport_unregister_device(struct pardevice *device)
{
	free(device->state);
	free(device);
}

int parport_claim_or_block(struct pardevice *device)
{
	struct parport *port = device->port;

	port->cad = device;
	if (device->daisy >= 0 && parport_daisy_select(port, device->daisy, IEEE1284_MODE_COMPAT))
		port->daisy = device->daisy;
	port->ops->restore_state(port, device->state);
	return 0;
}

void parport_release(struct pardevice *device)
{
	struct parport *port = device->port;

	if (device->daisy >= 0) {
		parport_daisy_deselect_all(port);
		port->daisy = -1;
	}
	port->cad = NULL;
	port->ops->save_state(port, device->state);
}

/* ---- the way in ------------------------------------------------------------------------- */

static int known(int number)
{
	return number < 0 ? 0 : number;
}

bool linux_probe(struct bench_facts *facts)
{
	struct parport *port = parport_pc_probe_port(BENCH_BASE, BENCH_ECP_BASE, PARPORT_IRQ_AUTO,
						     PARPORT_DMA_AUTO, NULL, 0);
	const struct parport_pc_private *chip;

	if (!port)
		return false;
	chip = port->private_data;
	*facts = (struct bench_facts){
		.modes = port->modes,
		.ecr = chip->ecr,
		.irq = known(port->irq),
		.dma = known(port->dma),
		.fifo_words = chip->fifo_depth,
	};
	if (chip->fifo_depth) {
		facts->write_threshold = chip->writeIntrThreshold;
		facts->read_threshold = chip->readIntrThreshold;
		facts->word_bytes = chip->pword;
	}
	return true;
}
