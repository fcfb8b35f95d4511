/* SPDX-License-Identifier: MIT
 *
 * Whether the tests run under a sanitizer, which takes memory and address space of its own: figures
 * of memory are then only printed.
 */
#ifndef STYLIZE_TESTS_SANITIZED_H
#define STYLIZE_TESTS_SANITIZED_H

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
