/* Which steps of an FTP pool may be in flight together.  Hub; no I/O. */
#ifndef PUBLISH_FAR_ORDER_H
#define PUBLISH_FAR_ORDER_H

#include <stdbool.h>

#include "remote/worker_msg.h"

enum far_order {
	FAR_IN_ORDER, /* behind all before it, ahead of all behind it */
	FAR_LOOSE, /* with any whose paths are not its own, above or below */
	FAR_URGENT, /* loose, and worth a session of its own */
};

bool far_order_together(const struct msg_step *a, enum far_order order_a,
    const struct msg_step *b, enum far_order order_b);

#endif
