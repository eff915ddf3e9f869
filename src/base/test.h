/*
 * For x_test.c files only: cmocka with what it needs in front of it, and
 * assertions on our own types.
 */
#ifndef BASE_TEST_H
#define BASE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"

#define assert_str(s, z)                \
 do {                                   \
  struct str assert_s_ = (s);           \
  char *assert_z_ = str_dup(assert_s_); \
  assert_string_equal(assert_z_, (z));  \
  free(assert_z_);                      \
 } while (0)

#define assert_ok(call) assert_int_equal((call), ST_OK)

#endif
