/*
 * What the parts of the login share: login.c, the order of things; the ways to
 * log in, login_ways.c; and the words for what fails, login_words.c.  Hub;
 * included by them only.
 */
#ifndef REMOTE_LOGIN_PARTS_H
#define REMOTE_LOGIN_PARTS_H

#include "remote/login.h"

enum login_state {
	LOGIN_STARTING = 1 << 9, /* the worker has not said what confines it */
	LOGIN_PROVING = 1 << 0, /* the server has not said who it is */
	LOGIN_OUR_TURN = 1 << 1, /* to judge, or to choose how to log in */
	LOGIN_OFFERING = 1 << 2, /* it has not said what it takes */
	LOGIN_BY_KEY = 1 << 3,
	LOGIN_SIGNING = 1 << 4, /* our turn: a SIGN waits for its answer */
	LOGIN_BY_PASSWORD = 1 << 5,
	LOGIN_BY_PROMPTS = 1 << 6,
	LOGIN_ASKED = 1 << 7, /* our turn: PROMPTS wait for their answers */
	LOGIN_DONE = 1 << 8,
};

/* Send what is in door->out; the answer leads out of this state. */
int login_ask(
    struct login *l, enum login_state state, int pass, struct ferry_error *err);

/* WALL, a worker's first message, whatever it speaks. */
int login_on_wall(void *ctx, struct buf_reader *body, struct ferry_error *err);

/* READY into l->ready; and, where nothing more is to be judged, logged in. */
int login_get_ready(
    struct login *l, struct buf_reader *body, struct ferry_error *err);
int login_on_ready(void *ctx, struct buf_reader *body, struct ferry_error *err);

/* LOGIN_PASSWORD into door->out, if the worker is still there. */
int login_put_password(
    struct login *l, const struct secret *password, struct ferry_error *err);

/* Does the server take this method now? */
bool login_offers(const struct login *l, const char *method);
bool login_offers_password(const struct login *l);

/*
 * 0: logged in (LOGIN_DONE), or the server wants more.  By password also means
 * by keyboard-interactive.
 */
int login_by_key(struct login *l, struct ferry_error *err);
int login_by_password(struct login *l, struct ferry_error *err);

/* All return -ferry_ELOGIN. */
int login_key_refused(const struct login *l, struct ferry_error *err);
int login_password_refused(const struct login *l, struct ferry_error *err);
/* Nothing that we have is wanted. */
int login_stuck(const struct login *l, struct ferry_error *err);
/* There is no secret: say what it would have been for.  Returns rc. */
int login_no_secret(const struct login *l, int rc, struct ferry_error *err);

#endif
