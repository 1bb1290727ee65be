/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include <openparport/hosted/parportd_ioctl.h>

#include "by_id.h"
#include "call.h"
#include "file.h"
#include "own_ioctl.h"
#include "service.h"

/* A scan that is found on the wire at two looks so far apart has had its time. */
#define LOOK_S 2

void opp_device_name(const struct opp_served_device *device, bool raw, char name[OPP_NAME_BYTES])
{
	const uint32_t number = device->port->config.host.number + 1;

	if (raw)
		snprintf(name, OPP_NAME_BYTES, "lpt%" PRIu32, number);
	else
		snprintf(name, OPP_NAME_BYTES, "lpt%" PRIu32 ".%u", number, device->place);
}

/* ---- arrivals and departures -------------------------------------------------------- */

void opp_directory_changed(struct opp_service *service)
{
	clock_gettime(CLOCK_REALTIME, &service->changed);
}

static bool is_of(const struct opp_file *file, const struct opp_served_device *device)
{
	return file->device == device && !file->raw;
}

/* All of its files first, so that none has its turn because another one has lost its own. */
static void put_out_files(struct opp_served_device *device)
{
	struct opp_service *service = device->port->service;
	struct opp_file *file;

	TAILQ_FOREACH(file, &service->files, link)
		file->departed |= is_of(file, device);
	TAILQ_FOREACH(file, &service->files, link)
		if (is_of(file, device))
			file->ops->depart(file);
}

static void depart(struct opp_served_device *device)
{
	opp_monitor_device(device, "departed");
	device->present = false;
	device->link[0] = '\0';
	opp_directory_changed(device->port->service);
	put_out_files(device);
}

static void arrive(struct opp_served_device *device, const char *id)
{
	snprintf(device->id, sizeof(device->id), "%s", id);
	opp_by_id_choose(device);
	device->present = true;
	opp_directory_changed(device->port->service);
	opp_monitor_device(device, "arrived");
}

void opp_served_devices_depart(struct opp_served_port *port)
{
	for (uint8_t place = 0; place < OPP_SCAN_PLACES; place++)
		if (port->devices[place].present)
			depart(&port->devices[place]);
}

/* Another id is another device. */
static void heed(struct opp_served_device *device, bool present, const char *id)
{
	const bool stays = device->present && present && strcmp(device->id, id) == 0;

	if (device->present && !stays)
		depart(device);
	if (present && !stays)
		arrive(device, id);
}

/* The device at the end is there when it says who it is (CONTRACT S-60). */
static void heed_all(struct opp_served_port *port)
{
	const struct opp_scan *scan = &port->scanner.scan;
	const char *end_id = scan->id[OPP_PLACE_END_OF_CHAIN];

	for (uint8_t place = 0; place < OPP_CHAIN_DEVICES; place++)
		heed(&port->devices[place], place < scan->devices, scan->id[place]);
	heed(&port->devices[OPP_PLACE_END_OF_CHAIN], end_id[0], end_id);
}

/* ---- a scan ---------------------------------------------------------------------------- */

/* Context: any thread. */
static void on_scanned(struct opp_host_req *request, enum opp_status status)
{
	struct opp_scanner *scanner = OPP_NODE(request, struct opp_scanner, request);

	scanner->status = status;
	opp_post(scanner->loop, &scanner->ended);
}

/* Context: any thread. */
static void on_left(struct opp_host_client *client)
{
	struct opp_scanner *scanner = OPP_NODE(client, struct opp_scanner, client);

	opp_post(scanner->loop, &scanner->left);
}

bool opp_served_devices_are_looked_for(const struct opp_served_port *port)
{
	const struct opp_scanner *scanner = &port->scanner;
	struct opp_ioc_status status;

	opp_host_status(port->host, &status);
	return scanner->under_way &&
	       (!status.holder.client || status.holder.client == scanner->client.number);
}

static void look_later(struct opp_scanner *scanner)
{
	const struct timeval later = { .tv_sec = LOOK_S };

	evtimer_add(scanner->limit, &later);
}

static void on_limit(evutil_socket_t fd, short what, void *context)
{
	struct opp_served_port *port = context;
	struct opp_scanner *scanner = &port->scanner;
	const bool holds = opp_served_devices_are_looked_for(port);

	(void)fd;
	(void)what;
	if (holds && scanner->was_holding)
		opp_host_cancel(port->host, &scanner->request);
	else
		look_later(scanner);
	scanner->was_holding = holds;
	opp_calls_settle(port->service);
}

static void submit(struct opp_served_port *port)
{
	struct opp_scanner *scanner = &port->scanner;
	enum opp_status status;

	memset(&scanner->request, 0, sizeof(scanner->request));
	scanner->request.kind = OPP_HOST_SCAN;
	scanner->request.job = true;
	scanner->request.client = &scanner->client;
	scanner->request.complete = on_scanned;
	scanner->request.scan = &scanner->scan;
	scanner->request.most_devices = port->config.host.daisy_devices;
	scanner->was_holding = false;
	look_later(scanner);
	status = opp_host_submit(port->host, &scanner->request);
	/* Pending, it may have ended by now, and said how. */
	if (status != OPP_PENDING)
		on_scanned(&scanner->request, status);
}

