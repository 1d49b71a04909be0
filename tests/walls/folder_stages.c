/*
 * The stages of a worker that was taken over, with a folder of this machine.
 * Worker, of the tests only.
 */
#include "remote/folder.h"
#include "tests/walls/attack.h"

int __real_folder_new(struct folder **out, int dirfd,
    const struct folder_hooks *hooks, struct msg_ready *ready,
    struct ferry_error *err);
int __wrap_folder_new(struct folder **out, int dirfd,
    const struct folder_hooks *hooks, struct msg_ready *ready,
    struct ferry_error *err);

int
__wrap_folder_new(struct folder **out, int dirfd,
    const struct folder_hooks *hooks, struct msg_ready *ready,
    struct ferry_error *err)
{
	int rc = __real_folder_new(out, dirfd, hooks, ready, err);

	attack_all("ready");
	return rc;
}

int __real_folder_step(struct folder *f, const struct msg_step *step, int fd,
    struct msg_done *done, struct ferry_error *err);
int __wrap_folder_step(struct folder *f, const struct msg_step *step, int fd,
    struct msg_done *done, struct ferry_error *err);

int
__wrap_folder_step(struct folder *f, const struct msg_step *step, int fd,
    struct msg_done *done, struct ferry_error *err)
{
	int rc;

	if (step->op != STEP_PUT || step->length < ATTACK_LARGE)
		return __real_folder_step(f, step, fd, done, err);
	targets.file = fd;
	attack_all("sending");
	attack_misbehave();
	targets.file = -1; /* it is the engine's now */
	rc = __real_folder_step(f, step, fd, done, err);
	attack_all("sent");
	return rc;
}
