/* SPDX-License-Identifier: MIT */
/*
 * Device nodes through CUSE: a session of the kernel's a node, and the handlers of
 * the mount's files (open.c) behind each. What is different stands here: how a node
 * comes to be, and that an ioctl's data are asked for when it is known how many there
 * are, which lets lp's ioctls have some.
 */
#include "cuse.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "channel.h"
#include "file.h"
#include "lp_ioctl.h"
#include "node.h"
#include "open.h"
#include "say.h"
#include "service.h"

#define CUSE            "/dev/cuse"
#define DEV             "/dev/"
#define PATH_BYTES      64
#define INFO_BYTES      (PATH_BYTES + sizeof("DEVNAME="))
#define HERE_PATH_BYTES 32

struct opp_cuse_node {
	TAILQ_ENTRY(opp_cuse_node) link;
	struct opp_channel channel;
	struct opp_node node; /* the mount's file that it is */
	char path[PATH_BYTES];
};

/* ---- requests ------------------------------------------------------------------------ */

static void begin(void *context, struct fuse_conn_info *connection)
{
	(void)context;
	connection->max_write = OPP_WRITE_BYTES;
}

static void open_node(fuse_req_t request, struct fuse_file_info *info)
{
	const struct opp_cuse_node *cuse = fuse_req_userdata(request);

	opp_open_file(&cuse->node, request, info->flags);
}

static void read_node(fuse_req_t request, size_t size, off_t offset, struct fuse_file_info *info)
{
	opp_open_read(request, 0, size, offset, info);
}

static void write_node(fuse_req_t request, const char *bytes, size_t count, off_t offset,
		       struct fuse_file_info *info)
{
	opp_open_write(request, 0, bytes, count, offset, info);
}

static void poll_node(fuse_req_t request, struct fuse_file_info *info,
		      struct fuse_pollhandle *handle)
{
	opp_open_poll(request, 0, info, handle);
}

static void release_node(fuse_req_t request, struct fuse_file_info *info)
{
	opp_open_release(request, 0, info);
}

static struct iovec argument_of(void *argument, size_t bytes)
{
	return (struct iovec){ .iov_base = argument, .iov_len = bytes };
}

/* The kernel moves no data of an ioctl before it is told how many bytes, and asks again then. */
static void ioctl_node(fuse_req_t request, int code, void *argument, struct fuse_file_info *info,
		       unsigned flags, const void *in, size_t in_room, size_t out_room)
{
	const struct opp_ioctl_sizes sizes =
		opp_ioctl_sizes((unsigned)code, flags & FUSE_IOCTL_COMPAT);
	const struct iovec in_place = argument_of(argument, sizes.in_bytes);
	const struct iovec out_place = argument_of(argument, sizes.out_bytes);

	if (in_room >= sizes.in_bytes && out_room >= sizes.out_bytes)
		opp_open_ioctl(request, 0, (unsigned)code, argument, info, flags, in, in_room,
			       out_room);
	else if (opp_open_refuses(info, (unsigned)code))
		fuse_reply_err(request, EINVAL);
	else
		fuse_reply_ioctl_retry(request, &in_place, sizes.in_bytes ? 1 : 0, &out_place,
				       sizes.out_bytes ? 1 : 0);
}

static const struct cuse_lowlevel_ops operations = {
	.init = begin,
	.open = open_node,
	.read = read_node,
	.write = write_node,
	.ioctl = ioctl_node,
	.poll = poll_node,
	.release = release_node,
};

/* ---- making a node --------------------------------------------------------------------- */

static bool say(const char *path, const char *what)
{
	opp_say(OPP_SAID_REFUSED, NULL, "%s: %s", path, what);
	return false;
}

static bool make_session(struct opp_cuse_node *node)
{
	char program[] = "parportd";
	char *arguments[] = { program };
	struct fuse_args args = FUSE_ARGS_INIT(1, arguments);
	char device[INFO_BYTES];
	const char *about[] = { device };
	const struct cuse_info info = {
		.dev_info_argc = 1,
		.dev_info_argv = about,
		.flags = CUSE_UNRESTRICTED_IOCTL,
	};

	snprintf(device, sizeof(device), "DEVNAME=%s", node->path + strlen(DEV));
	/* In names of devices a '!' stands for a '/'. */
	for (char *c = device; *c; c++)
		if (*c == '/')
			*c = '!';
	node->channel.session = cuse_lowlevel_new(&args, &info, &operations, node);
	return node->channel.session;
}

/* libfuse takes a descriptor that is open already by the name it has in /dev/fd. */
static bool connect_session(struct opp_cuse_node *node)
{
	char here[HERE_PATH_BYTES];
	int fd = open(CUSE, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		opp_say(OPP_SAID_REFUSED, NULL, CUSE ": %s; is the kernel's module cuse loaded?",
			strerror(errno));
		return false;
	}
	snprintf(here, sizeof(here), "/dev/fd/%d", fd);
	if (fuse_session_mount(node->channel.session, here) == 0)
		return true;
	close(fd);
	return say(node->path, "cannot make it");
}

