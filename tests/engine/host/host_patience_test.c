/* SPDX-License-Identifier: MIT */
/*
 * Who waits in line while bytes of somebody else move. The worker's step is taken over
 * by the linker: it never says that there is something to wait for, so that no busy
 * machine makes a pause of its own.
 */
#include <openparport/codes.h>

#include "host_rig.h"

#define PATIENCE_US 20000u /* much less than all the bytes take */
#define MANY_BYTES  (64u << 20)

static struct rig rig;
static struct asker a, b;

enum opp_step __real_opp_request_step(struct opp_host_port *port, struct opp_host_req *req,
				      uint64_t now_us, uint32_t budget_ns);
enum opp_step __wrap_opp_request_step(struct opp_host_port *port, struct opp_host_req *req,
				      uint64_t now_us, uint32_t budget_ns);

enum opp_step __wrap_opp_request_step(struct opp_host_port *port, struct opp_host_req *req,
				      uint64_t now_us, uint32_t budget_ns)
{
	const enum opp_step step = __real_opp_request_step(port, req, now_us, budget_ns);

	return step == OPP_STEP_WAIT ? OPP_STEP_AGAIN : step;
}

static void device_in_line(void **state)
{
	static uint8_t book[MANY_BYTES];

	(void)state;
	rig_start(&rig, "output=/dev/null");
	asker_open(&rig, &a, "anna");
	asker_open(&rig, &b, "berta");
	assert_int_equal(opp_host_open_device(rig.port, &a.client, OPP_PLACE_RAW), OPP_SUCCESS);
	a.client.device->device.lock_timeout_us = PATIENCE_US;
	assert_int_equal(asker_write(&rig, &b, true, book, sizeof(book), RIG_FOREVER_US),
			 OPP_PENDING);
	rig_wait_some_written(&rig);
	assert_int_equal(asker_ask(&rig, &a,
				   &(struct opp_host_req){
					   .kind = OPP_HOST_DOCUMENTED,
					   .contract = { .major = IRP_MJ_INTERNAL_DEVICE_CONTROL,
							 .code = IOCTL_INTERNAL_LOCK_PORT } }),
			 OPP_PENDING);
	assert_int_equal(asker_wait(&a, 1), OPP_DEVICE_BUSY);
	assert_int_equal(rig_holder(&rig), b.client.number);
	assert_true(opp_host_cancel(rig.port, &b.req));
	assert_int_equal(asker_wait(&b, 1), OPP_CANCELLED);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "C-128 DEVICE_BUSY comes while another client's bytes move", device_in_line, NULL,
		  NULL, NULL },
	};

	return cmocka_run_group_tests_name("patience in line", tests, NULL, NULL);
}
