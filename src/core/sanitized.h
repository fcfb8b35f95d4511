/* SPDX-License-Identifier: MIT
 *
 * Whether this is built with a sanitizer that watches memory or threads: SANITIZED is 1 or 0.
 */
#ifndef STYLIZE_CORE_SANITIZED_H
#define STYLIZE_CORE_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
