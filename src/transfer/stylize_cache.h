/* SPDX-License-Identifier: MIT
 *
 * A part of stylize.h: what sessions that paint many pictures in few styles need not find out
 * again.
 *
 *     stylize_cache *cache = stylize_cache_new(256 << 20, &err);
 *     stylize_session_set_cache(session, cache);        each session, in any thread
 *     ...
 *     stylize_cache_free(cache);
 */
#ifndef STYLIZE_CACHE_H
#define STYLIZE_CACHE_H

#include "stylize.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What networks have learnt of styles, by their pixels, size, masks, network and all else that it
 * follows from: a session that finds it there has the same bits without an analysis. */
typedef struct stylize_cache stylize_cache;

/* Of at most so many bytes: what was used longest ago goes first. NULL with *err when memory is
 * short. Free it after the sessions that have it. */
STYLIZE_API stylize_cache *stylize_cache_new(uint64_t most_bytes, stylize_error *err);
STYLIZE_API void stylize_cache_free(stylize_cache *self);

/* Before the session's first step; NULL for none. Sessions at work in several threads may have one
 * cache. What it may grow by is planned with the session. */
STYLIZE_API void stylize_session_set_cache(stylize_session *self, stylize_cache *cache);

#ifdef __cplusplus
}
#endif

#endif