static bool give_to_users(const struct opp_cuse_node *node)
{
	const struct opp_config *config = node->channel.service->config;
	struct stat about;

	if (stat(node->path, &about) < 0 || !S_ISCHR(about.st_mode))
		return say(node->path, "the kernel has not made it; is /dev its devtmpfs?");
	if (chown(node->path, config->user, config->group) < 0 ||
	    chmod(node->path, config->mode) < 0)
		return say(node->path, strerror(errno));
	return true;
}

static bool make_node(struct opp_cuse_node *node)
{
	struct stat about;

	if (lstat(node->path, &about) == 0)
		return say(node->path, "there is such a file already, another driver's perhaps");
	/* The kernel's first request asks what to make. */
	return make_session(node) && connect_session(node) &&
	       opp_channel_serve_one(&node->channel) && give_to_users(node);
}

/* ---- all of them ----------------------------------------------------------------------- */

/* Of a port, with the names that Linux's ppdev and lp would give them. */
static const struct {
	enum opp_node_kind kind;
	const char *name;
} made[] = {
	{ OPP_NODE_PPDEV, "parport" },
	{ OPP_NODE_LPT, "lp" },
};

static struct opp_cuse_node *new_node(struct opp_served_port *port, size_t which)
{
	struct opp_service *service = port->service;
	struct opp_cuse_node *node = calloc(1, sizeof(*node));

	if (!node) {
		say(service->config->devices, "no memory");
		return NULL;
	}
	node->channel.service = service;
	node->node = (struct opp_node){
		.kind = made[which].kind,
		.service = service,
		.present = true,
		.port = port,
		.channel = &node->channel,
	};
	if (node->node.kind == OPP_NODE_LPT) {
		node->node.device = &port->devices[OPP_PLACE_END_OF_CHAIN];
		node->node.raw = true;
	}
	snprintf(node->path, sizeof(node->path), "%s/%s%" PRIu32, service->config->devices,
		 made[which].name, port->config.host.number);
	TAILQ_INSERT_TAIL(&service->nodes, node, link);
	return node;
}

static bool add_nodes(struct opp_served_port *port)
{
	for (size_t which = 0; which < sizeof(made) / sizeof(made[0]); which++) {
		struct opp_cuse_node *node = new_node(port, which);

		if (!node || !make_node(node))
			return false;
	}
	return true;
}

bool opp_cuse_start(struct opp_service *service)
{
	struct opp_served_port *port;

	if (!service->config->devices)
		return true;
	OPP_PORTS_FOREACH(port, service)
		if (!add_nodes(port))
			return false;
	return true;
}

bool opp_cuse_watch(struct opp_service *service)
{
	struct opp_cuse_node *node;

	TAILQ_FOREACH(node, &service->nodes, link)
		if (!opp_channel_watch(&node->channel))
			return false;
	return true;
}

void opp_cuse_unwatch(struct opp_service *service)
{
	struct opp_cuse_node *node;

	TAILQ_FOREACH(node, &service->nodes, link)
		opp_channel_unwatch(&node->channel);
}

static void end_node(struct opp_cuse_node *node)
{
	TAILQ_REMOVE(&node->channel.service->nodes, node, link);
	if (node->channel.session)
		fuse_session_destroy(node->channel.session);
	free(node);
}

void opp_cuse_end(struct opp_service *service)
{
	struct opp_cuse_node *node = TAILQ_FIRST(&service->nodes);
	struct opp_cuse_node *next;

	for (; node; node = next) {
		next = TAILQ_NEXT(node, link);
		end_node(node);
	}
}

/* ---- of one port, while it runs ----------------------------------------------------------- */

static bool has_nodes(const struct opp_served_port *port)
{
	const struct opp_cuse_node *node;

	TAILQ_FOREACH(node, &port->service->nodes, link)
		if (node->node.port == port)
			return true;
	return false;
}

/* Nobody will tell that they are closed. */
static void discard_files(const struct opp_cuse_node *node)
{
	struct opp_file *file = TAILQ_FIRST(&node->channel.service->files);
	struct opp_file *next;

	for (; file; file = next) {
		next = TAILQ_NEXT(file, link);
		if (file->channel == &node->channel)
			opp_file_discard(file);
	}
}

void opp_cuse_remove(struct opp_served_port *port)
{
	struct opp_cuse_node *node = TAILQ_FIRST(&port->service->nodes);
	struct opp_cuse_node *next;

	for (; node; node = next) {
		next = TAILQ_NEXT(node, link);
		if (node->node.port != port)
			continue;
		discard_files(node);
		opp_channel_unwatch(&node->channel);
		end_node(node);
	}
}

void opp_cuse_add(struct opp_served_port *port)
{
	struct opp_cuse_node *node;
	bool well;

	if (!port->service->config->devices || has_nodes(port))
		return;
	well = add_nodes(port);
	TAILQ_FOREACH(node, &port->service->nodes, link)
		if (well && node->node.port == port)
			well = opp_channel_watch(&node->channel);
	if (!well)
		opp_cuse_remove(port);
}

void opp_cuse_give_to_users(struct opp_service *service)
{
	struct opp_cuse_node *node;

	TAILQ_FOREACH(node, &service->nodes, link)
		(void)give_to_users(node);
}