static void begin(struct opp_served_port *port)
{
	struct opp_scanner *scanner = &port->scanner;
	struct opp_call *call;

	scanner->again = false;
	if (port->leaving)
		return;
	memset(&scanner->client, 0, sizeof(scanner->client));
	scanner->client.pid = getpid();
	scanner->client.kind = OPP_IOC_WHO_SERVICE;
	snprintf(scanner->client.name, sizeof(scanner->client.name), "parportd");
	if (opp_host_open(port->host, &scanner->client) != OPP_SUCCESS)
		return;
	scanner->under_way = true;
	TAILQ_FOREACH(call, &scanner->waiting, link)
		call->done = 1;
	submit(port);
}

static void on_ended(struct opp_post *post)
{
	struct opp_scanner *scanner = OPP_NODE(post, struct opp_scanner, ended);
	struct opp_served_port *port = OPP_NODE(scanner, struct opp_served_port, scanner);

	evtimer_del(scanner->limit);
	/* A scan that was cut short says nothing of those whom it did not reach. */
	if (scanner->status == OPP_SUCCESS || scanner->status == OPP_UNSUCCESSFUL)
		heed_all(port);
	opp_host_close(port->host, &scanner->client, false, on_left);
}

/* Who asked when it had begun waits for the next one. */
static void tell_waiting(struct opp_scanner *scanner)
{
	const struct opp_ioc_scan answer = {
		.status = scanner->status,
		.devices = scanner->scan.devices,
		.end = scanner->scan.id[OPP_PLACE_END_OF_CHAIN][0] != '\0',
	};
	struct opp_call *call;

	while ((call = TAILQ_FIRST(&scanner->waiting)) && call->done) {
		TAILQ_REMOVE(&scanner->waiting, call, link);
		opp_call_end_ioctl(call, &answer, sizeof(answer));
	}
}

/* They may wait once more. */
static void try_behind(struct opp_scanner *scanner)
{
	struct opp_call_list calls = TAILQ_HEAD_INITIALIZER(calls);
	struct opp_call *call;

	TAILQ_CONCAT(&calls, &scanner->behind, link);
	while ((call = TAILQ_FIRST(&calls))) {
		const struct opp_ioctl ioctl = { .code = call->code,
						 .in = call->bytes,
						 .in_bytes = call->count };

		TAILQ_REMOVE(&calls, call, link);
		(void)opp_own_ioctl(call->file, opp_call_take(call).request, &ioctl);
		opp_call_forget(call);
	}
}

static void on_all_left(struct opp_post *post)
{
	struct opp_scanner *scanner = OPP_NODE(post, struct opp_scanner, left);
	struct opp_served_port *port = OPP_NODE(scanner, struct opp_served_port, scanner);

	scanner->under_way = false;
	tell_waiting(scanner);
	try_behind(scanner);
	if (scanner->again && !scanner->under_way)
		begin(port);
	else if (scanner->rested)
		scanner->rested(port);
}

void opp_served_devices_scan(struct opp_served_port *port)
{
	if (port->scanner.under_way)
		port->scanner.again = true;
	else
		begin(port);
}

static void give_up(struct opp_call *call)
{
	TAILQ_REMOVE(&call->file->port->scanner.waiting, call, link);
	opp_call_end_error(call, call->error);
}

void opp_served_devices_scan_for(struct opp_file *file, fuse_req_t request)
{
	struct opp_call *call = opp_call_park(file, opp_kernel_asks(request), NULL, 0, give_up);

	if (!call)
		return;
	TAILQ_INSERT_TAIL(&file->port->scanner.waiting, call, link);
	opp_served_devices_scan(file->port);
}

static void give_up_behind(struct opp_call *call)
{
	TAILQ_REMOVE(&call->file->port->scanner.behind, call, link);
	opp_call_end_error(call, call->error);
}

void opp_served_devices_try_behind(struct opp_file *file, fuse_req_t request,
				   const struct opp_ioctl *ioctl)
{
	struct opp_call *call = opp_call_park(file, opp_kernel_asks(request), ioctl->in,
					      ioctl->in_bytes, give_up_behind);

	if (!call)
		return;
	call->code = ioctl->code;
	TAILQ_INSERT_TAIL(&file->port->scanner.behind, call, link);
}

/* ---- life ------------------------------------------------------------------------------- */

bool opp_served_devices_init(struct opp_served_port *port)
{
	struct opp_scanner *scanner = &port->scanner;

	for (uint8_t place = 0; place < OPP_SCAN_PLACES; place++) {
		port->devices[place].port = port;
		port->devices[place].place = place;
		TAILQ_INIT(&port->devices[place].jobs);
	}
	TAILQ_INIT(&scanner->waiting);
	TAILQ_INIT(&scanner->behind);
	scanner->loop = &port->service->loop;
	scanner->ended.run = on_ended;
	scanner->left.run = on_all_left;
	scanner->limit = evtimer_new(scanner->loop->base, on_limit, port);
	return scanner->limit;
}

void opp_served_devices_release(struct opp_served_port *port)
{
	if (port->scanner.limit)
		event_free(port->scanner.limit);
}
