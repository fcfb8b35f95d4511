/* SPDX-License-Identifier: MIT
 *
 * What SIGINT, SIGTERM and SIGHUP do.
 *
 * Until there is a picture to save, any of them ends the program at once, as a failure: the exit
 * code 130 says that a picture was saved. From then on the first cancels the session, which stops
 * after the evaluation at work, and the next one ends the program at once. Only while a temporary
 * file is on the disk that has to wait, until the file is complete or removed; whoever writes it
 * looks whether to give up. And while a picture goes to a pipe or a device, which may never take
 * it, the first signal ends the program, too.
 *
 * SIGINT and SIGTERM are caught even where they come in ignored, as a shell's background jobs have
 * them; SIGHUP then is not (nohup). Writes that cannot succeed are to fail, not to kill: SIGPIPE
 * and SIGXFSZ are ignored.
 */
#ifndef STYLIZE_CLI_SIGNALS_H
#define STYLIZE_CLI_SIGNALS_H

#include <stdbool.h>

#include "transfer/stylize.h"

#define EXIT_ENDED 1 /* the status of a program that a signal ended at once */

/* The first thing that a program does: from here on no signal ends it by itself. */
void signals_begin(void);

/* Signals wait from before the program starts itself again until signals_begin in the new one; not
 * those of a program that has not called that. */
void signals_wait_for_exec(bool whether);

/* For what takes long, or may leave files behind: says more when it ends. Writes that cannot
 * succeed fail from now on. */
void signals_catch(void);

/* A stylize_observer, without a user: from the first iteration on there is a picture to save, and
 * the first signal cancels the session. */
int signals_observe(void *user, stylize_session *session, const stylize_event *event);

/* For a list of pictures, in threads: the first signal asks all sessions to stop that are observed
 * so, the next one ends the program. */
void signals_catch_for_list(void);
int signals_observe_in_list(void *user, stylize_session *session, const stylize_event *event);

/* The session is about to be freed: no signal may reach it any more. */
void signals_forget(void);

/* Whether a signal has asked the session to stop. */
bool signals_stop_asked(void);

/* From hold to release, in any thread, nothing ends the program; a signal that should have does so
 * on release. */
void signals_hold(void);
void signals_release(void);

/* From true to false a picture of a single run goes where nobody may take it. */
void signals_await_reader(bool whether);

/* Whether one waits for the release. */
bool signals_end_asked(void);

/* The picture is saved: all signals have their ordinary effect again. */
void signals_let_go(void);

#endif
